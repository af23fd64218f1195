"""What a run of one arm comes to, as data: worlds, differences, verdicts, signatures.

Only data: `world` fills worlds from live objects, `judge` makes verdicts of them.
"""

import ast
import re
from typing import TYPE_CHECKING, Any, Literal

from nnxfuzz.programs.case import Arm, Data, Tagged, TreePath, place_name

if TYPE_CHECKING:  # a command that only shows an entry starts in half the time without it
    import numpy as np

Role = Literal["node", "variable", "array", "static", "container"]
Aspect = Literal[
    "missing",
    "extra",
    "kind",
    "identity",
    "metadata",
    "static",
    "dtype",
    "shape",
    "value",
    "tracer",
]
FindingKind = Literal[
    "wrong-world", "spurious-refusal", "internal-error", "poisoned-state", "crash", "hang"
]


#: Exceptions by which Flax and jax refuse a program on purpose.
REFUSALS = ("ValueError", "TypeError", "TraceContextError", "NotImplementedError")


#: How the detail of a Variable ends that holds a reference to its array.
BY_REFERENCE = " by reference"

#: What is told of a value that is no array of jax, before the devices that one is on, and of its
#: type, if that is not weak or is.
NO_ARRAYS = ("one of numpy", "a number of Python")
ON = "on "
WEAKNESS = ("of a dtype of its own", "of a weak type")

#: How that of a Variable ends that was left in a trace, so that nothing can be written to it.
OF_A_TRACE = " of a trace that is over"


class Entry(Data, frozen=True):
    """What stands at one path of a world.

    `identity` names the object by the first path at which it was met: before the loop, or after it
    with the prefix "new" (nodes and Variables only); two paths of equal identity are one object.
    `detail` is the metadata of a Variable, which attributes of a node are data, the value of a
    static attribute, the length or keys of a container.  `array` is what a Variable or array holds
    (None elsewhere, or if it is a leaked tracer; so is a node that counts as one of a trace that is
    over).  Numbers that differ by at most `tolerance` are equal, and by more than `reach` unequal;
    between the two the comparison is inconclusive (both 0: exact).  Both are numbers or broadcast
    with the array; see `arithmetic`.
    """

    role: Role
    kind: str
    identity: str | None = None
    detail: str = ""
    array: "np.ndarray | None" = None
    tracer: bool = False
    tolerance: "float | np.ndarray" = 0.0
    reach: "float | np.ndarray" = 0.0


#: All that can be observed after a run.  The first step of a path is its root: `caller` (the
#: objects that were passed in), `closure`, `result`, `ys`, `counter` (of a while_loop), and
#: `held` (every Variable that was there before the loop, by its name then).
World = dict[TreePath, Entry]


class Difference(Data, frozen=True):
    """One aspect of one path that is not as it should be."""

    path: TreePath
    role: Role
    aspect: Aspect
    expected: str
    got: str

    @property
    def where(self) -> str:
        """The place in the terms of a signature: `root role aspect`."""
        return f"{self.path[0]} {self.role} {self.aspect}"

    @property
    def metadata(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What both sides tell of metadata or marks, by name; nothing where that is no literal, as
        a function is none.
        """
        texts = (text.removesuffix(BY_REFERENCE) or "{}" for text in (self.expected, self.got))
        try:
            expected, got = (dict(ast.literal_eval(text)) for text in texts)
        except (SyntaxError, ValueError):
            return {}, {}
        return expected, got


class Failure(Data, frozen=True):
    """An exception that came out of a run: its type, its text, and where Flax raised it.

    `function` is the innermost function of the package `flax` on the traceback (empty if none).
    """

    error: str
    message: str
    function: str = ""

    @property
    def where(self) -> str:
        """What a signature says of it."""
        return f"{self.error} in {self.function or 'jax'}"


class Signature(Data, frozen=True, order=True):
    """What makes two findings the same bug.  Never a stack text or a message.

    `where` is `root role aspect` of the first differing path, or `exception in function`.
    """

    kind: FindingKind
    transform: str
    mode: str
    where: str
    wrapper: str = "plain"

    def __str__(self) -> str:
        around = "" if self.wrapper == "plain" else f" in {self.wrapper}"
        return f"{self.kind} {self.transform} {self.mode}{around}: {self.where}"


class Symptom(Data, frozen=True, order=True):
    """What one run shows of a bug: the signature, and how the exception is worded, if there is one.

    Finer than the signature, which keeps its meaning when a release words a message anew: two
    refusals of one function are two symptoms where they say different things.
    """

    signature: Signature
    words: str = ""


#: So many words of a message tell it from another.
_WORDS = 30


def wording(message: str) -> str:
    """The words of a message's first line, without what differs from program to program: numbers,
    paths, types, what is in brackets, names of a letter or two.
    """
    told, inner = message.strip().partition("\n")[0], ""
    while told != inner:  # brackets stand in brackets
        inner = told
        told = re.sub(r"\([^()]*\)|\S*\[[^\[\]]*\]\S*|'\w{1,2}'|`\w{1,2}`", " ", inner)
    words = (word.strip("'`\".,:;!?") for word in told.split())
    return " ".join([word for word in words if re.fullmatch(_WORD, word)][:_WORDS])


#: A word, or a name of three letters or more.
_WORD = r"[A-Za-z]+('[a-z]+)?|[A-Za-z_]{3,}"


class Agrees(Tagged, frozen=True):
    """The world is the Python loop's.  `warnings` names what is no fault of the transform."""

    warnings: tuple[str, ...] = ()


class Refused(Tagged, frozen=True):
    """Refused, and the contract's record `reason` says why it may."""

    reason: str
    failure: Failure


class Finding(Tagged, frozen=True):
    """A broken promise, with its evidence."""

    arm: Arm
    signature: Signature
    differences: tuple[Difference, ...] = ()
    failure: Failure | None = None

    @property
    def symptom(self) -> Symptom:
        """What makes this finding look like another."""
        failure = self.failure
        return Symptom(self.signature, "" if failure is None else wording(failure.message))


Verdict = Agrees | Refused | Finding


class Cell(Data, frozen=True):
    """What a case came to on one arm: `agrees`, `refused: <record>`, `inconclusive: <cause>`, or a
    signature.
    """

    arm: Arm
    outcome: str


#: Whose code is at fault: the hand-written loop over `jax.lax` tells them apart.
Blame = Literal["flax", "jax"]


#: What a message calls a path of a world: `result[0].a.p`.
dotted = place_name
