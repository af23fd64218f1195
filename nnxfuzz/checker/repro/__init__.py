"""A finding of a user's as a small stand-alone script.

`capture` makes a draft of a call: the objects that it reaches as expressions, the user's functions
and classes as source (`source`).  `draft` is that as data, and writes the script.  `smaller` drops
what the difference does not need, `finds` runs the script in a clean process and saves it.
"""
