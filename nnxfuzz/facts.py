"""What the reference run saw, as data: the facts that the contract's records ask about.

A fact is about the program, found by running it as Python; it never comes from an error message.
"""

from nnxfuzz.case import Data


class Changes(Data, frozen=True):
    """How the carry that a trip returned differs from the carry that it was given."""

    #: Container shapes, attribute names, static attributes, Variable types or metadata.
    structure: bool = False
    #: The dtype or shape of an array, or of a Variable's value.
    avals: bool = False
    #: At some path stands another Variable than before.
    variables: bool = False
    #: At some path stands another node than before.
    nodes: bool = False

    def __or__(self, other: "Changes") -> "Changes":
        return Changes(
            self.structure or other.structure,
            self.avals or other.avals,
            self.variables or other.variables,
            self.nodes or other.nodes,
        )


class Facts(Data, frozen=True):
    """Facts about one case under one mode.

    A loop that makes no trip (`no_trip`) is tried for one trip on objects of its own, because the
    transforms trace the body even then; `changed`, `closure_written` and `raised` are of that.
    """

    changed: Changes = Changes()
    #: One Variable is reachable by two paths of the carry that is passed in.
    variables_aliased: bool = False
    #: One node is reachable by two paths of the carry that is passed in.
    nodes_aliased: bool = False
    #: A bare Variable stands in the carry, outside of any node.
    bare_variables: bool = False
    #: A node of the carry holds an array that is in no Variable.
    raw_arrays: bool = False
    #: A node of the case reaches itself.
    cyclic: bool = False
    #: The body writes to an object that it reaches by closure.
    closure_written: bool = False
    #: The loop makes no trip in Python.
    no_trip: bool = False
    #: The body raises: the exception's type.
    raised: str | None = None
    #: `unroll` is given and the bounds are traced.
    unrolls_traced_bounds: bool = False
    #: Some float result was rounded, so equality is up to the tolerance of its dtype.
    rounded: bool = False
    #: The largest finite magnitude of any float that was computed: the scale of that tolerance.
    scale: float = 1.0
