"""A case survives the way through JSON, and every document is a case or one clear error."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from documents import (
    arbitrary_documents,
    conforming_documents,
    nearly_valid_documents,
)
from hypothesis import HealthCheck, example, given, seed, settings
from hypothesis import strategies as st

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Attribute,
    Call,
    Case,
    CaseError,
    DictSlot,
    Everywhere,
    Form,
    Index,
    Input,
    Linear,
    Loop,
    Make,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Output,
    Part,
    Read,
    ScalarSlot,
    Sequence,
    Swap,
    Train,
    TreePath,
    TupleSlot,
    Until,
    Update,
    Variable,
    VariableSlot,
    Within,
    canonical,
    check,
    decode_case,
    digest,
    encode,
    problems,
    schema,
)
from nnxfuzz.programs.case.codec import MAX_BYTES
from nnxfuzz.programs.case.limits import MAX_TEXT
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.strategies.layers import linear_configs

EXAMPLES = [
    Case(),
    Case(  # google/flax #4436
        nodes=(Module(), Module()),
        carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1)),
    ),
    Case(
        variables=(
            Variable("Cache", Array("int32", (2,), -3), "é\"'", (None,), "get"),
            Variable(),
            Variable(value=Array(shape=(2,))),
        ),
        nodes=(
            Module({"p": OfVariable(0), "self": OfNode(0), "on": OfStatic(True)}),
            Sequence((OfVariable(0), OfStatic(None))),
            Linear(),
            Module({"p": OfVariable(2)}),
        ),
        carry=(
            DictSlot({"z": 1, "a": 2, "m": 3}),
            NodeSlot(0),
            ScalarSlot(-0.5),
            ArraySlot(Array("bfloat16", (1,), "-inf")),
        ),
        closure=(OfNode(2), OfVariable(1)),
        loop=Loop(-1, 1, unroll=True, reverse=True),
        inputs=(
            Input(OfArray(Array("float32", (2, 2)))),
            Input(OfNode(3), (Part(0, "Param"), Part())),
        ),
        form=Form(1, packed=True, length=2, partition="é"),
        body=(
            Update(("carry", "z", "p"), "mul", Read(("inputs", 0))),
            Within(0, "cond", at=("inputs", 1, "p")),
            Make(("carry", "z", "new"), OfStatic("text")),
            Swap(("carry", "a"), ("carry", "m")),
        ),
        blocks=((Everywhere(("carry", "z"), 2),),),
        ys=(Output(Index()), Output(Read(("carry", "z", "p"), total=True), -1)),
    ),
    Case(
        variables=(Variable(),),
        carry=(VariableSlot(0),),
        loop=Loop(0, 3, "traced", until=Until(("carry",), 2)),
        body=(Update(("carry",), dtype="int32", style="setitem"),),
    ),
]
DIGESTS = ["44136fa3", "a1f172b5", "7471f42f", "37cf08fb"]
VALIDATOR = jsonschema.Draft202012Validator(schema())
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
configs = linear_configs().map(lambda config: Case(nodes=(Linear(config),)))
cases = st.sampled_from(EXAMPLES) | configs


def refusal(document: bytes) -> str:
    with pytest.raises(CaseError) as raised:
        decode_case(document)
    return str(raised.value)


# --- writing --------------------------------------------------------------------------------


@given(cases)
@relaxed
def test_a_case_survives_the_way_through_json(case: Case) -> None:
    text = encode(case)
    assert decode_case(text) == case
    assert encode(decode_case(text)) == text


def test_names_keep_their_order() -> None:
    slot = decode_case(encode(EXAMPLES[2])).carry[0]
    assert isinstance(slot, DictSlot)
    assert list(slot.items) == ["z", "a", "m"]


def test_equal_cases_have_one_text_however_they_were_made() -> None:
    # msgspec alone leaves a default out only if it is the very same object.
    made = Case((Variable(value=Array()),), (), (TupleSlot(()),), loop=Loop(int("0"), True + 0))
    assert encode(made) == encode(Case((Variable(),))) == b'{"variables":[{}]}'
    assert digest(made) == digest(Case((Variable(),)))


def test_numbers_that_python_calls_equal_stay_apart() -> None:
    values: tuple[Any, ...] = (0, 0.0, False, 1, 1.0, True)
    texts = [encode(Case(carry=(ScalarSlot(value),))) for value in values]
    assert len(set(texts)) == len(values)
    for text, value in zip(texts, values, strict=True):
        slot = decode_case(text).carry[0]
        assert isinstance(slot, ScalarSlot)
        assert type(slot.value) is type(value)


def test_the_canonical_text_is_sorted_and_compact() -> None:
    assert canonical({"b": (1, None), "a": Loop(upper=2, lower=-1)}) == (
        b'{"a":{"lower":-1,"upper":2},"b":[1,null]}'
    )
    assert canonical(EXAMPLES[1]) == (
        b'{"carry":[{"is":"tuple","items":[1,2]},{"is":"node","node":0},{"is":"node","node":1}],'
        b'"nodes":[{"is":"module"},{"is":"module"}]}'
    )


def test_digests_stay_as_they_are() -> None:
    # They name the files of every corpus: a change here renames them all.
    assert [digest(case) for case in EXAMPLES] == DIGESTS


def test_the_order_of_names_does_not_change_the_digest() -> None:
    forth, back = (
        Module({"a": OfStatic(), "b": OfNode(0)}),
        Module({"b": OfNode(0), "a": OfStatic()}),
    )
    assert digest(Case(nodes=(forth,))) == digest(Case(nodes=(back,)))


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 10**5000], ids=["nan", "inf", "huge"]
)
def test_what_json_cannot_hold_is_not_written(value: float) -> None:
    with pytest.raises(CaseError, match=r"at \$\.carry\[0\]\.value: .* is out of range"):
        encode(Case(carry=(ScalarSlot(value),)))


def test_the_largest_well_formed_case_can_be_read() -> None:
    name = "n" * MAX_TEXT
    text = "\U0001f600" * MAX_TEXT
    static = OfStatic(text)
    wide: dict[str, Attribute] = {name[:-2] + f"{k:02}": static for k in range(15)}
    path: TreePath = ("carry", *(name,) * 15)
    nodes = (Module({name: OfNode(0)} | wide), *(Module({"m" + name[1:]: static} | wide),) * 30)
    partition = (text,) * 4
    case = Case(
        variables=(Variable(value=Array(shape=(1,) * 4), tag=text, names=partition),) * 32,
        nodes=(*nodes, Linear()),
        carry=(NodeSlot(0),),
        body=(Swap(path, path),) * 64,
        blocks=((Everywhere(path, 1000, "merge"),) * 16,) * 4,
    )
    check(case)
    assert decode_case(encode(case)) == case
    # What this case cannot have, as its long path leads to no array and no optimizer.
    longer: list[tuple[object, object, int]] = [(Train(path, path, path), Swap(path, path), 64)]
    longer += [(Update(path, operand=Call(path, path)), Everywhere(path), 64)]
    longer += [(Output(Call(path, path)), "", 8)]
    longer += [(Input(OfNode(31), (Part(-1, "Intermediate", name),) * 4), "", 8)]
    more = sum((len(canonical(one)) - len(canonical(other))) * n for one, other, n in longer)
    assert MAX_BYTES // 2 < len(encode(case)) + more < MAX_BYTES


# --- reading --------------------------------------------------------------------------------

SCHEMA = "write it as `nnxfuzz schema` says"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"", "$: it is no JSON, Expecting value at line 1, column 1; correct the text there"),
        (
            b'{"loop":{}',
            "$: it is no JSON, Expecting ',' delimiter at line 1, column 11; "
            "correct the text there",
        ),
        (b"{}\n{}", "$: it is no JSON, Extra data at line 2, column 1; correct the text there"),
        (b'{"a":"\xff"}', "$: byte 6 is no UTF-8; write the file as UTF-8"),
        (b"[" * 100_000, "$: it is nested too deeply; a case needs eight levels"),
        (b"9" * 5000, "$: it holds an integer of thousands of digits; use a small one"),
        (b" " * (MAX_BYTES + 1), "$: it has more than 524288 bytes; make it smaller"),
        (b"[]", f"$: Expected `object`, got `array`; {SCHEMA}"),
        (b'{"bogus":1}', f"$: Object contains unknown field `bogus`; {SCHEMA}"),
        (b'{"loop":{"lower":1.0}}', f"$.loop.lower: Expected `int`, got `float`; {SCHEMA}"),
        (b'{"loop":{"lower":true}}', f"$.loop.lower: Expected `int`, got `bool`; {SCHEMA}"),
        (b'{"loop":{"lower":NaN}}', f"$.loop.lower: Expected `int`, got `float`; {SCHEMA}"),
        (b'{"nodes":[{"is":"x"}]}', f"$.nodes[0].is: Invalid value 'x'; {SCHEMA}"),
        (b'{"nodes":[{}]}', f"$.nodes[0]: Object missing required field `is`; {SCHEMA}"),
        (
            b'{"body":[{"is":"drop","at":["carry",null]}]}',
            f"$.body[0].at[1]: Expected `int | str`, got `null`; {SCHEMA}",
        ),
        (
            b'{"carry":[{"is":"tuple"},{"a":{"b":1,"c":2,"b":3}}]}',
            "$.carry[1].a: the key 'b' is given twice; keep one of them",
        ),
        (
            b'{"variables":[{},{"tag":"\\ud800"}]}',
            "$.variables[1].tag: it holds half of a surrogate pair; escape the whole character",
        ),
        (
            b'{"\\udfff":1}',
            "$: it holds half of a surrogate pair; escape the whole character",
        ),
    ],
)
def test_a_bad_document_is_told_in_one_sentence(document: bytes, sentence: str) -> None:
    assert refusal(document) == f"ill-formed case at {sentence} (rule W0)"


@pytest.mark.parametrize("number", ["1e999", "NaN", "-Infinity", "9" * 4000])
def test_numbers_without_a_value_are_refused_where_they_stand(number: str) -> None:
    document = f'{{"carry":[{{"is":"scalar","value":{number}}}]}}'.encode()
    assert refusal(document).startswith("ill-formed case at $.carry[0].value: ")


def test_whole_characters_may_be_escaped() -> None:
    document = b'{"variables":[{"tag":"\\ud83d\\ude00"}]}'
    assert decode_case(document) == Case((Variable(tag="\U0001f600"),))


def test_an_unknown_name_is_quoted_in_part() -> None:
    assert len(refusal(b'{"' + b"x" * 100_000 + b'":1}')) < 400


def test_the_rules_are_applied_to_what_was_read() -> None:
    assert refusal(b'{"carry":[{"is":"node","node":3}]}') == (
        "ill-formed case at $.carry[0].node: there is no row 3 in nodes; "
        "nodes has no rows, so name one of them or add one (rule W7)"
    )


# --- every document -------------------------------------------------------------------------


def a_case_or_a_misuse(document: bytes) -> None:
    try:
        case = decode_case(document)
    except Misuse as error:
        assert isinstance(error, CaseError)
        assert error.path.startswith("$")
        assert str(error).isascii() or error.rule == 0
        return
    assert problems(case) == []
    assert decode_case(encode(case)) == case


@given(conforming_documents())
@settings(relaxed, max_examples=200)
def test_documents_of_the_right_shape(document: bytes) -> None:
    VALIDATOR.validate(json.loads(document))
    a_case_or_a_misuse(document)


@given(nearly_valid_documents(cases))
@settings(relaxed, max_examples=300)
def test_documents_that_are_nearly_valid(document: bytes) -> None:
    a_case_or_a_misuse(document)


@given(arbitrary_documents())
@settings(relaxed, max_examples=200)
@example(b'{"nodes":[{"is":"\\udfff"}]}')
def test_arbitrary_documents(document: bytes) -> None:
    a_case_or_a_misuse(document)


@pytest.mark.slow
def test_the_documents_reach_cases_and_rules() -> None:
    """The properties above would say little if every document failed in the same way."""
    missing = {-1, 0, 1, 3, 4, 5, 6, 7, 8, 10, 11}

    def collect(number: int) -> None:
        @seed(number)
        @given(conforming_documents() | nearly_valid_documents(cases))
        @settings(relaxed, max_examples=300, database=None, derandomize=False)
        def run(document: bytes) -> None:
            try:
                decode_case(document)
                missing.discard(-1)
            except CaseError as error:
                missing.discard(error.rule)

        run()

    for number in range(10):
        if missing:
            collect(number)
    assert not missing


@given(linear_configs())
@relaxed
def test_configurations_of_layers_stay_small(config: Any) -> None:
    assert 1 <= config.in_features <= 3
    assert 1 <= config.out_features <= 3
