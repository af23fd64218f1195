"""Objects that stand at two places, or are treated in two ways."""

from nnxfuzz.checker.refusals.base import FLIP, Evidence, Reason, seen, words
from nnxfuzz.checker.sharing import shared_objects
from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.plain.deviations import FROZEN
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
        found = shared_arguments(e)
    if found is None and e.transform == "scan":
        found = _emitted_carry(e)
    sides = [e.options.get(f"in_{name}") != e.options.get(f"out_{name}") for name in _SIDES]
    if found is None and any(sides):
        found = seen("argument-returned")(e)
    return found


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


def made_at_two_places(e: Evidence) -> tuple[str, ...] | None:
    """The function makes a Variable in a node that stands at two places of the arguments."""
    found = map(e.paths_of, e.named_by_error("variable-made"))
    return next((paths for paths in found if len(paths) > 1), None)


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
        "shared-argument",
        "`Duplicate` because {} are one object",
        (w.DUPLICATE,),
        shared_arguments,
        f'{FLIP}: "Tree structure assumed and enforced on all APIs (no sharing)"; in graph mode '
        "without graph updates `eval_shape` refuses it, too: tests/nnx/transforms_test.py: "
        "`test_tree_jit_no_shared_variable_refs`, `test_eval_shape_no_shared_variable_refs`",
        "pass the object once and reach it by one path, or use nnx.compat with graph updates",
        FROZEN,
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
