"""Rules W3, W15 and W16 for records: named tuples and dataclasses of the carry."""

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Bind,
    Case,
    Drop,
    ListSlot,
    Make,
    NoneSlot,
    OfStatic,
    RecordSlot,
    Statement,
    Swap,
    TupleSlot,
)


def named(slot: RecordSlot) -> Case:
    return Case(carry=(slot, NoneSlot()))


def moving(statement: Statement) -> Case:
    slots = (TupleSlot((1, 2)), ListSlot((3,)), NoneSlot(), RecordSlot({"a": 4}), NoneSlot())
    return Case(carry=slots, body=(statement,))


#: The statement, the rule that it breaks, and where it says what.
MOVES: list[tuple[Statement, int, str, str]] = [
    (Swap(("carry", 0), ("carry", 1)), 15, "at", "carry[0]"),
    (Bind(("carry", 1), ("carry", 0, 0)), 15, "source", "carry[0][0]"),
    (Make(("carry", 0, 0), OfStatic()), 16, "at", "carry[0][0]"),
    (Drop(("carry", 0, 0)), 16, "at", "carry[0][0]"),
]

BROKEN: Broken = [
    *(
        (
            3,
            named(slot),
            f"$.carry[0].items.{name}: the name '{name}' is a method of a {slot.kind}; use another",
        )
        for name, slot in [
            ("count", RecordSlot({"count": 1})),
            ("index", RecordSlot({"index": 1})),
            ("replace", RecordSlot({"replace": 1}, "dataclass")),
        ]
    ),
    *(
        (
            rule,
            moving(statement),
            f"$.body[0].{side}: {name} is or holds a record, which stays where it is; "
            "name an entry of the record",
        )
        for statement, rule, side, name in MOVES
    ),
]


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN)
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize(
    "case",
    [
        named(RecordSlot({"replace": 1})),
        named(RecordSlot({"count": 1}, "dataclass")),
        moving(Bind(("carry", 0, 0, "a"), ("carry", 1))),
        moving(Swap(("carry", 1), ("carry", 0, 0, "a"))),
    ],
)
def test_a_case_that_keeps_the_rules_passes(case: Case) -> None:
    passes(case)
