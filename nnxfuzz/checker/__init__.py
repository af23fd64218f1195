"""Check a user's own program: each call of an NNX transform against its plain meaning.

`api` has the functions, `program` runs a script, `lazily` waits until the program imports Flax.
The program gets Flax's own results, and runs as it would without the check.

The package is not named `check`, which is a function of `nnxfuzz`.
"""
