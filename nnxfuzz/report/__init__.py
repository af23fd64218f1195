"""A finding for people: text, script, issue, drawing, page."""
