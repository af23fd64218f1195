"""A program alive: its objects, and one trip of its body."""
