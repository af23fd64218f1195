"""What a call program may be about: some statements, and objects that these are for.

Most statements need an object that few functions are given.  Left to chance, of 528 pairs of a
transform and a statement 213 are in no program of 1,000.
"""

from dataclasses import dataclass

#: Statements that change what a module holds.
CHANGES = ("attach", "add", "replace", "share", "detach", "swap", "pop")


@dataclass(frozen=True)
class Subject:
    """Statements that belong together, by kind, and the sort of the objects that they are for, if
    it is one that few functions are given (see `call_statements.sort_of`).
    """

    statements: tuple[str, ...]
    sort: str = ""


SUBJECTS = (
    *(Subject((kind,)) for kind in ("update", "let", "make", "cast", "mark", "raise")),
    Subject(("sow", "pop"), "module"),
    *(Subject((kind,), "module") for kind in CHANGES if kind != "pop"),
    Subject(("split", "merge"), "module"),
    Subject(("state", "load"), "module"),
    Subject(("clone",), "module"),
    Subject(("treemap", "load"), "module"),
    Subject(("apply", "turn"), "layer"),
    Subject(("relate",), "Whole"),
    Subject(("random",), "Streams"),
    Subject(("reseed",), "Streams"),
    Subject(("fork",), "Streams"),
    Subject(("step",), "Optimizer"),
    Subject(("measure",), "MultiMetric"),
)

#: Each as often as it has statements, so that each statement has the same chance.
WEIGHTED = tuple(subject for subject in SUBJECTS for _ in subject.statements)
