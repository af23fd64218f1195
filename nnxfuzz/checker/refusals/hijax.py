"""Variables of hijax."""

from typing import Any

from nnxfuzz import nnx_api
from nnxfuzz.checker.refusals.base import Evidence, Reason, calls_of, seen, variables_with, words
from nnxfuzz.checker.tracebacks import is_written_by_flax


def hijax_written(e: Evidence) -> tuple[str, ...] | None:
    """The function, or a layer that it calls, writes to a Variable of hijax without a reference: no
    transform does.
    """
    return None if is_written_by_flax(e.error) else variables_with(_is_immutable, e)


def hijax_sharded(e: Evidence) -> tuple[str, ...] | None:
    """A call has an option with shardings, and a Variable of hijax is given."""
    asks = any(options.keys() & _SHARDINGS for _, _, options in calls_of(e))
    return variables_with(nnx_api.is_hijax, e) if asks else None


#: The options of `jit` that place what it is given and what it returns.
_SHARDINGS = {"in_shardings", "out_shardings"}


def _is_immutable(variable: Any) -> bool:
    return nnx_api.is_hijax(variable) and not nnx_api.holds_reference(variable)


REASONS: tuple[Reason, ...] = (
    Reason(
        "hijax-written",
        "the function writes to {}, a Variable of hijax without a reference",
        (words("ImmutableVariableError", "Cannot update a non-ref HijaxVariable inside JAX"),),
        hijax_written,
        "the error's own text, from 0.12.9 on: \"Cannot update a non-ref HijaxVariable inside JAX "
        "transformations. To mutate variables within jit, grad, scan, or other JAX transforms, use "
        'ref=True."',
        "make it with ref=True, or without hijax=True",
    ),
    Reason(
        "hijax-sharded",
        "{} is a Variable of hijax, for which no sharding can be asked",
        (
            words(
                "NotImplementedError",
                r"(?s)^One of pjit (arguments|outputs) .*has non-array \(hijax\) type .* with a "
                "specified sharding .*, which is not supported",
            ),
        ),
        hijax_sharded,
        "the error's own text (jax 0.12): \"only unspecified shardings are allowed for non-array "
        'types"',
        "make it without hijax=True, or ask for no sharding",
    ),
    Reason(
        "hijax-derivatives",
        "{} is a Variable of hijax, and jax cannot add up the derivatives by it",
        (words("NotImplementedError", "requires AbstractVariable to implement the `vspace_add`"),),
        lambda e: variables_with(nnx_api.is_hijax, e),
        "the error's own text (jax 0.12): \"use as a tangent/cotangent type requires "
        'AbstractVariable to implement the `vspace_add` method"',
        "make it without hijax=True, or read it once",
    ),
    Reason(
        "hijax-mapped",
        "{} is a Variable of hijax, which no transform that maps takes yet",
        (
            words("AttributeError", "'AbstractVariable' object has no attribute '(shape|ndim)'"),
            words("ValueError", r"the leading-axis size of non-array \(hijax\) types"),
            words("ValueError", "non-array types can't be mapped along an integer axis"),
            words(
                "NotImplementedError", r"(?s)has non-array \(hijax\) type .* which is not supported"
            ),
            words("ValueError", "^pmap requires at least one argument with a mapped axis"),
            words("NotImplementedError", r"for vmap support, subclass .*flax\.nnx\.variablelib"),
            words(
                "NotImplementedError",
                "requires AbstractVariable to implement the `?(nospec|leading_axis_spec)`? method",
            ),
            # axes other than 0 make an array of it on the way
            words("TypeError", "JAX arrays are immutable and do not support in-place item"),
        ),
        seen("hijax-mapped"),
        'docs_nnx/hijax/hijax.md, "Scan Over Layers", of a `jax.vmap` that makes and a scan that '
        'takes apart: "TODO: does not work with hijax yet"',
        "make it without hijax=True",
    ),
)
