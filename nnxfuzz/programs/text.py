"""The rows of a program as source text: lines, arrays, static values and Variables."""

from nnxfuzz.programs.case import Array, Variable
from nnxfuzz.programs.case.types import StaticValue

HOOKS = {"get": "on_get_value=add_one", "set": "on_set_value=double"}


def indented(lines: list[str]) -> list[str]:
    """The lines, each of which may be several, one level deeper; empty lines stay empty."""
    return [f"    {one}" if one else "" for line in lines for one in line.split("\n")]


def joined(parts: list[str], kind: str = "tuple") -> str:
    """A tuple or list display of `parts`."""
    inner = ", ".join(parts)
    if kind == "list":
        return f"[{inner}]"
    return f"({inner},)" if len(parts) == 1 else f"({inner})"


def bare(text: str) -> str:
    """A tuple display without its parentheses, where Python needs none."""
    plain = text.startswith("(") and text.endswith(")") and not text.endswith(",)")
    return text[1:-1] if plain and text != "()" else text


# --- arrays ---------------------------------------------------------------------------------


def array_code(array: Array) -> str:
    """An expression for exactly this array, as short as it can be."""
    size = 1
    for length in array.shape:
        size *= length
    if size == 1 and array.shape == ():
        return f"jnp.array({_entry(array, 0)}{_dtype(array.dtype)})"
    if isinstance(array.fill, str) or size <= 1:
        return _constant(array)
    if len(array.shape) == 1 and size <= 4:
        entries = ", ".join(_entry(array, k) for k in range(size))
        return f"jnp.array([{entries}]{_dtype(array.dtype)})"
    return _ramp(array, array.fill, size)


def _entry(array: Array, k: int) -> str:
    if isinstance(array.fill, str):
        return f"{'-' * array.fill.startswith('-')}jnp.{array.fill.lstrip('-')}"
    return str(array.fill + k) if array.dtype == "int32" else f"{array.fill + k}.0"


def _dtype(dtype: str) -> str:
    return "" if dtype == "float32" else f", jnp.{dtype}"


def _constant(array: Array) -> str:
    """All entries equal (or none at all)."""
    shape = str(array.shape[0]) if len(array.shape) == 1 else str(array.shape)
    named = {0: "zeros", 1: "ones"}.get(array.fill) if isinstance(array.fill, int) else None
    if named:
        return f"jnp.{named}({shape}{_dtype(array.dtype)})"
    return f"jnp.full({shape}, {_entry(array, 0)}{_dtype(array.dtype)})"


def _ramp(array: Array, fill: int, size: int) -> str:
    """Integers first, then cast: an `arange` in bfloat16 could round on the way."""
    bounds = f"{fill}, {fill + size}" if fill else f"{size}"
    code = f"jnp.arange({bounds}, dtype=jnp.{'int32' if array.dtype != 'float32' else 'float32'})"
    if array.dtype == "bfloat16":
        code += ".astype(jnp.bfloat16)"
    return code if len(array.shape) == 1 else f"{code}.reshape{array.shape}"


def scalar_code(value: int | float | bool) -> str:
    """A Python number; infinities and NaN have no literal."""
    text = repr(value)
    return f"float('{text}')" if text in ("nan", "inf", "-inf") else text


def literal(value: StaticValue) -> str:
    """A static value; a string in double quotes where that needs no escape."""
    text = repr(value)
    plain = isinstance(value, str) and text.startswith("'") and '"' not in text
    return f'"{text[1:-1]}"' if plain else text


def variable_code(variable: Variable) -> str:
    """An expression that makes the Variable."""
    kind = "Custom" if variable.kind == "Custom" else f"nnx.{variable.kind}"
    arguments = [array_code(variable.value)]
    if variable.tag is not None:
        arguments.append(f"tag={literal(variable.tag)}")
    if variable.names is not None:
        names = joined([literal(name) for name in variable.names])
        arguments += [f"sharding={names}", "eager_sharding=False"]
    if variable.hook is not None:
        arguments.append(HOOKS[variable.hook])
    arguments += ["ref=True"] * variable.ref + ["hijax=True"] * variable.hijax
    return f"{kind}({', '.join(arguments)})"
