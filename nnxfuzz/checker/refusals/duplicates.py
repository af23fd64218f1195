"""Objects that stand at two places, or are treated in two ways."""

import re
from collections.abc import Mapping
from typing import Any

import jax

from nnxfuzz.checker.naming import named_nodes
from nnxfuzz.checker.refusals.base import FLIP, Evidence, Reason, seen, up_to, words
from nnxfuzz.checker.sharing import shared_objects
from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.plain.deviations import FROZEN
from nnxfuzz.plain.observations import Kind as Observed
from nnxfuzz.plain.observations import Observation
from nnxfuzz.plain.picture import is_below

_ALIASING = (
    "the error's own text: \"duplicate inputs, duplicate outputs, or input Variables returned as "
    'outputs"; '
)


def two_prefixes(e: Evidence) -> tuple[str, ...] | None:
    """One Variable stands at two places, and options treat the two differently."""
    found = seen("inconsistent-axes")(e)
    if not str(e.error).startswith("Inconsistent"):
        return found
    asks = any(name in e.options for name in _PREFIXES) or e.transform in _OF_ARGUMENT_0
    if found is None and asks:
        found = shared_arguments(_otherwise_treated(e, "aliased"))
    if found is None:
        found = shared_arguments(_in_the_body(e))
    if found is None and e.transform == "scan":
        found = _emitted_carry(e)
    if found is None and _sides_differ(e.options):
        found = seen("argument-returned")(_otherwise_treated(e, "argument-returned"))
    if found is None:
        parted = {name for name, _, options in e.seen.asked if _sides_differ(options)}
        inside = e.only(lambda o: bool(o.depth) and o.transform in parted)
        found = seen("argument-returned")(inside)
    return found


def _sides_differ(options: Mapping[str, Any]) -> bool:
    """Whether a call asks of its arguments something else than of its result."""
    return any(options.get(f"in_{name}") != options.get(f"out_{name}") for name in _SIDES)


def _in_the_body(e: Evidence) -> Evidence:
    """What is known of transforms of the body that treat their arguments in several ways."""
    asked = {name for name, _, options in e.seen.asked if not options.keys().isdisjoint(_PREFIXES)}
    return e.only(lambda o: bool(o.depth) and o.transform in {*asked, *_OF_ARGUMENT_0})


def _otherwise_treated(e: Evidence, kind: Observed) -> Evidence:
    """What is known of the call without the observations of this kind at whose places its own
    options ask for the same.
    """

    def keep(o: Observation) -> bool:
        return o.kind != kind or bool(o.depth) or not _are_treated_alike(e, o.paths)

    return e.only(keep)


def _are_treated_alike(e: Evidence, paths: tuple[str, ...]) -> bool:
    """Whether it is known of all these places what the options ask there, and it is the same."""
    asked = [_asked_at(e, path) for path in paths]
    return None not in asked and all(one == asked[0] for one in asked)


def _asked_at(e: Evidence, path: str) -> list[Any] | None:
    """What each option asks for a place, if that can be read from it: one thing for all, or one
    for each argument or result.
    """
    place = re.match(r"(args|out)(?:\[(\d+)\])?", path)
    if place is None:
        return None
    side, number = place[1], None if place[2] is None else int(place[2])
    found: list[Any] = []
    for name in _SIDES:
        prefix = e.options.get(f"in_{name}" if side == "args" else f"out_{name}", _DEFAULTS[name])
        if isinstance(prefix, tuple | list):
            if number is None or number >= len(prefix):
                return None
            prefix = prefix[number]
        if not (prefix is None or isinstance(prefix, _PLAIN)):
            return None
        found.append(prefix)
    differentiates = e.transform in _OF_ARGUMENT_0
    for name, default in (("argnums", 0 if differentiates else ()), ("nondiff_argnums", ())):
        asked = e.options.get(name, default)
        numbers = asked if isinstance(asked, tuple | list) else (asked,)
        if not all(isinstance(k, int) and k >= 0 for k in numbers):
            return None
        found.append(number if side == "args" and number in numbers else None)
    return found


#: What the options ask where they are not given.
_DEFAULTS = {"axes": 0, "shardings": None, "specs": None}

#: What an option may ask of a whole argument.
_PLAIN = (int, jax.sharding.Sharding, jax.sharding.PartitionSpec)


#: The options that say of each argument how it is treated.
_PREFIXES = ("in_axes", "in_shardings", "argnums", "nondiff_argnums", "in_specs")

#: The options that say so of the arguments and of the result.
_SIDES = ("axes", "shardings", "specs")

#: The transforms that without such an option treat the first argument otherwise than the rest.
_OF_ARGUMENT_0 = ("grad", "value_and_grad")


def _emitted_carry(e: Evidence) -> tuple[str, ...] | None:
    """A trip of a `scan` returns an object of the carry as an output, too."""
    for observation in e.seen.of("argument-returned"):
        carried = [path for path in observation.paths if path.startswith("carry")]
        emitted = [path for path in observation.paths if path.startswith("ys")]
        if carried and emitted:
            return carried[0], emitted[0]
    return None


def shared_arguments(e: Evidence) -> tuple[str, ...] | None:
    """One Variable stands at two places of the arguments, which the message names; the paths of the
    outermost object that makes it so.
    """
    for observation in e.named_by_error("aliased"):
        paths = e.paths_of(observation)
        for _, *shared in shared_objects(e.before, ("caller", "closure")):
            if all(any(p == top or is_below(p, top) for p in paths) for top in shared):
                return tuple(shared)
        return paths
    return None


def node_with_two_prefixes(e: Evidence) -> tuple[str, ...] | None:
    """A node of a class that the message names stands at two places of the arguments, or, with two
    axes, of a transform in the function.
    """
    named = named_nodes(str(e.error))
    shared = [(kind, paths) for kind, *paths in shared_objects(e.before, ("caller",))]
    shared += [(o.detail, [*e.paths_of(o)]) for o in e.seen.of("inconsistent-node")]
    return next((tuple(paths) for kind, paths in shared if kind in named), None)


def shared_where_refused(e: Evidence) -> tuple[str, ...] | None:
    """The same, in a transform that refuses it in graph mode without graph updates, too."""
    return shared_arguments(e.only(lambda o: o.transform in ("eval_shape", "custom_vjp")))


def made_at_two_places(e: Evidence) -> tuple[str, ...] | None:
    """The function makes a Variable in a node that stands at two places of the arguments."""
    found = map(e.paths_of, e.named_by_error("variable-made"))
    return next((paths for paths in found if len(paths) > 1), None)


def made_in_a_parted_node(e: Evidence) -> tuple[str, ...] | None:
    """A trip makes a Variable, which the message names, in a node that stands at two places of the
    arguments with unequal axes.
    """
    made = {path for o in e.named_by_error("broadcast-written") for path in o.paths}
    for node in e.seen.of("inconsistent-node"):
        if any(is_below(path, top) for path in made for top in node.paths):
            return e.paths_of(node)
    return None


REASONS: tuple[Reason, ...] = (
    Reason(
        "inconsistent-aliasing",
        "{} are one object, for which the options ask two things",
        (w.INCONSISTENT, w.DUPLICATE),
        two_prefixes,
        "tests/nnx/transforms_test.py: `test_scan_inconsistent_aliasing`, "
        "`test_consistent_aliasing_inputs`, `test_consistent_aliasing_input_output`, "
        "`test_jit_inconsistent_aliasing`, `test_grad_inconsistent_aliasing`",
        "treat both places alike, or pass the object once",
    ),
    Reason(
        "inconsistent-aliasing",
        "the function makes a Variable in {}, which are one node for which the options ask two "
        "things",
        (w.INCONSISTENT,),
        made_in_a_parted_node,
        "`check_consistent_aliasing` in flax/nnx/extract.py, which looks at the arguments again "
        "after the function",
        "treat both places alike, or pass the object once",
        ("graph",),
    ),
    Reason(
        "inconsistent-aliasing",
        "{} are one node, for which the options ask two things",
        (w.INCONSISTENT,),
        up_to("0.12.6", node_with_two_prefixes),
        "the error's own text; 0.12.7 looks at Variables alone (`check_consistent_aliasing2` in "
        "flax/nnx/extract.py)",
        "treat both places alike, or pass the object once",
        FROZEN,
    ),
    Reason(
        "shared-argument",
        "`Duplicate` because {} are one object",
        (w.DUPLICATE,),
        shared_arguments,
        f'{FLIP}: "Tree structure assumed and enforced on all APIs (no sharing)"; '
        "tests/nnx/transforms_test.py: `test_tree_jit_no_shared_variable_refs`",
        "pass the object once and reach it by one path, or use nnx.compat with graph updates",
        ("tree",),
    ),
    Reason(
        "shared-argument",
        "{} are one object, of which tree mode makes two, and the body puts one where the other "
        "was",
        (w.IDENTITY,),
        shared_arguments,
        f'{FLIP}: "Tree structure assumed and enforced on all APIs (no sharing)". A loop looks for '
        "no duplicates in what it is given, and asks whether each Variable is still itself "
        "(`check_same_variables` in flax/nnx/extract.py)",
        "pass the object once and reach it by one path, or use nnx.compat with graph updates",
        ("tree",),
    ),
    Reason(
        "shared-argument",
        "`Duplicate` because {} are one object",
        (w.DUPLICATE,),
        shared_where_refused,
        "the error's own text; tests/nnx/transforms_test.py: "
        "`test_eval_shape_no_shared_variable_refs`. The other transforms keep what is shared "
        "(`to_tree2` in flax/nnx/extract.py)",
        "pass the object once and reach it by one path, or use nnx.compat with graph updates",
        ("graph-frozen",),
    ),
    Reason(
        "shared-in-the-function",
        "`Duplicate` because the function puts an object that stands elsewhere at {}",
        (words("ValueError", r"(?s)^Duplicate .*nnx\.eval_shape with"),),
        seen("node-replaced", "variable-replaced", "state-rebuilt"),
        "the error's own text; `eval_shape` in flax/nnx/transforms/transforms.py looks for "
        "duplicates in the arguments after the function, too",
        "give each place an object of its own",
        FROZEN,
    ),
    Reason(
        "shared-in-the-function",
        "`Duplicate` because the function makes one Variable at {}",
        (words("ValueError", r"(?s)^Duplicate .*nnx\.eval_shape with"),),
        made_at_two_places,
        "the error's own text; `eval_shape` in flax/nnx/transforms/transforms.py looks for "
        "duplicates in the arguments after the function, too",
        "pass the object once",
        FROZEN,
    ),
    Reason(
        "returned-argument",
        "`Duplicate` because the function returns what it was given: {} are one Variable",
        (w.DUPLICATE,),
        seen("argument-returned"),
        _ALIASING + "tests/nnx/transforms_test.py: `test_tree_jit_no_input_output_aliasing`, "
        "`test_scan_input_output_aliasing`, `test_eval_shape_no_input_output_aliasing`",
        "do not return it: its Variables are updated in place",
        FROZEN,
    ),
    Reason(
        "returned-twice",
        "`Duplicate` because the function returns {}, which are one Variable",
        (w.DUPLICATE,),
        seen("returned-twice"),
        _ALIASING + "`check_no_aliases` in flax/nnx/extract.py",
        "return it once, or a copy of it",
        FROZEN,
    ),
)
