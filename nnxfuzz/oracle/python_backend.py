"""What a body asks of Flax, done plainly: the backend of the reference.

A layer, a stream, an optimizer or a metric is Flax's own and is called eagerly, as the plain loop
would call it.  No transform is used, and nothing is split, merged or cloned: a gradient is worked
out by hand, and inner transforms are what they mean in Python.  What a call computed in float32 is
not exact: it has a shadow (see `arithmetic`).  That of a product of matrices is worked out in
float64.  Any other call of Flax is made once more, on what the shadow run holds.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Shadow, grain_of, largest, wide
from nnxfuzz.oracle.eager_calls import bits, called, is_numbers, lent
from nnxfuzz.oracle.inner import Inner
from nnxfuzz.programs.case import Attribute, Case
from nnxfuzz.programs.live.body import common_shape
from nnxfuzz.programs.live.build import RULES, Builder, add_one, double
from nnxfuzz.programs.live.layers import (
    LiveLayer,
    counting,
    counting_row,
    key_number,
    live_layer,
    sow,
)
from nnxfuzz.programs.numbers import is_float, number

_raw = nnx_api.get_raw

#: Variables, each with what it held.
Raws = list[tuple[Any, Any]]


class PythonBackend(Inner):
    """How a body computes in the reference; what it is made with is told by `Inner`."""

    def __init__(
        self,
        seen: Callable[[Any], Any],
        inner: Callable[[str, Any], None],
        differ: Callable[[str], None],
    ) -> None:
        super().__init__(seen, inner, differ)
        #: The node and the name of every attribute that a made object has an unmarked array in.
        self.made: list[tuple[Any, str]] = []

    # --- Variables --------------------------------------------------------------------------

    def read(self, variable: Any) -> Any:
        value = nnx_api.get_raw(variable)
        if add_one in _hooks(variable):
            return self.combine("add", value, self.constant(1), None)
        return value

    def write(self, variable: Any, value: Any, style: str) -> None:
        old = number(nnx_api.get_raw(variable))
        if style == "setitem":
            common_shape("set", old.shape, value.shape)
            if nnx_api.setitem_keeps_dtype():
                value = self.cast(value, old.dtype)
        if double in _hooks(variable):
            value = self.combine("mul", value, self.constant(2), None)
        nnx_api.set_raw(variable, value)

    def everywhere(self, value: Any, amount: int, via: str) -> Any:
        if nnx_api.is_state(value):
            return jax.tree.map(lambda raw: self._more(raw, amount), value)
        if nnx_api.is_variable(value):  # it is read and assigned, so that hooks are called
            self.write(value, self._more(self.read(value), amount), "assign")
            return None
        for variable in nnx_api.variables_below(value):
            nnx_api.set_raw(variable, self._more(nnx_api.get_raw(variable), amount))
        return None

    def _more(self, raw: Any, amount: int) -> Any:
        if raw is None:  # a Variable without a value, which no leaf of a tree map stands for
            return None
        return self.combine("add", raw, self.constant(amount), None)

    # --- layers -----------------------------------------------------------------------------

    def call(self, layer: Any, value: Any) -> Any:
        recipe = live_layer(layer)
        if recipe is None:
            return self._linear(layer, number(value))
        return self._other(layer, recipe, value)

    def _linear(self, layer: Any, value: np.ndarray) -> Any:
        """A Linear applied: its own code, and the same sums of products in float64."""
        out, _ = called(layer, lambda: layer(value), ("call", bits(value)))
        result = np.asarray(out)
        arrays = [number(raw) for _, raw in _all_raws(layer) if raw is not None]
        weight = max((largest(array) for array in arrays), default=0.0)
        terms = value.shape[-1] if value.ndim else 1
        exact = _exact(weight * largest(value) * (terms + 1), [*arrays, value])
        if exact and not self.shadows.rounded(*arrays, value):
            return self.stored(result, result.dtype, None)
        return self.shadows.keep(result, self._product(layer, value, result))

    def _product(self, layer: Any, value: np.ndarray, result: np.ndarray) -> Shadow:
        """What a Linear comes to in the shadow run."""
        kernel, bias = self._held(layer.kernel), self._held(layer.bias)
        x, weights, added = (self.shadows.wide(array) for array in (value, kernel, bias))
        with np.errstate(all="ignore"):
            product = np.tensordot(x, weights, 1) + added
            magnitude = np.tensordot(np.abs(x), np.abs(weights), 1) + np.abs(added)
        grain = max(self._grain("mul", value, kernel), self.shadows.grain(bias))
        return self.stirred(product, result.dtype, grain, magnitude)

    def _held(self, parameter: Any) -> Any:
        """The array of a layer's parameter; 0 for one that it does without."""
        if parameter is None or (nnx_api.is_variable(parameter) and _raw(parameter) is None):
            return np.zeros(())
        return self.read(parameter) if nnx_api.is_variable(parameter) else parameter

    def _other(self, layer: Any, recipe: LiveLayer, value: Any) -> Any:
        start = self.total(value)
        x = self._counting(start, lambda from_: counting(from_, recipe, np), recipe.dtype)
        before = _all_raws(layer)
        out, written = _called(layer, recipe, x)
        moved, grain = self._moved(x), self.shadows.grain(x)
        shadow = self._shadowed(before, written, grain, lambda: _called(layer, recipe, moved)[0])
        result = np.asarray(out)
        if not is_float(result.dtype):
            return result
        return self.shadows.keep(result, _seen(np.asarray(shadow), grain))

    def _counting(self, start: Any, count: Callable[[Any], Any], dtype: np.dtype) -> np.ndarray:
        """An input that counts up from a number, with its shadow."""
        x, shadow = count(number(start)), self.shadows.of(start)
        if shadow is not None:
            x = self.shadows.keep(x, Shadow(count(shadow.values), shadow.grain))
        return self.cast(x, dtype)

    def _shadowed(
        self, before: Raws, written: list[Any], grain: float, call: Callable[[], Any]
    ) -> Any:
        """What a call of Flax returns in the shadow run.

        `before` is what the Variables held when the program made the call, and `written` are those
        that it wrote: what they hold now is given the shadow that the call leaves.  `grain` is that
        of what the call was given.
        """
        after = [(variable, _raw(variable)) for variable, _ in before]
        for variable, raw in before:
            nnx_api.set_raw(variable, self._moved(raw) if is_numbers(raw) else raw)
        out = call()
        left = {id(variable): _raw(variable) for variable, _ in before}
        for variable, raw in after:
            nnx_api.set_raw(variable, raw)
        was = {id(variable): raw for variable, raw in before}
        for variable in written:
            raw, old = _raw(variable), was.get(id(variable))
            if is_numbers(raw) and is_float(number(raw).dtype):
                seen = _seen(number(left.get(id(variable), raw)), max(grain, self._grain_of(old)))
                nnx_api.set_raw(variable, self.shadows.keep(number(raw), seen))
        return out

    def _grain_of(self, raw: Any) -> float:
        """The grain that an update of what a Variable held leaves."""
        if not is_numbers(raw) or not is_float(number(raw).dtype):
            return 0.0
        return max(self.shadows.grain(raw), grain_of(number(raw), number(raw).dtype))

    def _moved(self, raw: Any) -> np.ndarray:
        """What the shadow run holds in place of an array, as near as its dtype allows."""
        array = number(raw)
        if not is_float(array.dtype):
            return array
        return self.stirred(self.shadows.wide(raw), array.dtype).values.astype(array.dtype)

    # --- streams ----------------------------------------------------------------------------

    def draw(self, streams: Any, name: str, fork: bool) -> Any:
        def drawn() -> Any:
            return np.asarray(key_number(getattr(streams.fork() if fork else streams, name)()))

        result, written = called(streams, drawn, ("draw", name, fork))
        for variable in written:
            if is_numbers(_raw(variable)):
                nnx_api.set_raw(variable, np.asarray(_raw(variable)))
        return np.array(result)

    # --- sown values ------------------------------------------------------------------------

    def sow(self, module: Any, name: str, value: Any, total: bool) -> None:
        before = {id(v): _raw(v) for v in nnx_api.variables_below(module)}
        _, written = lent(module, lambda: sow(module, name, jnp.asarray(value), total))
        shadow = self.shadows.of(value)
        for variable in written:
            raw, old = _raw(variable), before.get(id(variable))
            if is_numbers(raw):
                was = old if is_numbers(old) else np.zeros((), number(raw).dtype)
                if self.shadows.rounded(value, was):
                    values = self.shadows.wide(was) + self.shadows.wide(value)
                    grain = self.shadows.grain(value, was)
                    whole = self.stirred(values, number(raw).dtype, grain)
                    nnx_api.set_raw(variable, self.shadows.keep(number(raw), whole))
                else:
                    nnx_api.set_raw(variable, number(raw))
            elif isinstance(raw, tuple) and raw is not old:
                last = self.shadows.keep(np.asarray(raw[-1]), shadow)
                nnx_api.set_raw(variable, (*raw[:-1], last))

    def pop(self, module: Any, named: str | None) -> None:
        """As `nnx.pop`: a Variable that stands at two places is taken from the first alone."""
        seen: set[int] = set()

        def visit(value: Any) -> None:
            seen.add(id(value))
            for name, held in sorted((nnx_api.parts(value) or {}).items()):
                if id(held) in seen:
                    continue
                if isinstance(held, nnx.Intermediate):
                    seen.add(id(held))
                    delattr(value, name)
                else:
                    visit(held)

        visit(module)

    # --- training ---------------------------------------------------------------------------

    def train(self, optimizer: Any, model: Any, value: Any) -> None:
        """The gradient of `sum(model(x) ** 2) / 2` by hand, then the optimizer's own update."""
        start, row = self.total(value), lambda from_: counting_row(from_, model, np)
        x = self._counting(start, row, np.dtype(np.float32))
        grads, moved = self._gradients(x, self._linear(model, x))
        before = _all_raws((model, optimizer))
        exact = not self.shadows.rounded(*grads.values(), *(raw for _, raw in before))
        written = self._step(optimizer, model, grads)
        if exact and optimizer.tx is not RULES["adam"]:
            written = [v for v in written if is_numbers(_raw(v)) and not _dyadic(_raw(v))]
        if written:
            # A rule scales the gradients, so their grain is none of the parameters.
            self._shadowed(before, written, 0.0, lambda: self._step(optimizer, model, moved))

    def _gradients(
        self, x: np.ndarray, y: np.ndarray
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """The gradients by the names of the parameters, float32, and those of the shadow run."""
        grads = {"kernel": np.asarray(x.T @ y), "bias": np.asarray(y.sum(axis=0))}
        if not self.shadows.rounded(x, y) and _exact(largest(x) * largest(y), [x, y]):
            return grads, grads
        wide_x, wide_y = self.shadows.wide(x), self.shadows.wide(y)
        exact = wide_x.T @ wide_y, wide_y.sum(axis=0)
        sums = np.abs(wide_x).T @ np.abs(wide_y), np.abs(wide_y).sum(axis=0)
        grains = self._grain("mul", x, y), self.shadows.grain(y)
        for name, *told in zip(grads, exact, grains, sums, strict=True):
            grads[name] = self.shadows.keep(grads[name], self.stirred(told[0], y.dtype, *told[1:]))
        return grads, {name: self._moved(grad) for name, grad in grads.items()}

    def _step(self, optimizer: Any, model: Any, grads: dict[str, np.ndarray]) -> list[Any]:
        """One update by the optimizer's own code; the Variables that it wrote."""
        update = lambda: nnx_api.optimizer_update(optimizer, model, grads)  # noqa: E731
        asked = "train", *(bits(grad) for grad in grads.values())
        return called((model, optimizer), update, asked)[1]

    # --- what a statement makes -------------------------------------------------------------

    def make(self, case: Case, what: Attribute) -> Any:
        builder = Builder(case, np.asarray)
        held = builder.held(what)
        self.made += builder.unmarked
        return held


# --- helpers --------------------------------------------------------------------------------


def _all_raws(value: Any) -> Raws:
    return [(variable, _raw(variable)) for variable in nnx_api.variables_below(value)]


def _called(layer: Any, recipe: LiveLayer, x: np.ndarray) -> tuple[Any, list[Any]]:
    return called(layer, lambda: recipe.plainly(layer, jnp.asarray(x)), ("call", bits(x)))


def _seen(array: np.ndarray, grain: float) -> Shadow:
    """What a call of Flax came to in the shadow run, with at least this grain."""
    return Shadow(wide(array), max(grain, grain_of(array, array.dtype)))


def _hooks(variable: Any) -> list[Any]:
    return list(variable.get_metadata().values())


def _exact(magnitude: float, arrays: list[Any]) -> bool:
    """Whether sums of products of whole numbers stay exact in float32."""
    whole = all(np.array_equal(np.round(a), a) for a in (wide(number(a)) for a in arrays))
    return whole and magnitude < 2.0**23


def _dyadic(array: Any) -> bool:
    """Whether all entries are small multiples of 2**-10, which float32 adds and halves exactly."""
    scaled = wide(number(array)) * 2.0**10
    return bool(np.all(np.abs(scaled) < 2.0**23) and np.array_equal(np.round(scaled), scaled))
