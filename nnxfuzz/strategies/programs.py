"""Whole programs: a draft of objects and carry, a loop, its inputs, a body, outputs.

Two programs of five are plain; each of the others is about one theme, so that none is rare.
"""

import msgspec
from hypothesis import strategies as st

from nnxfuzz.programs.case import (
    CHOICES,
    Case,
    Choice,
    Input,
    Loop,
    Module,
    OfNode,
    OfVariable,
    Output,
    Statement,
    Until,
    Update,
    trips,
)
from nnxfuzz.programs.case.check_refs import reasons
from nnxfuzz.programs.case.places import Holder, candidates, input_thing, reached
from nnxfuzz.strategies.bodies import Author, some_trips, trip_counts
from nnxfuzz.strategies.breaking import breaking
from nnxfuzz.strategies.carries import carry, stopping
from nnxfuzz.strategies.forms import call_style, form, outputs, simple_form, simple_outputs
from nnxfuzz.strategies.graphs import EACH_THEME, THEMES, Draft, Draw, Theme
from nnxfuzz.strategies.inputs import inputs, simple_inputs
from nnxfuzz.strategies.sources import holds
from nnxfuzz.strategies.training import training_programs


@st.composite
def programs(
    draw: Draw, features: frozenset[Choice] = frozenset(CHOICES), about: Theme | None = None
) -> Case:
    """Well-formed programs that need and are about no more than `features`; all `about` one theme,
    if one is given.
    """
    themes = [theme for theme in EACH_THEME if theme == "plain" or theme in features]
    theme: Theme = about or draw(st.sampled_from(themes))
    if theme == "training":
        case: Case = draw(training_programs(features))
        return case
    draft = Draft(draw, features, theme)
    carry(draft)
    shape = draft.pick(*THEMES[theme].loops)
    if shape == "until":
        stopping(draft)
    case = _before_the_body(draft, shape)
    author = Author(draft, case)
    if shape == "until":
        case = msgspec.structs.replace(case, loop=_with_until(author, case.loop))
    return _finished(author, case, shape)


def _before_the_body(draft: Draft, shape: str) -> Case:
    """The case as far as a body can name its places."""
    loop = _loop(draft, shape)
    given: tuple[Input, ...] = ()
    if shape == "inputs":
        given = (inputs if THEMES[draft.theme].rich else simple_inputs)(draft, trips(loop))
    closure = _closure(draft)
    return Case(
        variables=tuple(draft.variables),
        nodes=tuple(draft.nodes),
        carry=tuple(draft.carry),
        closure=closure,
        loop=loop,
        inputs=given,
    )


def _finished(author: Author, case: Case, shape: str) -> Case:
    draft = author.draft
    body, blocks = _body(author)
    ys: tuple[Output, ...] = ()
    if shape == "inputs":
        ys = outputs(author, body) if THEMES[draft.theme].rich else simple_outputs(author, body)
    whole: Case = msgspec.structs.replace(
        case,
        variables=tuple(draft.variables),
        nodes=tuple(draft.nodes),
        body=body,
        blocks=blocks,
        ys=ys,
    )
    if shape == "inputs":
        asked = (form if draft.about_scans else simple_form)(draft, whole)
        whole = msgspec.structs.replace(whole, form=asked)
    whole = msgspec.structs.replace(whole, call_style=call_style(draft, whole))
    return _referring(draft, whole) if draft.features >= {"array-refs", "setitem"} else whole


def _referring(draft: Draft, case: Case) -> Case:
    """The case; in one program of five that can have it, its Variables hold references; in half of
    those that write to them, and in most of those whose slices they can be, which few are.
    """
    body = tuple(_in_place(case, statement) for statement in case.body)
    changed: Case = msgspec.structs.replace(case, body=body)
    barred = reasons(changed)
    common = ["refs"] * (3 if _sliced(changed) - barred.keys() else 1)
    plain = ["plain"] * (1 if changed != case or len(common) > 1 else 4)
    if len(barred) == len(case.variables) or draft.pick(*plain, *common) == "plain":
        return case
    variables = tuple(
        msgspec.structs.replace(variable, ref=row not in barred)
        for row, variable in enumerate(case.variables)
    )
    referring: Case = msgspec.structs.replace(changed, variables=variables)
    return referring


def _sliced(case: Case) -> set[int]:
    """The Variables below the inputs."""
    below = [thing for row in case.inputs for _, thing in reached(case, (), input_thing(case, row))]
    return {thing.row for thing in below if isinstance(thing, Holder) and thing.row is not None}


def _in_place(case: Case, statement: Statement) -> Statement:
    """The statement; a Variable below the inputs or the closure is written by `v[...] = x`."""
    if not isinstance(statement, Update) or statement.at[0] == "carry":
        return statement
    held = candidates(case, statement.at, {})
    if all(isinstance(thing, Holder) and thing.form == "variable" for thing in held):
        return msgspec.structs.replace(statement, style="setitem")
    return statement


def _body(author: Author) -> tuple[tuple[Statement, ...], tuple[tuple[Statement, ...], ...]]:
    """Statements, and in one program of four among them one that breaks a rule."""
    draft = author.draft
    statements = author.updates()
    blocks: tuple[tuple[Statement, ...], ...] = ()
    if draft.theme == "inner":
        within, blocks = author.within()
        statements.append(within)
    if "breaking" in draft.features and draft.pick("keep", "keep", "keep", "break") == "break":
        statements.insert(draft.count(len(statements)), breaking(author))
    return tuple(statements), blocks


def _loop(draft: Draft, shape: str) -> Loop:
    lower = draft.draw(st.sampled_from((0, 0, 0, 2, -1)))
    trips_made = draft.theme == "sow" or (draft.theme, shape) == ("inner", "inputs")
    upper = lower + draft.draw(some_trips if trips_made else trip_counts)
    match shape:
        case "inputs":
            unroll = draft.draw(st.sampled_from((None, None, None, 2, True, 7)))
            return Loop(lower, upper, unroll=unroll, reverse=draft.count(1) == 1)
        case "unroll":
            return Loop(lower, upper, unroll=draft.draw(st.sampled_from((1, 2, True, False, 7))))
        case "traced":
            unroll = draft.draw(st.sampled_from((None, None, None, None, 2)))
            return Loop(lower, upper, "traced", unroll)
        case _:
            return Loop(lower, upper)


def _closure(draft: Draft) -> tuple[OfVariable | OfNode, ...]:
    """In one program of four, an object that the carry does not reach."""
    special = (draft.theme,) * 4 if draft.theme in ("streams", "layers") else ()
    match draft.pick(*("none",) * 6, "variable", "node", "node", *special):
        case "variable":
            return (OfVariable(draft.new_variable()),)
        case "node":
            return (OfNode(draft.add_node(Module({"a": OfVariable(draft.new_variable())}))),)
        case "streams":
            return (OfNode(draft.new_streams()),)
        case "layers":
            return (OfNode(draft.new_layer()),)
        case _:
            return ()


def _with_until(author: Author, loop: Loop) -> Loop:
    """A stop by what an integer place holds (floats may be rounded or not a number)."""
    places = [p for p in author.sources.targets if p.array and p.array.dtype == "int32"]
    places = [p for p in places if holds(p) == "variable"] or places
    if not places:
        return loop
    at = author.sources.one(places).path
    return Loop(loop.lower, loop.upper, until=Until(at, author.draft.count(6)))
