"""What a judged call comes to, as data."""

from typing import Literal

from nnxfuzz.checker.sites import Site
from nnxfuzz.programs.case import Data, Mode

#: What a call comes to in a mode.
Kind = Literal[
    "same",
    "deviates",
    "refused",
    "different",
    "unexplained refusal",
    "internal error",
    "inconclusive",
    "not judged",
]

#: What a verdict may warn of.  `key-reuse`: one key is handed out, or drawn from, twice, or
#: split and drawn from, by the plain run as well.
#: `unequal-replicas`: devices hold other numbers of what is one array to jax.  `outdated-argument`:
#: what `nnx.cached_partial` or `nnx.jit_partial` was given has been changed since.
Warned = Literal["key-reuse", "unequal-replicas", "outdated-argument"]

#: The kinds that are findings, the worst first.
FINDINGS: tuple[Kind, ...] = ("different", "internal error", "unexplained refusal")

#: All kinds, the one that says most of a call site first.
ORDER: tuple[Kind, ...] = (*FINDINGS, "deviates", "refused", "inconclusive", "not judged", "same")


class Verdict(Data, frozen=True):
    """What one call comes to in one mode.

    `told` is one sentence: what differs, what is dropped, why it is refused or not judged.
    `paths` are the places that it is about, as the program writes them, and `lines` the evidence.
    `record` names the documented reason or deviation, and `way_out` says what can be done.
    `aspects` says what differs there: value, not finite, dtype, identity and so on.  `tolerance`
    says where that of the numbers is from, if it is not the table.  `warnings` are names and
    sentences about what is no fault of the transform.
    """

    kind: Kind
    told: str = ""
    paths: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    record: str = ""
    way_out: str = ""
    aspects: tuple[str, ...] = ()
    tolerance: str = ""
    warnings: tuple[tuple[Warned, str], ...] = ()

    @property
    def is_finding(self) -> bool:
        """Whether it breaks the promise."""
        return self.kind in FINDINGS


class Judged(Data, frozen=True):
    """One judged call: where it stands, and its verdict in the mode in use and in others."""

    site: Site
    transform: str
    mode: Mode
    verdicts: dict[Mode, Verdict]
