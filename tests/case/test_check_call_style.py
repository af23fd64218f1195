"""Rule W26 has cases that break just it, each with its whole sentence."""

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    CallStyle,
    Case,
    Form,
    Input,
    OfArray,
    OfVariable,
    Raise,
    Variable,
)
from nnxfuzz.programs.case.types import Array

ONE = Input(OfArray(Array(shape=(1,))))
CLOSURE = Case((Variable(),), closure=(OfVariable(0),), call_style=CallStyle(earlier="mode"))

BROKEN: Broken = [
    *(
        (
            26,
            Case(inputs=(ONE,), form=Form(style="keyword"), call_style=CallStyle(body=kind)),
            f"$.call_style.body: a body of the kind '{kind}' has no names for its parameters; "
            "let it be a 'function', or call it by 'style' 'call'",
        )
        for kind in ("partial", "object", "wrapper", "module")
    ),
    *(
        (
            26,
            Case(body=(Raise(),), call_style=CallStyle(earlier=earlier)),
            "$.call_style.earlier: the body breaks a rule, so that the earlier loop may be "
            "refused; leave it out, or keep to statements that only update",
        )
        for earlier in ("chained", "mode")
    ),
    (
        26,
        CLOSURE,
        "$.call_style.earlier: the earlier loop has objects of its own, and the body has a "
        "closure; use 'chained', or empty the closure",
    ),
]

SOUND: dict[str, Case] = {
    "an object, and inputs in their places": Case(
        inputs=(ONE,), call_style=CallStyle(body="object")
    ),
    "keywords left out": Case(
        inputs=(ONE,), form=Form(style="keyword"), call_style=CallStyle("config")
    ),
    "the same loop before": Case(
        (Variable(),), closure=(OfVariable(0),), call_style=CallStyle(earlier="chained")
    ),
    "a loop in another mode before": Case(call_style=CallStyle(earlier="mode")),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN)
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("name", SOUND)
def test_a_case_that_keeps_the_rule_passes(name: str) -> None:
    passes(SOUND[name])
