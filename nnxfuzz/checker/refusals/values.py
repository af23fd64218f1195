"""Values of which jax makes no array, and values of another type than it asks for."""

import re
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.checker.refusals.base import (
    Evidence,
    Holds,
    Reason,
    axes_of_mesh,
    seen,
    up_to,
    variables_with,
    words,
)
from nnxfuzz.checker.refusals.calling import traced
from nnxfuzz.checker.worlds import LEAKED, name_of
from nnxfuzz.plain.observations import Kind, Observation

#: The class of the value that jax does not take.
_CLASS = re.compile(r"type <class '(?:[^']*\.)?([^'.]+)'>")


def no_data(kind: Kind) -> Holds:
    """The plain run noted a value that is no array, of the class that the message names."""

    def holds(e: Evidence) -> tuple[str, ...] | None:
        return next(map(e.paths_of, _of_the_class(e, kind)), None)

    return holds


def _of_the_class(e: Evidence, kind: Kind) -> Iterator[Observation]:
    named = _CLASS.search(str(e.error))
    yield from (o for o in e.seen.of(kind) if named is None or o.detail == named[1])


def no_pytree(e: Evidence) -> tuple[str, ...] | None:
    """A module is given, reached or made that is none of jax's pytrees, of the class that the
    message names; its path, or the class.
    """
    named = re.search(r"type '?<class '([^']+)'>|on a '(\w+)' instance", str(e.error))
    if named is None:
        return None
    kinds = {
        kind
        for kind in nnx_api.no_pytrees()
        if named[2] == kind.__name__ or named[1] == f"{kind.__module__}.{kind.__qualname__}"
    }
    held = [name_of(path) for path, value in e.before.objects.items() if type(value) in kinds]
    return tuple((held or sorted(kind.__name__ for kind in kinds))[:1]) or None


def leaked_before(e: Evidence) -> tuple[str, ...] | None:
    """The first place at which the call was given, or reaches, a tracer of an earlier trace."""
    held = (path for path, entry in e.before.entries.items() if LEAKED in entry.detail)
    found = next(held, None)
    if found is not None:
        return (name_of(found),)
    comes_to_it = isinstance(e.python, jax.errors.UnexpectedTracerError)
    return e.leaked[:1] or None if comes_to_it else None


def numpy_written(e: Evidence) -> tuple[str, ...] | None:
    """The user's own code writes in place, and arrays of numpy are given, of which jax makes its
    own; Python does it.
    """
    if traced(e) is None or e.python is not None:
        return None
    given = e.before.arrays.items()
    of_numpy = [path for path, array in given if isinstance(array, np.ndarray)]
    return tuple(name_of(path) for path in of_numpy if path[0] == "caller") or None


def array_attribute(e: Evidence) -> tuple[str, ...] | None:
    """A module holds an array that no Variable holds, at the place that the message names, if it
    names one: before the call, or once the function has run.
    """
    named = re.search(r", at '(?:.*/)?(.*?)':", str(e.error))
    name = named[1] if named else ""
    nodes = {path for path, entry in e.before.entries.items() if entry.role == "node"}
    held = [path for path in e.before.arrays if path[:-1] in nodes]
    paths = [name_of(path) for path in held if not named or path[-1] == name]
    made = [o for o in e.seen.of("structure-changed") if not named or f"'{name}'" in o.detail]
    paths += [".".join(filter(None, (e.paths_of(o)[0], name))) for o in made]
    return tuple(paths[:1]) or None


def cotangent_of_a_variable(e: Evidence) -> tuple[str, ...] | None:
    """The function of a `vjp` returns a Variable that it makes in its argument."""
    made = (o for o in e.seen.of("variable-made") if o.transform == "vjp")
    return next((o.paths for o in made if "out" in o.paths), None)


def names_an_axis(e: Evidence) -> tuple[str, ...] | None:
    """A Variable is sharded along an axis that the message names, and that is none of the mesh that
    it names, nor of the one around the call, if that mesh is the one in use.
    """
    named = re.search(r"Resource axis: (\w+) .* in mesh: (.*)", str(e.error))
    assert named is not None
    own = variables_with(lambda v: nnx_api.metadata(v).get("mesh") is not None, e)
    around = () if own else axes_of_mesh()
    if named[1] in around or re.search(rf"\b{named[1]}\b", named[2]):
        return None

    def is_sharded(variable: Any) -> bool:
        told = nnx_api.metadata(variable)
        return any(named[1] in str(told.get(key)) for key in ("names", "sharding", "out_sharding"))

    return variables_with(is_sharded, e)


REASONS: tuple[Reason, ...] = (
    Reason(
        "axis-not-in-mesh",
        "{} has the name of an axis that the mesh in use does not have",
        (words("ValueError", r"^Resource axis: \w+ of .* is not found in mesh"),),
        names_an_axis,
        "the error's own text; `_to_variable` in flax/nnx/transforms/transforms.py",
        "name an axis of the mesh, or give sharding_rules",
    ),
    Reason(
        "cotangent-of-a-variable",
        "the function returns a Variable ({}), and what its pullback is given is none",
        (words("ValueError", "(?s)^unexpected tree structure.*VJP function"),),
        cotangent_of_a_variable,
        "the error's own text; docstring of `jax.vjp`: a cotangent has the structure of the output",
        "give the pullback a value with the structure of the output",
    ),
    Reason(
        "array-attribute",
        "an array stands at {}, and no Variable holds it",
        (words("ValueError", "^Arrays leaves are not supported, (at|found) "),),
        up_to("0.10.4", array_attribute),
        "the error's own text; flax/nnx/graph.py up to 0.10.4 takes arrays in Variables alone",
        "hold it in a Variable, or use flax 0.10.5 or newer",
    ),
    Reason(
        "no-pytree",
        "{} is a module with pytree=False, and tree mode takes modules for pytrees of jax",
        (
            words("TypeError", "is not a valid JAX (array )?type"),
            words("InvalidInputException", "is not a valid JAX (array )?type"),
            words("TypeError", "as an abstract array"),
            words("ValueError", "instance that has pytree=False"),
        ),
        no_pytree,
        '`_check_valid_pytree` in flax/nnx/graphlib.py: such classes "are not registered as JAX '
        'pytrees and cannot be used in tree-mode"',
        "leave pytree=False out, and hold what has arrays in nnx.List, nnx.Dict or nnx.data",
        ("tree",),
    ),
    Reason(
        "no-array",
        "{} is no array, and the transform makes one of each argument",
        (
            words("TypeError", "Error interpreting argument to .* as an abstract array"),
            words("TypeError", "is not a valid JAX (array )?type"),
            words("KeyError", "__jax_array__"),  # of a dictionary whose items are attributes
        ),
        no_data("no-array"),
        "docstring of `jax.jit`: arguments have to be arrays, scalars, or containers of them, and "
        "others have to be static",
        "make it static, hold it in a module, or bind it before with functools.partial",
    ),
    Reason(
        "no-array-returned",
        "the function returns {}, which is no array",
        (
            words("TypeError", "returned a value of type .* which is not a valid JAX type"),
            words("TypeError", "Output from batched function .* is not a valid JAX type"),
        ),
        no_data("no-array-returned"),
        "docstring of `jax.jit`: what is returned has to be arrays, or containers of them",
        "return arrays, and make the rest of them after the call",
    ),
    Reason(
        "tracer-before",
        "{} holds a tracer, which was left there when a function was traced",
        (words("UnexpectedTracerError", ""),),
        leaked_before,
        "docs of `jax.errors.UnexpectedTracerError`: a transformed function may not keep what it "
        "computes by a side effect",
        "return what is to be kept from the function that computes it, or hold it in a Variable of "
        "an argument",
    ),
    Reason(
        "static-unhashable",
        "{} is static and has no hash",
        (words("ValueError", "Non-hashable static arguments are not supported"),),
        seen("static-unhashable"),
        "the error's own text; docstring of `jax.jit`: static arguments have to be hashable",
        "pass it without making it static, or make a tuple of it",
    ),
    Reason(
        "static-module",
        "{} is static and a module, of which the mode makes its state, which has no hash",
        (words("ValueError", "Non-hashable static arguments .*flax.nnx.extract"),),
        seen("static-module"),
        "the error's own text; docstring of `jax.jit`: static arguments have to be hashable",
        "pass it without making it static",
        ("graph", "graph-frozen"),
    ),
    Reason(
        "condition-no-bool",
        "what the condition of the loop returns is no boolean scalar",
        (words("TypeError", "cond_fun must return a boolean scalar"),),
        lambda e: () if e.seen.of("condition-no-bool") else None,
        "docstring of `jax.lax.while_loop`: `cond_fun` returns a boolean scalar",
        "return one bool: a comparison of two numbers, or .all() or .any() of an array",
    ),
    Reason(
        "numpy-written",
        "the function writes to an array in place, and of {}, of numpy, jax makes its own",
        (words("TypeError", "JAX arrays are immutable and do not support in-place"),),
        numpy_written,
        "the error's own text",
        "hold it in a Variable and write into that, or use .at[...].set(...)",
    ),
)
