"""What a body asks of Flax, done plainly: the machine of the reference.

A layer, a stream, an optimizer or a metric is Flax's own and is called eagerly, as the plain loop
would call it.  No transform is used, and nothing is split, merged or cloned: a gradient is worked
out by hand, and inner transforms are what they mean in Python.  What a call computed in float32 is
not exact, so it carries a generous bound.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from nnxfuzz import compat
from nnxfuzz.arithmetic import ULP, Arithmetic, Unfit, largest, wide
from nnxfuzz.body import Body, common_shape
from nnxfuzz.boxes import with_arrays
from nnxfuzz.build import RULES, Builder, add_one, double
from nnxfuzz.calls import bits, called, is_numbers, lent
from nnxfuzz.case import Attribute, Case, Within
from nnxfuzz.layers import Recipe, counting, counting_row, key_number, recipe_of, sow
from nnxfuzz.numbers import is_float, number

#: How far a layer of these sizes may be off, relative to its largest result, and how many times
#: it may magnify what its input was off by (a normalisation divides by a small number).
_NOISE, _GAIN = 1e-4, 1e3


class PythonMachine(Arithmetic):
    """How a body computes in the reference.

    `seen` is what a loop of the mode under test hands to a trip in place of a carry (see
    `reference.seen_by_the_loop`); inner loops do the same.
    """

    def __init__(self, seen: Callable[[Any], Any]) -> None:
        super().__init__()
        self.seen = seen

    # --- Variables --------------------------------------------------------------------------

    def read(self, variable: Any) -> Any:
        value = compat.get_raw(variable)
        if add_one in _hooks(variable):
            return self.combine("add", value, self.constant(1), None)
        return value

    def write(self, variable: Any, value: Any, style: str) -> None:
        old = number(compat.get_raw(variable))
        if style == "setitem":
            common_shape("set", old.shape, value.shape)
            if compat.setitem_keeps_dtype():
                value = self.cast(value, old.dtype)
        if double in _hooks(variable):
            value = self.combine("mul", value, self.constant(2), None)
        compat.set_raw(variable, value)

    def everywhere(self, value: Any, amount: int, via: str) -> Any:
        if compat.is_state(value):
            return jax.tree.map(lambda raw: self._more(raw, amount), value)
        for variable in compat.variables_below(value):
            compat.set_raw(variable, self._more(compat.get_raw(variable), amount))
        return None

    def _more(self, raw: Any, amount: int) -> Any:
        if raw is None:  # a Variable without a value, which no leaf of a tree map stands for
            return None
        return self.combine("add", raw, self.constant(amount), None)

    # --- layers -----------------------------------------------------------------------------

    def call(self, layer: Any, value: Any) -> Any:
        recipe = recipe_of(layer)
        return (
            self._linear(layer, number(value))
            if recipe is None
            else self._other(layer, recipe, value)
        )

    def _linear(self, layer: Any, value: np.ndarray) -> Any:
        """A Linear applied: its own code, and a bound for sums of products in float32."""
        out, _ = called(layer, lambda: layer(value), ("call", bits(value)))
        result = np.asarray(out)
        arrays = [a for a in self._raws(layer) if a is not None]
        weight = max((largest(array) for array in arrays), default=0.0)
        terms = value.shape[-1] if value.ndim else 1
        bound = sum(self.bounds.of(array) * (1 + largest(value)) * terms for array in arrays)
        bound += terms * weight * self.bounds.of(value)
        if bound or not _exact(weight * largest(value) * (terms + 1), [*arrays, value]):
            bound += 4 * ULP["float32"] * weight * (1 + terms * largest(value))
        return self.stored(result, result.dtype, bound)

    def _other(self, layer: Any, recipe: Recipe, value: Any) -> Any:
        start = self.total(value)
        off = self.bounds.of(start) + sum(self.bounds.of(raw) for raw in self._raws(layer))
        x = self.cast(counting(number(start), recipe, np), recipe.dtype)
        call = lambda: recipe.plainly(layer, jnp.asarray(x))  # noqa: E731
        out, written = called(layer, call, ("call", bits(x)))
        result = np.asarray(out)
        bound = _NOISE * (1 + largest(result)) + _GAIN * off
        self._settle(written, bound)
        return self.stored(result, result.dtype, bound)

    def _raws(self, value: Any) -> list[Any]:
        return [compat.get_raw(variable) for variable in compat.variables_below(value)]

    def _settle(self, written: list[Any], bound: float) -> None:
        """Give what a call left in Variables its bound."""
        for variable in written:
            raw = _raw(variable)
            if is_numbers(raw):
                array = np.asarray(raw)
                here = bound * (1 + largest(array)) if is_float(array.dtype) else 0.0
                compat.set_raw(variable, self.bounds.keep(array, here))

    # --- streams ----------------------------------------------------------------------------

    def draw(self, streams: Any, name: str, fork: bool) -> Any:
        def drawn() -> Any:
            return np.asarray(key_number(getattr(streams.fork() if fork else streams, name)()))

        result, written = called(streams, drawn, ("draw", name, fork))
        self._settle(written, 0.0)
        return np.array(result)

    # --- sown values ------------------------------------------------------------------------

    def sow(self, module: Any, name: str, value: Any, total: bool) -> None:
        bound = self.bounds.of(value) + sum(self.bounds.of(raw) for raw in self._raws(module))
        _, written = lent(module, lambda: sow(module, name, jnp.asarray(value), total))
        self._settle(written, 2 * bound)

    def pop(self, module: Any) -> None:
        for node in compat.nodes_below(module):
            for name, held in compat.attributes(node).items():
                if isinstance(held, nnx.Intermediate):
                    delattr(node, name)

    # --- training ---------------------------------------------------------------------------

    def train(self, optimizer: Any, model: Any, value: Any) -> None:
        """The gradient of `sum(model(x) ** 2) / 2` by hand, then the optimizer's own update."""
        start = self.total(value)
        x = self.cast(counting_row(number(start), model, np), np.dtype(np.float32))
        y = self._linear(model, self.bounds.keep(x, self.bounds.of(start)))
        off = self.bounds.of(y) * (1 + largest(x)) + self.bounds.of(start) * (1 + largest(y))
        grads = {"kernel": np.asarray(x.T @ y), "bias": np.asarray(y.sum(axis=0))}
        if off or not _exact(largest(x) * largest(y), [x, y]):
            off += 8 * ULP["float32"] * (1 + largest(x)) * (1 + largest(y))
        trained = (model, optimizer)
        was = sum(self.bounds.of(raw) for raw in self._raws(trained))
        step = lambda: compat.optimizer_update(optimizer, model, grads)  # noqa: E731
        asked = "train", *(bits(grad) for grad in grads.values())
        _, written = called(trained, step, asked)
        self._trained(written, optimizer.tx is RULES["adam"], 2 * off, 2 * was)

    def _trained(self, written: list[Any], adam: bool, off: float, was: float) -> None:
        """Bounds after an update: exact where small dyadic numbers stayed so, wide for Adam, which
        divides by the root of its own rounding errors.
        """
        for variable in written:
            if not is_numbers(_raw(variable)):
                continue
            raw = number(_raw(variable))
            bound = 0.0
            if is_float(raw.dtype) and (adam or off or was or not _dyadic(raw)):
                bound = was + (1 + largest(raw)) * (off + 8 * ULP["float32"] + adam)
            compat.set_raw(variable, self.bounds.keep(raw, bound))

    # --- inner transforms -------------------------------------------------------------------

    def within(self, statement: Within, chosen: Any, body: Body) -> None:
        """What the transform means: a loop, a branch, or nothing at all."""
        block = self._branch(statement, chosen) if chosen is not None else statement.block
        loops = statement.how in ("fori_loop", "while_loop", "scan")
        if loops:
            carry = self.seen(body.carry)
            for _ in range(statement.times):
                carry = self.seen(body.run_block(statement.block, carry))
            body.carry = carry
        elif block is not None:
            before = body.carry
            after = body.run_block(block, self.seen(before))
            body.carry = with_arrays(before, after)

    def _branch(self, statement: Within, chosen: Any) -> int | None:
        bound = self.bounds.of(chosen)
        if np.isnan(wide(number(chosen))) or (bound and not abs(float(chosen)) > bound):
            raise Unfit("a rounded float decides which branch is taken")
        return statement.block if bool(chosen > 0) else statement.otherwise

    def make(self, case: Case, what: Attribute) -> Any:
        return Builder(case, np.asarray).held(what)


# --- helpers --------------------------------------------------------------------------------


def _raw(variable: Any) -> Any:
    return compat.get_raw(variable)


def _hooks(variable: Any) -> list[Any]:
    return list(variable.get_metadata().values())


def _exact(magnitude: float, arrays: list[Any]) -> bool:
    """Whether sums of products of whole numbers stay exact in float32."""
    whole = all(np.array_equal(np.round(a), a) for a in (wide(number(a)) for a in arrays))
    return whole and magnitude < 2.0**23


def _dyadic(array: np.ndarray) -> bool:
    """Whether all entries are small multiples of 2**-10, which float32 adds and halves exactly."""
    scaled = wide(array) * 2.0**10
    return bool(np.all(np.abs(scaled) < 2.0**23) and np.array_equal(np.round(scaled), scaled))
