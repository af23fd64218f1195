"""The axes of a case as entries of `in_axes` and `out_axes`."""

from typing import Any

from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.programs.case import Part


def entry(axis: int | tuple[Part, ...] | None) -> Any:
    """An entry of `in_axes` or `out_axes`."""
    if not isinstance(axis, tuple):
        return axis
    return nnx.StateAxes({filter_of(part): _axis(part) for part in axis})


def _axis(part: Part) -> Any:
    return nnx.Carry if part.axis == "carry" else part.axis


def filter_of(part: Part) -> Any:
    """The filter for what a part is about."""
    only = ... if part.only == "..." else nnx_api.VARIABLE_TYPES[part.only]
    if part.under is None:
        return only
    below = nnx.PathContains(part.under)
    return below if only is ... else nnx.All(only, below)
