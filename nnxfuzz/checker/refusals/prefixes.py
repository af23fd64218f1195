"""Axes and other prefixes, and what has none."""

from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.checker.refusals.base import (
    Evidence,
    Reason,
    calls_of,
    option,
    option_with,
    seen,
    up_to,
    words,
)
from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.plain.axes import axes_in
from nnxfuzz.plain.deviations import FROZEN


def variable_prefix(e: Evidence) -> tuple[str, ...] | None:
    """Some option holds a Variable in the place of an axis or another prefix."""
    return option_with(nnx_api.is_variable, e)


def node_prefix(e: Evidence) -> tuple[str, ...] | None:
    """Some option holds a node, which `nnx.prefix` makes in tree mode."""
    return option_with(nnx_api.is_node, e)


def state_prefix(e: Evidence) -> tuple[str, ...] | None:
    """Some option holds a TreeState, which `nnx.prefix` makes in the other modes."""
    return option("TreeState")(e)


def other_axes_of_scan(e: Evidence) -> tuple[str, ...] | None:
    """A `scan`, here or in the body, has axes that are not its default ones."""
    scans = [
        (where, options)
        for where, _, options in calls_of(e)
        if "nnx.scan" in where or (not where and e.transform == "scan")
    ]
    for where, options in scans:
        for name in ("in_axes", "out_axes"):
            if options.get(name, _SCANNED) != _SCANNED:
                return (f"{name}{where}",)
    return None


def axes_of_no_kind(e: Evidence) -> tuple[str, ...] | None:
    """Some `in_axes` is no int, None or tuple, or has something else than axes in it."""
    for where, _, options in calls_of(e):
        axes = options.get("in_axes", 0)
        known = axes is None or isinstance(axes, int | tuple | list)
        if not known or any(isinstance(axis, str | float | complex) for axis in axes_in(axes)):
            return (f"in_axes{where}",)
    return None


def no_axis_for_outputs(e: Evidence) -> tuple[str, ...] | None:
    """Some `out_axes` has None, of the call or of a transform in its body."""
    for where, _, options in calls_of(e):
        if None in axes_in(options.get("out_axes", 0)):
            return (f"out_axes{where}",)
    return None


#: The axes of a `scan` that gives none.
_SCANNED = (nnx.Carry, 0)

REASONS: tuple[Reason, ...] = (
    Reason(
        "tree-scan-axes",
        "scan in tree mode of 0.12.5 takes no axes but (nnx.Carry, 0), and {} has others",
        (w.TREE_AXES,),
        up_to("0.12.5", other_axes_of_scan),
        "the error's own text; 0.12.5 is the only release with this limit",
        "use a newer Flax, or graph mode",
        ("tree",),
    ),
    Reason(
        "broadcast-written",
        "the body writes to {}, which is broadcast",
        (words("ValueError", "Broadcast .* was mutated"),),
        up_to("0.12.6", seen("broadcast-written")),
        "the error's own text (0.12.6)",
        "make it part of the carry",
        FROZEN,
    ),
    Reason(
        "broadcast-written",
        "the body writes to {}, which is broadcast",
        (w.JAX_STRUCTURE,),
        seen("broadcast-written"),
        "jax's own text, where the body writes to the metadata",
        "make it part of the carry",
    ),
    Reason(
        "broadcast-batched",
        "the body writes to {}, which is broadcast, what differs from lane to lane",
        (words("ValueError", "vmap.*(axis spec None|out_axes).*batched"),),
        seen("broadcast-written"),
        "docstring of `jax.vmap`: an output with axis None must not depend on the mapped ones",
        "give it an axis, or return the value",
    ),
    Reason(
        "output-batched",
        "the function returns what may differ from lane to lane, and {} has None for it",
        (words("ValueError", "vmap.*(axis spec None|out_axes).*batched"),),
        no_axis_for_outputs,
        "docstring of `jax.vmap`: an output with axis None must not depend on the mapped ones",
        "give it an axis",
    ),
    Reason(
        "partition-missing",
        "{} has another partition name at the axis than `transform_metadata` asks for",
        (
            w.PARTITION,
            words("IndexError", "^pop (index out of range|from empty list)$"),  # or fewer names
        ),
        seen("partition-missing"),
        'docs_nnx/guides/transforms.md, "Axis metadata": the names are updated "as specified by '
        "`in_axes` and `out_axes`\"; the error's own text (`spmd.remove_axis`)",
        "name the axis in the Variable's metadata, or ask for the name that it has there",
        ("graph",),
    ),
    Reason(
        "axes-of-no-kind",
        "{} is not an int, None, or a tuple with one of these for each argument",
        (words("TypeError", "(vmap|pmap) in_axes must be an int, None, or"),),
        axes_of_no_kind,
        'docstring of `jax.vmap`: `in_axes` is "an integer, None, or sequence of values"',
        "give a tuple with an item for each argument, such as (nnx.StateAxes(...), 0)",
    ),
    Reason(
        "axes-of-a-state",
        "{} has a StateAxes for an nnx.State, and vmap and pmap take one for a module alone",
        (
            words(
                "ValueError",
                r"(?s)[vp]map in_axes.*(got specification \(NodeStates\(|type\s+<class 'flax\.nnx\."
                r"extract\.NodeStates'>.*<class 'flax\.nnx\.statelib\.State'>)",
            ),
        ),
        option("StateAxes"),
        'docstring of `nnx.vmap`: a StateAxes "can be used to control how graph nodes like Modules '
        'are vectorized"; nnx.scan takes it for a State, too, but for 0.10',
        "give the module",
        ("graph",),
    ),
    Reason(
        "prefix-of-graph-updates",
        "{} has what only works with graph updates",
        (
            words("ValueError", "cannot contain `(StateAxes|DiffState|StateSharding)` objects"),
            # `jit` of 0.12.6 leaves it to jax
            words("TypeError", "leaf specifications are expected .* but got StateSharding"),
        ),
        option("StateAxes", "DiffState", "StateSharding"),
        'docstrings of the transforms: "When `False`, using `StateAxes` is not supported"',
        "use nnx.prefix, or nnx.compat",
        FROZEN,
    ),
    Reason(
        "variable-prefix",
        "{} has a Variable in the place of a prefix",
        (words("ValueError", r"Variables prefixes are not supported"),),
        variable_prefix,
        "the error's own text; tests/nnx/transforms_test.py: `test_variable_prefix_error`",
        "give a prefix for the whole Variable, which is the axis or the sharding itself",
    ),
    *(
        Reason(
            "prefix-of-another-mode",
            "{} has what nnx.prefix made for another mode",
            (words("ValueError", wording),),
            holds,
            "the error's own text; docstring of `nnx.prefix`",
            "make it with the `graph` of the transform",
        )
        for wording, holds in (
            ("Graph nodes are not allowed as prefixes when graph=True", node_prefix),
            ("`TreeState` objects are only allowed as prefixes when", state_prefix),
        )
    ),
)
