"""Mutation testing of Flax's loops: small changes to its source that the fuzzer should notice.

`operators` are the changes, `scope` where they are made, `overlay` a Flax with one of them,
`stream` the programs and what the Flax as it is makes of them, `hunt` one mutant against these,
`parent` all mutants, `theirs` Flax's own tests on the same, and `report` what came of it.
`../mutation.py` is the command.
"""
