"""Variables that hold a reference to an array."""

from typing import Any

from nnxfuzz import nnx_api
from nnxfuzz.checker.refusals.base import Evidence, Reason, nested, seen, variables_with, words
from nnxfuzz.checker.refusals.duplicates import shared_arguments
from nnxfuzz.checker.tracebacks import may_differentiate
from nnxfuzz.checker.worlds import name_of
from nnxfuzz.oracle.verdict import BY_REFERENCE
from nnxfuzz.plain.frame import DERIVATIVES
from nnxfuzz.plain.observations import Kind as Observed
from nnxfuzz.plain.observations import Observation
from nnxfuzz.plain.picture import class_name, is_below
from nnxfuzz.programs.case import TRANSFORMS


def reference_held(e: Evidence, *roots: str) -> tuple[str, ...] | None:
    """Some Variable that is given or reached by closure, or below one of these roots, holds a
    reference, or one that the function leaves in an object of the caller's; their paths.
    """
    left = (path for path, entry in e.world.items() if BY_REFERENCE in entry.detail)
    made = tuple(name_of(path) for path in left if path[0] == "caller")
    return variables_with(nnx_api.holds_reference, e, *roots) or made or None


def reference_not_lifted(e: Evidence) -> tuple[str, ...] | None:
    """Some Variable holds a reference: one that no axis is asked for, if the call is a `vmap` that
    says so by numbers, and no other call stands in it.  One that a function makes holds it where a
    transform in the function maps nothing of it, and writes to it.
    """
    inner = next((o for o in e.seen.of("broadcast-written") if o.depth), None)
    held = reference_held(e) or (None if inner is None else inner.paths)
    axes = e.options.get("in_axes", 0)
    known = axes if isinstance(axes, tuple | list) else (axes,) * len(e.arguments)
    if e.transform != "vmap" or not _is_alone(e) or not all(_is_axis(axis) for axis in known):
        return held
    mapped = [name for name, axis in zip(e.arguments, known, strict=False) if axis is not None]
    left = (p for p in held or () if not any(p == n or is_below(p, n) for n in mapped))
    return tuple(left) or None


def _is_axis(axis: Any) -> bool:
    return axis is None or isinstance(axis, int)


def reference_in_branch(e: Evidence) -> tuple[str, ...] | None:
    """A Variable holds a reference, and a branch stands in another transform."""
    return reference_held(e) if nested("cond", "switch")(e) else None


def reference_in_differentiated_branch(e: Evidence) -> tuple[str, ...] | None:
    """The same, and something is differentiated."""
    return reference_in_branch(e) if _differentiates(e) else None


def _differentiates(e: Evidence) -> bool:
    """Whether a transform that differentiates is called, or some function that was running names
    what may be one of jax.
    """
    return not e.seen.transforms.isdisjoint(_DIFFERENTIATES) or may_differentiate(e.error)


#: The transforms that differentiate.
_DIFFERENTIATES = {*DERIVATIVES, "custom_vjp"}


def reference_in_mapped_branch(e: Evidence) -> tuple[str, ...] | None:
    """A Variable holds a reference, and a branch stands in a `vmap`."""
    return reference_in_branch(e) if "vmap" in e.seen.transforms else None


def reference_twice(e: Evidence) -> tuple[str, ...] | None:
    """A Variable that holds a reference is given twice, or given and reached by closure, or reached
    by the condition and by the body of a while_loop, which jax gives both to one primitive.
    """
    kinds: tuple[Observed, ...] = ("captured-argument", "captured-by-both")
    about = _of_references(e, *kinds, "aliased")
    return None if about is None else seen(*kinds)(about) or shared_arguments(about)


def reference_returned(e: Evidence) -> tuple[str, ...] | None:
    """The function returns an object, and some Variable holds a reference."""
    kinds: tuple[Observed, ...] = ("captured-returned", "argument-returned", "returned-twice")
    about = _of_references(e, *kinds)
    return None if about is None else seen(*kinds)(about)


def reference_made(e: Evidence) -> tuple[str, ...] | None:
    """A function returns a reference that was made in it, as the message says of where; the places
    of the Variable that holds it where they are known.
    """
    if "The returned mutable array was created on line" not in str(e.error):
        return None
    found = (o for o in e.seen.of("variable-made") if any(p.startswith("out") for p in o.paths))
    return next(map(e.paths_of, found), ("result",))


def _of_references(e: Evidence, *kinds: Observed) -> Evidence | None:
    """What is known of the call without the observations of these kinds that are of Variables of
    which the call has none that holds a reference: neither there nor of the class; None if no
    Variable holds one.
    """
    held = reference_held(e)
    if held is None:
        return None
    variables = [v for v in e.before.objects.values() if nnx_api.is_variable(v)]
    classes = {class_name(v) for v in variables if nnx_api.holds_reference(v)}
    known = {name_of(path) for path, v in e.before.objects.items() if nnx_api.is_variable(v)}

    def is_of_one(o: Observation) -> bool:
        there = known.intersection(e.paths_of(o))
        if there and not o.depth:
            return not there.isdisjoint(held)
        return not o.detail or not classes.isdisjoint(o.detail.split())

    return e.only(lambda o: o.kind not in kinds or is_of_one(o))


def reference_in_loop(e: Evidence) -> tuple[str, ...] | None:
    """A loop was called, here or in the function, and some Variable holds a reference: one that is
    given, if the call is the loop, and no other loop stands in it.
    """
    if not e.seen.transforms.intersection(TRANSFORMS):
        return None
    if e.transform not in TRANSFORMS or any(name in TRANSFORMS for name, _, _ in e.seen.asked):
        return reference_held(e)
    return reference_held(e, "caller") if _is_alone(e) else reference_held(e)


def _is_alone(e: Evidence) -> bool:
    """Whether the function of the call calls no other transform, and returns none of what it
    reaches by closure.
    """
    return e.seen.calls == 1 and not e.seen.of("captured-returned")


def reference_differentiated(e: Evidence) -> tuple[str, ...] | None:
    """Something is differentiated, and some Variable holds a reference: below an argument by which
    a gradient is taken, if the call is all that takes one and its options say by which.
    """
    if not _differentiates(e):
        return None
    argnums = e.options.get("argnums", 0)
    numbers = argnums if isinstance(argnums, tuple | list) else (argnums,)
    known = all(isinstance(k, int) and 0 <= k < len(e.arguments) for k in numbers)
    known &= {path[1:2] for path in e.before.entries} >= {(name,) for name in e.arguments}
    if e.transform not in ("grad", "value_and_grad") or not known or not _is_alone(e):
        return reference_held(e)
    names = [e.arguments[k] for k in numbers]
    held = reference_held(e, "caller") or ()
    return tuple(p for p in held if any(p == n or is_below(p, n) for n in names)) or None


REASONS: tuple[Reason, ...] = (
    Reason(
        "reference-twice",
        "{} are one reference to an array",
        (words("ValueError", "only one reference to a mutable array|both closed over and passed"),),
        reference_twice,
        "docs.jax.dev/en/latest/array_refs.html: a reference may not be passed twice, nor be "
        "passed and closed over; the error's own text",
        "pass the Variable once, and do not reach it by closure",
    ),
    Reason(
        "reference-returned",
        "the function returns {}, which holds a reference",
        (words("ValueError", "mutable array references cannot be returned"),),
        reference_returned,
        "docs.jax.dev/en/latest/array_refs.html: a reference may not be returned; the error's text",
        "do not return it: what is written to it is there",
    ),
    Reason(
        "reference-returned",
        "the function makes the reference in {}, and returns it",
        (words("ValueError", "mutable array references cannot be returned"),),
        reference_made,
        "docs.jax.dev/en/latest/array_refs.html: a reference may not be returned; the error's text",
        "make it before the call, or without ref=True",
    ),
    Reason(
        "reference-not-lifted",
        "{} holds a reference that is not mapped or differentiated, and what is written to it is",
        (
            words(
                "Exception",
                "set/swap operation with (a differentiated|vmapped) value on an? "
                "(non-differentiated|unbatched) array reference",
            ),
        ),
        reference_not_lifted,
        "the error's own text (`jax._src.state.primitives`): \"Move the array reference to be an "
        'argument"',
        "make it an argument that is mapped, or return the value",
    ),
    Reason(
        "reference-in-branch",
        "{} holds a reference to an array, and reaches a branch in a vmap",
        (words("NotImplementedError", "State effect not supported in vmap-of-cond"),),
        reference_in_mapped_branch,
        "the error's own text (`_cond_batching_rule` in jax/_src/lax/control_flow/conditionals.py)",
        "compute in the branch, and write outside of it",
    ),
    Reason(
        "reference-in-branch-of-gradient",
        "{} holds a reference to an array, and reaches a branch in what is differentiated",
        (words("NotImplementedError", "State effect not supported in cond partial-eval"),),
        reference_in_differentiated_branch,
        "the error's own text (`_cond_partial_eval` in jax/_src/lax/control_flow/conditionals.py)",
        "compute in the branch, and write outside of it",
    ),
    Reason(
        "reference-carried",
        "{} holds a reference to an array, which no loop can carry or return",
        (
            words("ValueError", "mutable array references cannot be returned"),
            # with graph updates, the carry comes back without the reference
            words("TypeError", r"carry component .* is a <class 'jax[\w.]*AbstractRef'>"),
        ),
        reference_in_loop,
        "docs.jax.dev/en/latest/array_refs.html: a function that is transformed cannot return a "
        "reference; the error's own text",
        "reach it by closure, or make the Variable without ref=True",
    ),
    Reason(
        "reference-differentiated",
        "{} holds a reference to an array, and no gradient of one can be taken",
        (
            words("TypeError", "cannot differentiate with respect to a Ref-typed argument"),
            words("ValueError", "is Ref-typed, so its gradient must be accumulated into a ref"),
            # jax up to 0.10, which has no words of its own for it (PR #38913 gives it some)
            words("ValueError", r"[Ee]xpected cotangent type (is )?Ref\{"),
            words("AttributeError", "'ValAccum' object has no attribute 'ref'"),
        ),
        reference_differentiated,
        "the error's own text (jax, `grad`, and `vjp`, which has gradients of references in its "
        "`with_refs` alone)",
        "differentiate another argument, or make the Variable without ref=True",
    ),
)
