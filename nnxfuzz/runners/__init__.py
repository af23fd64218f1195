"""How an arm's arrays are computed: three ways to run one `staged` function.

`trace` explores (no compilation), `eager` and `jit` confirm (compiled by XLA).  A finding of
`trace` counts for nothing until one of the other two shows it.
"""

from nnxfuzz.runners.run import EXECUTORS, Executor, Observed, confirming, observe

__all__ = ["EXECUTORS", "Executor", "Observed", "confirming", "observe"]
