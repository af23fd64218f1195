"""What Flax comes to without a transform: in a constructor, and in what a body calls of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.failures import failure_of, origin
from nnxfuzz.oracle.verdict import REFUSALS, Failure
from nnxfuzz.programs.live.body import BodyRaised


class FlaxFailed(Inconclusive):
    """A plain eager call of Flax failed, and should not have: `failure`.

    No loop is needed for it, so there is nothing to compare; but it is a finding by itself.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__("Flax refuses the Python loop itself", failure.message)
        self.failure = failure


@contextmanager
def called_by_itself(fit: bool = False) -> Iterator[None]:
    """What Flax does within is done in plain Python: a constructor, or what a body calls.

    What it refuses gives no right answer to compare with; where it fails with what is no refusal,
    or refuses what is `fit` to be called, `FlaxFailed` says so.  What the program raises is raised
    again, and a fault of ours too, though a frame of Flax may be on its traceback.
    """
    try:
        yield
    except (BodyRaised, Inconclusive):
        raise
    except Exception as error:
        failure = failure_of(error)
        if not failure.function or origin(error) == "ours":
            raise
        if fit or (failure.error not in REFUSALS and origin(error) == "flax"):
            raise FlaxFailed(failure) from error
        raise Inconclusive("Flax refuses the Python loop itself", str(error)) from error
