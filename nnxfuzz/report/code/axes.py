"""Which axis of what is scanned over: the entries of `in_axes` and what they mean."""

from typing import Literal

from nnxfuzz.programs.case import Part, TreePath
from nnxfuzz.programs.case.places import Cut

#: An entry of `in_axes`.
Axis = int | tuple[Part, ...] | None


def below(axis: Axis, path: TreePath, kind: str) -> int | Literal["carry"] | None:
    """The axis of a Variable at `path` below an input: the first part that matches decides."""
    return Cut(axis, frozenset(map(str, path))).of(kind)


def axis_code(axis: Axis) -> str:
    """An entry of `in_axes` as source."""
    if not isinstance(axis, tuple):
        return str(axis)
    return f"nnx.StateAxes({parts_code(axis)})"


def parts_code(parts: tuple[Part, ...]) -> str:
    """Parts as a dict, which `nnx.StateAxes` and `nnx.prefix` take."""
    return f"{{{', '.join(f'{_filter(part)}: {_entry(part)}' for part in parts)}}}"


def _entry(part: Part) -> str:
    return "nnx.Carry" if part.axis == "carry" else str(part.axis)


def _filter(part: Part) -> str:
    only = kind_code(part.only)
    if part.under is None:
        return only
    under = f'nnx.PathContains("{part.under}")'
    return under if only == "..." else f"nnx.All({only}, {under})"


def kind_code(kind: str) -> str:
    """A type of Variable as source; `...` stands for all."""
    return kind if kind in ("...", "Custom") else f"nnx.{kind}"


def slice_code(array: str, axis: int, k: str = "k") -> str:
    """Slice `k` of an array along an axis."""
    if axis >= 0:
        return f"{array}[{':, ' * axis}{k}]"
    return f"{array}[..., {k}{', :' * (-1 - axis)}]"
