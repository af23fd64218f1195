"""A jaxpr evaluated with numpy: what makes exploring fast.

NNX does all its work while tracing; compiling the traced loop with XLA takes ten times longer and
adds nothing that a search needs.  Loops and calls are evaluated here, simple primitives by
`primitives`, any other through its own eager implementation (`bound`).  Equations whose results
nobody reads (the key handling of initialisers, say) are skipped.

It asks for no jax version: the counts of constants, carry and scanned values are read off the
shapes of the loop's own body, because the parameters that hold them changed names (jax 0.12).
"""

import functools
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from nnxfuzz.programs.numbers import is_key
from nnxfuzz.runners.bound import Numbers, Rule, bind, of_keys
from nnxfuzz.runners.primitives import PRIMITIVES


def evaluate(closed: Any, arguments: Sequence[Any]) -> Numbers:
    """The outputs of a closed jaxpr as numpy arrays."""
    with np.errstate(all="ignore"):
        return _run(closed.jaxpr, closed.consts, arguments)


def _run(jaxpr: Any, consts: Sequence[Any], arguments: Sequence[Any]) -> Numbers:
    plan = _plan(jaxpr)
    environment: dict[Any, Any] = dict(zip(jaxpr.constvars, consts, strict=True))
    environment.update(zip(jaxpr.invars, arguments, strict=True))
    environment.update(plan.literals)
    for rule, equation, inputs in plan.steps:
        outputs = rule(equation, [environment[atom] for atom in inputs])
        environment.update(zip(equation.outvars, outputs, strict=True))
    return [environment[atom] for atom in plan.outputs]


class _Plan:
    """What to do for a jaxpr: each equation that an output depends on, with its rule and the names
    of its inputs; literals have names of their own.
    """

    def __init__(self, jaxpr: Any) -> None:
        self.literals: dict[Any, np.ndarray] = {}
        self.steps = [
            (_rule_of(equation), equation, [self._name(atom) for atom in equation.invars])
            for equation in _needed(jaxpr)
        ]
        self.outputs = [self._name(atom) for atom in jaxpr.outvars]

    def _name(self, atom: Any) -> Any:
        if not hasattr(atom, "val"):
            return atom
        name = len(self.literals)
        self.literals[name] = np.asarray(atom.val, atom.aval.dtype)
        return name


#: A body is evaluated once for each trip, and planned once.
_plan = functools.lru_cache(maxsize=64)(_Plan)


def _rule_of(equation: Any) -> Rule:
    """numpy has no random keys, so what handles those is bound."""
    name = equation.primitive.name
    if name in CONTROL or not any(of_keys(atom.aval) for atom in equation.invars):
        return RULES.get(name, bind)
    return bind


def _needed(jaxpr: Any) -> list[Any]:
    """The equations that an output depends on, in order."""
    wanted = {id(atom) for atom in jaxpr.outvars}
    kept = []
    for equation in reversed(jaxpr.eqns):
        if any(id(out) in wanted for out in equation.outvars) or equation.effects:
            kept.append(equation)
            wanted.update(id(atom) for atom in equation.invars)
    return kept[::-1]


# --- loops and calls ------------------------------------------------------------------------


def _call(equation: Any, values: Numbers) -> Numbers:
    jaxpr = _jaxpr_of(equation)
    # Loops have closed jaxprs, `remat` an open one.
    return evaluate(jaxpr, values) if hasattr(jaxpr, "consts") else _run(jaxpr, [], values)


def _jaxpr_of(equation: Any) -> Any:
    """The one closed jaxpr among the parameters (`jaxpr` or `call_jaxpr`)."""
    for name in ("jaxpr", "call_jaxpr"):
        if name in equation.params:
            return equation.params[name]
    raise KeyError(f"{equation.primitive.name} has no jaxpr among {sorted(equation.params)}")


def _trailing(outer: Sequence[Any], inner: Sequence[Any]) -> int:
    """How many of the last values have one axis more outside of the body than inside."""
    pairs = list(zip(outer, inner, strict=True))
    count = 0
    while count < len(pairs):
        out, body = pairs[-1 - count]
        if out.aval.ndim != body.aval.ndim + 1:
            break
        count += 1
    return count


def _scan(equation: Any, values: Numbers) -> Numbers:
    closed, length = equation.params["jaxpr"], equation.params["length"]
    body = closed.jaxpr
    stacked_in = _trailing(equation.invars, body.invars)
    stacked_out = _trailing(equation.outvars, body.outvars)
    carried = len(body.outvars) - stacked_out
    constants = len(values) - stacked_in - carried
    fixed, carry = values[:constants], values[constants : constants + carried]
    xs = [x if is_key(x) else np.asarray(x) for x in values[constants + carried :]]
    rows: list[Numbers] = [[]] * length
    order = range(length)
    for k in reversed(order) if equation.params["reverse"] else order:
        out = evaluate(closed, [*fixed, *carry, *(x[k] for x in xs)])
        carry, rows[k] = out[:carried], out[carried:]
    emitted = [
        _stacked([row[j] for row in rows], var) for j, var in enumerate(equation.outvars[carried:])
    ]
    return [*carry, *emitted]


def _stacked(rows: Numbers, var: Any) -> Any:
    """What the trips emitted, along a new leading axis."""
    if rows:
        return jnp.stack(rows) if is_key(rows[0]) else np.stack([np.asarray(row) for row in rows])
    if of_keys(var.aval):
        return jnp.empty(var.aval.shape, var.aval.dtype)
    return np.zeros(var.aval.shape, var.aval.dtype)


def _while(equation: Any, values: Numbers) -> Numbers:
    params = equation.params
    of_cond, of_body = params["cond_nconsts"], params["body_nconsts"]
    for_cond, for_body = values[:of_cond], values[of_cond : of_cond + of_body]
    carry = values[of_cond + of_body :]
    while True:
        going = np.asarray(evaluate(params["cond_jaxpr"], [*for_cond, *carry])[0])
        if not going.any():
            return carry
        out = evaluate(params["body_jaxpr"], [*for_body, *carry])
        carry = [_chosen(going, new, old) for new, old in zip(out, carry, strict=True)]


def _chosen(going: np.ndarray, new: Any, old: Any) -> Any:
    """`new` for the examples that go on: under `vmap` each has a condition of its own."""
    if going.all():
        return new
    along = going.reshape(going.shape + (1,) * (np.ndim(new) - going.ndim))
    return jnp.where(along, new, old) if is_key(new) else np.where(along, new, old)


def _cond(equation: Any, values: Numbers) -> Numbers:
    branches = equation.params["branches"]
    chosen = min(max(int(values[0]), 0), len(branches) - 1)
    return evaluate(branches[chosen], values[1:])


CONTROL: dict[str, Rule] = {
    lax.scan_p.name: _scan,
    lax.while_p.name: _while,
    lax.cond_p.name: _cond,
    **dict.fromkeys(
        ("pjit", "jit", "closed_call", "core_call", "remat", "remat2", "checkpoint"), _call
    ),
}

RULES: dict[str, Rule] = {**CONTROL, **PRIMITIVES}
