"""Rule W26 has cases that break just it, each with its whole sentence."""

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Case,
    Form,
    Input,
    Manner,
    OfArray,
    OfVariable,
    Raise,
    Variable,
)
from nnxfuzz.programs.case.types import Array

ONE = Input(OfArray(Array(shape=(1,))))
CLOSURE = Case((Variable(),), closure=(OfVariable(0),), manner=Manner(earlier="mode"))

BROKEN: Broken = [
    *(
        (
            26,
            Case(inputs=(ONE,), form=Form(style="keyword"), manner=Manner(body=kind)),
            f"$.manner.body: a body of the kind '{kind}' has no names for its parameters; "
            "let it be a 'function', or call it by 'style' 'call'",
        )
        for kind in ("partial", "object", "wrapper", "module")
    ),
    *(
        (
            26,
            Case(body=(Raise(),), manner=Manner(earlier=earlier)),
            "$.manner.earlier: the body breaks a rule, so that the earlier loop may be refused; "
            "leave it out, or keep to statements that only update",
        )
        for earlier in ("chained", "mode")
    ),
    (
        26,
        CLOSURE,
        "$.manner.earlier: the earlier loop has objects of its own, and the body has a closure; "
        "use 'chained', or empty the closure",
    ),
]

SOUND: dict[str, Case] = {
    "an object, and inputs in their places": Case(inputs=(ONE,), manner=Manner(body="object")),
    "keywords left out": Case(inputs=(ONE,), form=Form(style="keyword"), manner=Manner("config")),
    "the same loop before": Case(
        (Variable(),), closure=(OfVariable(0),), manner=Manner(earlier="chained")
    ),
    "a loop in another mode before": Case(manner=Manner(earlier="mode")),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN)
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("name", SOUND)
def test_a_case_that_keeps_the_rule_passes(name: str) -> None:
    passes(SOUND[name])
