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

#: How much more a layer may magnify what its input and its Variables are off by than two trials
#: show.
_MARGIN = 2.0

#: The trials: everything off in one direction, and every other number in the other.
_WAYS = (1.0, -1.0)


class PythonMachine(Arithmetic):
    """How a body computes in the reference.

    `seen` is what a loop of the mode under test hands to a trip in place of a carry (see
    `reference.seen_by_the_loop`); inner loops do the same.  `inner` is called with the name
    of an inner transform and the carry that it is given.
    """

    def __init__(
        self,
        seen: Callable[[Any], Any],
        inner: Callable[[str, Any], None] = lambda how, carry: None,
    ) -> None:
        super().__init__()
        self.seen = seen
        self.inner = inner
        #: The node and the name of every attribute that a made object has an unmarked array in.
        self.made: list[tuple[Any, str]] = []

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
        x = self.cast(counting(number(start), recipe, np), recipe.dtype)
        trials = self._trials(layer, recipe, x, self.bounds.of(start))
        variables = compat.variables_below(layer)
        before = {id(v): self.bounds.of(_raw(v)) for v in variables}
        out, written = _called(layer, recipe, x)
        result = np.asarray(out)
        for variable in written:
            raw = _raw(variable)
            if is_numbers(raw):
                array, old = np.asarray(raw), before.get(id(variable), 0.0)
                seen = _swing(array, [raws.get(id(variable), array) for _, raws in trials])
                bound = old + _noise(array, recipe) + _MARGIN * max(0.0, seen - old)
                compat.set_raw(variable, self.bounds.keep(array, bound))
        swing = _swing(result, [other for other, _ in trials])
        return self.stored(result, result.dtype, _noise(result, recipe) + _MARGIN * swing)

    def _trials(
        self, layer: Any, recipe: Recipe, x: np.ndarray, off: float
    ) -> list[tuple[Any, dict[int, Any]]]:
        """What the call comes to, and what it leaves in the Variables, where `x` and what the
        layer holds are as far off as they may be; nothing where all of it is exact.
        """
        held = [(v, _raw(v), self.bounds.of(_raw(v))) for v in compat.variables_below(layer)]
        if not off and not any(bound for _, _, bound in held):
            return []
        trials = []
        for way in _WAYS:
            for variable, raw, bound in held:
                if bound:
                    compat.set_raw(variable, _moved(number(raw), bound, way))
            out, _ = _called(layer, recipe, _moved(x, off, 1) if off else x)
            trials.append((out, {id(variable): _raw(variable) for variable, _, _ in held}))
            for variable, raw, _ in held:
                compat.set_raw(variable, raw)
        return trials

    def _raws(self, value: Any) -> list[Any]:
        return [compat.get_raw(variable) for variable in compat.variables_below(value)]

    # --- streams ----------------------------------------------------------------------------

    def draw(self, streams: Any, name: str, fork: bool) -> Any:
        def drawn() -> Any:
            return np.asarray(key_number(getattr(streams.fork() if fork else streams, name)()))

        result, written = called(streams, drawn, ("draw", name, fork))
        for variable in written:
            if is_numbers(_raw(variable)):
                compat.set_raw(variable, np.asarray(_raw(variable)))
        return np.array(result)

    # --- sown values ------------------------------------------------------------------------

    def sow(self, module: Any, name: str, value: Any, total: bool) -> None:
        off, before = (
            self.bounds.of(value),
            {id(v): _raw(v) for v in compat.variables_below(module)},
        )
        _, written = lent(module, lambda: sow(module, name, jnp.asarray(value), total))
        for variable in written:
            raw, old = _raw(variable), before.get(id(variable))
            if is_numbers(raw):
                array, bound = np.asarray(raw), off + self.bounds.of(old)
                bound += ULP["float32"] * largest(array) if bound else 0.0
                compat.set_raw(variable, self.bounds.keep(array, bound))
            elif isinstance(raw, tuple) and raw is not old:
                last = self.bounds.keep(np.asarray(raw[-1]), off)
                compat.set_raw(variable, (*raw[:-1], last))

    def pop(self, module: Any) -> None:
        """As `nnx.pop`: a Variable that stands at two places is taken from the first alone."""
        seen: set[int] = set()

        def visit(value: Any) -> None:
            seen.add(id(value))
            for name, held in sorted((compat.parts(value) or {}).items()):
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
        self.inner(statement.how, body.carry)
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
        builder = Builder(case, np.asarray)
        held = builder.held(what)
        self.made += builder.unmarked
        return held


# --- helpers --------------------------------------------------------------------------------


def _raw(variable: Any) -> Any:
    return compat.get_raw(variable)


def _called(layer: Any, recipe: Recipe, x: np.ndarray) -> tuple[Any, list[Any]]:
    return called(layer, lambda: recipe.plainly(layer, jnp.asarray(x)), ("call", bits(x)))


def _noise(array: np.ndarray, recipe: Recipe) -> float:
    return recipe.noise * (1 + largest(array)) if is_float(array.dtype) else 0.0


def _moved(array: np.ndarray, bound: float, way: float) -> np.ndarray:
    """The array with each number off by the bound, every other one in the other direction if
    `way` is -1.
    """
    signs = way ** np.arange(array.size).reshape(array.shape)
    with np.errstate(all="ignore"):  # what is too large for the dtype may be anything
        return np.asarray(array + bound * signs).astype(array.dtype)


def _swing(array: np.ndarray, others: list[Any]) -> float:
    """How far the others are from it at most."""
    if not is_float(array.dtype):
        return 0.0
    return max((largest(wide(np.asarray(other)) - wide(array)) for other in others), default=0.0)


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
