"""What a case asks of a release: abilities that not every supported Flax release has."""

from collections.abc import Iterator
from typing import Literal, get_args

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.places import Holder, Standing, candidates
from nnxfuzz.programs.case.queries import operands, statements
from nnxfuzz.programs.case.rows import attributes
from nnxfuzz.programs.case.wrappers import has_references

#: `bare-variables`: Variables outside of any module, as carry, input, output or whole of a state.
#: `raw-arrays`: attributes that are arrays.  `setitem`: `v[...] = x`.  `mapping`: `nnx.Dict`.
#: `marks`: `nnx.data` and `nnx.static`.  `rng-fork`: a fork of Rngs.  `rng-split`: split Rngs.
#: `rng-squeeze`: streams that are split into one key without an axis, in call programs.
#: `partition`: names of axes in `transform_metadata`.  `keywords`: scan's inputs by keyword.
#: `prefix`: `nnx.prefix`.
#: `mode-context`: `nnx.set_graph_mode` and `nnx.set_graph_updates`.
#: `array-refs`: Variables that hold a reference to their array.
#: `hijax`: Variables that are values of jax themselves, in call programs.
#: `fori-loop`: `nnx.fori_loop`, inside of a body.
#: `compiled-ahead`: what `nnx.jit` returns is lowered and compiled before it is called.
#: `updates-in-backward`: the backward pass of a `custom_vjp` is given the cotangents of updates.
#: `tree-modules`: modules are trees of jax, in call programs.
#: `hooks`: functions in a Variable's metadata that are called when it is read or written.
Feature = Literal[
    "bare-variables",
    "raw-arrays",
    "setitem",
    "mapping",
    "marks",
    "rng-fork",
    "rng-split",
    "rng-squeeze",
    "partition",
    "keywords",
    "prefix",
    "hooks",
    "array-refs",
    "hijax",
    "mode-context",
    "fori-loop",
    "compiled-ahead",
    "updates-in-backward",
    "tree-modules",
]
FEATURES: tuple[Feature, ...] = get_args(Feature)

#: What most programs of a kind are about: the themes of `strategies`.
About = Literal["scan", "streams", "layers", "training", "state", "sow", "metadata", "inner"]

#: What programs may be about, in any release; a search may leave some out.  `sharing`: one object
#: in several places.  `breaking`: statements that break a rule of the loops.
Topic = Literal["sharing", "breaking", About]
TOPICS: tuple[Topic, ...] = get_args(Topic)

#: What a search may turn on and off.
Choice = Feature | Topic
CHOICES: tuple[Choice, ...] = (*FEATURES, *TOPICS)


def needs(case: t.Case) -> frozenset[Feature]:
    """The features that `case` uses."""
    return frozenset({*_of_objects(case), *_of_the_body(case), *_of_the_form(case)})


def _of_objects(case: t.Case) -> Iterator[Feature]:
    tops: list[object] = [*case.carry, *(row.what for row in case.inputs)]
    tops += [row.value for row in case.ys]
    holders = [n for n in case.nodes if isinstance(n, t.Module | t.Mapping)]
    held = [attribute for node in holders for _, attribute in t.held_by(node)]
    held += [s.what for _, s in statements(case) if isinstance(s, t.Make)]
    marked = (a.marked for _, a in attributes(case) if isinstance(a, t.OfArray | t.OfStatic))
    found: dict[Feature, bool] = {
        "bare-variables": any(_bare(case, top) for top in tops),
        "raw-arrays": any(isinstance(attribute, t.OfArray) for attribute in held),
        "mapping": any(isinstance(node, t.Mapping) for node in case.nodes),
        "marks": any(marked),
        "hooks": any(variable.hook is not None for variable in case.variables),
        "array-refs": has_references(case),
        "rng-split": any(isinstance(n, t.Streams) and n.splits is not None for n in case.nodes),
    }
    yield from (feature for feature, used in found.items() if used)


def _of_the_body(case: t.Case) -> Iterator[Feature]:
    for _, statement in statements(case):
        if isinstance(statement, t.Update) and statement.style == "setitem":
            yield "setitem"
        if isinstance(statement, t.Within) and statement.how == "fori_loop":
            yield "fori-loop"
        if isinstance(statement, t.Within):
            things = [thing for at in statement.args for thing in candidates(case, at, {})]
            if any(isinstance(one, Holder) and one.form == "variable" for one in things):
                yield "bare-variables"
        if isinstance(statement, t.Everywhere):
            yield from _of_a_state(case, statement)
    if any(isinstance(operand, t.Draw) and operand.fork for _, operand in operands(case)):
        yield "rng-fork"


def _of_a_state(case: t.Case, statement: t.Everywhere) -> Iterator[Feature]:
    """`nnx.state` of a Variable, or of what was a plain list before `nnx.List`."""
    for thing in candidates(case, statement.at, {}):
        if isinstance(thing, Holder) or (
            isinstance(thing, Standing) and isinstance(thing.node, t.Sequence)
        ):
            yield "bare-variables"


def _of_the_form(case: t.Case) -> Iterator[Feature]:
    asked: dict[Feature, bool] = {
        "partition": case.form.partition is not None,
        "keywords": case.form.style == "keyword",
        "prefix": case.form.parts == "prefix",
        "mode-context": case.call_style.asked == "context",
    }
    yield from (feature for feature, used in asked.items() if used)


def _bare(case: t.Case, top: object) -> bool:
    """Whether it is a Variable by itself or in a list (no object before `nnx.List`)."""
    match top:
        case t.VariableSlot() | t.OfVariable():
            return True
        case t.NodeSlot(row) | t.OfNode(row):
            return _list_of_variables(case, row)
        case _:
            return False


def _list_of_variables(case: t.Case, row: int) -> bool:
    node = case.nodes[row]
    if not isinstance(node, t.Sequence):
        return False
    inner = [item.node for item in node.items if isinstance(item, t.OfNode)]
    return any(isinstance(item, t.OfVariable) for item in node.items) or any(
        _list_of_variables(case, k) for k in inner
    )
