"""An exception -> a `Failure`: its type, its text, and the innermost function of Flax.

The innermost function of Flax (not of jax, not of ours) is where a failure "is" for a signature:
it stays the same when a message is reworded, a file renamed or jax moves a line.
"""

import traceback
from pathlib import PurePath

from nnxfuzz.verdict import Failure


def failure_of(error: BaseException) -> Failure:
    """The failure that `error` is; reads its traceback."""
    return Failure(type(error).__name__, str(error), _innermost_flax_function(error))


def _innermost_flax_function(error: BaseException) -> str:
    """The qualified name within its file, such as `WhileLoopBodyFn.__call__`."""
    names = [
        frame.f_code.co_qualname
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if "flax" in PurePath(frame.f_code.co_filename).parts
    ]
    return names[-1] if names else ""
