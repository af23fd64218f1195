"""Derivatives: what may not be differentiated, and functions that say themselves what theirs is."""

from nnxfuzz.checker.refusals.base import (
    FLIP,
    STRUCTURE,
    Evidence,
    Reason,
    nested,
    seen,
    up_to,
    words,
)
from nnxfuzz.checker.tracebacks import may_differentiate
from nnxfuzz.plain.deviations import FROZEN
from nnxfuzz.plain.frame import DERIVATIVES

#: The transforms that differentiate in reverse.
_BACKWARDS = {*DERIVATIVES, "custom_vjp"} - {"jvp"}


def loop_backwards(e: Evidence) -> tuple[str, ...] | None:
    """A loop was called whose trips jax does not know, in a call that differentiates in reverse, or
    while some function was running that names what may be one of jax.
    """
    found = nested("while_loop", "fori_loop")(e)
    backwards = any(not _BACKWARDS.isdisjoint(around) for around in e.seen.loops)
    may = bool(e.seen.loops) and may_differentiate(e.error)
    return found if found and (backwards or may) else None


def custom_vjp_forwards(e: Evidence) -> tuple[str, ...] | None:
    """A custom_vjp was called, in a call that differentiates forwards, or while some function was
    running that names what may be one of jax.
    """
    around = [path[:-1] for path in e.seen.nestings if path[-1] == "custom_vjp"]
    forwards = any("jvp" in path for path in around)
    may = bool(around) and may_differentiate(e.error)
    return ("custom_vjp",) if forwards or may else None


def custom_vjp_changed(e: Evidence) -> tuple[str, ...] | None:
    """The function of a `custom_vjp` changes the structure of what it is given."""
    found = (o for o in e.named_by_error(*STRUCTURE) if o.transform == "custom_vjp")
    return next(map(e.paths_of, found), None)


REASONS: tuple[Reason, ...] = (
    Reason(
        "while-loop-backwards",
        "the function is differentiated in reverse, and has a {}",
        (words("ValueError", "Reverse-mode differentiation does not work for lax.while_loop"),),
        loop_backwards,
        "docstring of `jax.lax.while_loop`: it is not reverse-mode differentiable; the error's own "
        "text names `fori_loop` with bounds that are traced",
        "use nnx.scan, or nnx.fori_loop with bounds that are numbers of Python, or nnx.jvp",
    ),
    Reason(
        "custom-vjp-forwards",
        "the function is differentiated forwards, and has a {}",
        (words("TypeError", r"apply forward-mode autodiff \(jvp\) to a custom_vjp"),),
        custom_vjp_forwards,
        "the error's own text (jax/_src/custom_derivatives.py): there are rules for reverse mode "
        "alone; so it is for `jax.custom_vjp`",
        "use nnx.vjp or nnx.grad",
    ),
    Reason(
        "gradient-by-all",
        "without graph updates the gradient is by all Variables, and {} holds no floats",
        (words("TypeError", "grad requires real- or complex-valued inputs"),),
        seen("not-differentiable"),
        f'{FLIP}, `nnx.grad`: "The first argument will no longer be differentiated w.r.t. to '
        '`Param`s only"',
        "give the function both parts of nnx.split(model, nnx.Param, ...), and merge them in it; "
        "the first is differentiated",
        FROZEN,
    ),
    Reason(
        "written-in-custom-vjp",
        "the function of `nnx.custom_vjp` writes to {}",
        (
            words(
                "ValueError", "^Variables in differentiable argument were mutated inside custom_vjp"
            ),
        ),
        up_to("0.12.6", seen("argument-written", "structure-changed")),
        'docstring of `nnx.custom_vjp` (0.12.6): "Variables in differentiable arguments cannot be '
        'mutated inside ``f``"',
        "return the value, or use a newer Flax",
        FROZEN,
    ),
    Reason(
        "structure-in-custom-vjp",
        "the function of `nnx.custom_vjp` changes the structure of {}, and the backward rule "
        "returns what has the changed one",
        (words("TypeError", "^Custom VJP bwd rule must produce an output with the same contai"),),
        custom_vjp_changed,
        "the error's own text: an output \"with the same container (pytree) structure as the args "
        'tuple of the primal function"',
        "change it before the call",
    ),
)
