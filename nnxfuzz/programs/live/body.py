"""The one interpreter for bodies, used by the Python loop and by the transform alike.

What differs between the two runs (how numbers are combined, how a Variable is written, how an
object is made) is a `Backend`; everything else - which place a statement means, what order things
happen in, how the carry is taken apart and put together - happens here once.
"""

from collections.abc import Callable
from collections.abc import Sequence as Seq
from typing import Any, assert_never

import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.plain.observations import Kind
from nnxfuzz.programs import case as c
from nnxfuzz.programs.live.boxes import Box, caught, closed, is_object, opened
from nnxfuzz.programs.live.layers import live_layer
from nnxfuzz.programs.operations import Backend

#: The roots that a block reaches by closure, unless it is given what is below.
_OUTSIDE = (("inputs",), ("closure",))


class BodyRaised(Exception):
    """The program's own exception: a statement whose place is gone, or that cannot be done."""


class Raised(BodyRaised):
    """A `Raise`."""


class Body:
    """One trip of the body over one carry."""

    def __init__(
        self,
        case: c.Case,
        backend: Backend,
        closure: Seq[Any],
        index: Any,
        inputs: Seq[Any],
        carry: Any,
        given: dict[c.TreePath, Any] | None = None,
    ) -> None:
        self.case = case
        self.backend = backend
        self.index = index
        self.inputs = inputs
        self.closure = closure
        #: In a block, the arguments that its transform has beside the carry, by their places.
        self.given = given
        #: What was seen of which object, where it was put or stands, and which transform got it:
        #: one that is reached by closure was put elsewhere (`captured-returned`), was handed to
        #: another transform (`captured`), or written by a block (`captured-written`), or a State
        #: was replaced by another (`state-rebuilt`).
        self.noted: list[tuple[Kind, c.TreePath, Any, str]] = []
        #: What a block reached by closure.
        self.reached: list[Any] = []
        #: Every Variable written and every node rebound, in order.
        self.touched: list[Any] = []
        #: The node and the name of every new attribute that was given an array.
        self.made: list[tuple[Any, str]] = []
        places: dict[str | int, Any] = {"carry": opened(carry)}
        self.roots = Box(dict, places | {"inputs": caught(inputs), "closure": caught(closure)})

    @property
    def carry(self) -> Any:
        """The carry as it is now."""
        return closed(self.roots.items["carry"])

    @carry.setter
    def carry(self, value: Any) -> None:
        self.roots.items["carry"] = opened(value)

    def run(self) -> tuple[Any, tuple[Any, ...]]:
        """Run every statement; return the carry and what the trip emits."""
        for statement in self.case.body:
            self.execute(statement)
        return self.carry, tuple(self.emitted(output.value) for output in self.case.ys)

    def run_block(self, block: int, carry: Any, given: dict[c.TreePath, Any]) -> Any:
        """Run an inner body over `carry` and arguments `given`, all else as here; its carry."""
        inner = Body(self.case, self.backend, self.closure, self.index, self.inputs, carry, given)
        try:
            for statement in self.case.blocks[block]:
                inner.execute(statement)
        finally:
            self.touched += inner.touched
            self.made += inner.made
            self.noted += inner.noted
            self.reached += inner.reached
        return inner.carry

    def _by_closure(self, path: c.TreePath) -> bool:
        """Whether the function that runs reaches the place by closure."""
        if self.given is None:
            return path[0] == "closure"
        return path[:1] in _OUTSIDE and self._argument(path) is None

    def _argument(self, path: c.TreePath) -> c.TreePath | None:
        """The argument of a block's transform that the place is, or is below."""
        ends = range(2, len(path) + 1) if self.given else ()
        return next((path[:end] for end in ends if path[:end] in (self.given or {})), None)

    def _wrote(self, path: c.TreePath, objects: Seq[Any]) -> None:
        """Note that a statement wrote `objects`, which are at or below `path`."""
        if self.given is not None and self._by_closure(path):
            self.noted += [("captured-written", path, written, "") for written in objects]

    def emitted(self, value: c.Operand | c.OfVariable | c.OfNode) -> Any:
        """One thing that a trip emits."""
        if isinstance(value, c.OfVariable | c.OfNode):
            return self.backend.make(self.case, value)
        return self.operand(value)

    def execute(self, statement: c.Statement) -> None:
        """Run one statement."""
        match statement:
            case c.Update():
                self.update(statement)
            case c.Swap(at, other):
                first, second = self.get(at), self.get(other)
                if (at[0] == "closure") != (other[0] == "closure"):
                    held = first if at[0] == "closure" else second
                    self._capture(other if at[0] == "closure" else at, held)
                self.put(at, second)
                self.put(other, first)
            case c.Bind(at, source):
                bound = self.get(source)
                if "closure" == source[0] != at[0]:
                    self._capture(at, bound)
                self.put(at, bound)
            case c.Make(at, what):
                self.put(at, self.backend.make(self.case, what))
            case c.Drop(at):
                self.drop(at)
            case c.Raise():
                raise Raised("raised by the body")
            case c.Everywhere(at, value, via):
                self._everywhere(at, value, via)
            case c.Sow(at, name, operand, total):
                module, sown = self._module(at), self.operand(operand)
                self._watched(module, lambda: self.backend.sow(module, name, sown, total))
                self.touched.append(module)
            case c.Pop(at, named):
                module = self._module(at)
                self.backend.pop(module, named)
                self.touched.append(module)
            case c.Train():
                self._train(statement)
            case c.Within():
                self._within(statement)
            case other:
                assert_never(other)

    def _capture(self, at: c.TreePath, value: Any) -> None:
        """Note that what is reached by closure was put elsewhere, if it is an object."""
        if is_object(value):
            self.noted.append(("captured-returned", at, value, ""))

    def update(self, statement: c.Update) -> None:
        target = self.get(statement.at)
        current = self.held(target)
        operand = self.operand(statement.operand)
        value = self.backend.combine(statement.op, current, operand, statement.dtype)
        if nnx_api.is_variable(target):
            self.touched.append(target)
            self._wrote(statement.at, [target])
            self.backend.write(target, value, statement.style)
        else:
            self._wrote(statement.at, [self.get(statement.at[:-1])])
            self.put(statement.at, value)

    def _everywhere(self, at: c.TreePath, amount: int, via: str) -> None:
        target = self.get(at)
        if nnx_api.is_state(target):
            self.put(at, self.backend.everywhere(target, amount, via))
            self.noted.append(("state-rebuilt", at, target, ""))
            return
        if not (nnx_api.is_node(target) or nnx_api.is_variable(target)):
            raise BodyRaised(f"a {_named(target)} is no node")
        self._wrote(at, [target])
        self._watched(target, lambda: self.backend.everywhere(target, amount, via))
        self.touched.append(target)

    def _train(self, statement: c.Train) -> None:
        optimizer, model = self.get(statement.optimizer), self.get(statement.model)
        value = self.held(self.get(statement.at))
        if type(optimizer).__name__ != "Optimizer" or type(model).__name__ != "Linear":
            raise BodyRaised("no optimizer, or no layer to train")
        work = lambda: self.backend.train(optimizer, model, value)  # noqa: E731
        self._watched((optimizer, model), work)

    def _within(self, statement: c.Within) -> None:
        chosen = None
        if statement.at is not None:
            chosen = self.backend.total(self.held(self.get(statement.at)))
        given = [at for at in statement.args if at[0] == "closure"]
        self.noted += [("captured", at, self.get(at), "") for at in given]
        before = len(self.noted)
        self.backend.within(statement, chosen, self)
        rebuilt = [note for note in self.noted[before:] if note[0] == "state-rebuilt"]
        self.noted += [(kind, at, state, statement.how) for kind, at, state, _ in rebuilt]

    def _module(self, at: c.TreePath) -> Any:
        module = self.get(at)
        if not hasattr(module, "sow"):
            raise BodyRaised(f"a {_named(module)} is no module")
        return module

    def _watched(self, value: Any, work: Callable[[], Any], path: c.TreePath | None = None) -> Any:
        """Do `work`, noting which Variables below `value`, which stands at `path`, it writes."""
        before = [(v, nnx_api.get_raw(v)) for v in nnx_api.variables_below(value)]
        result = work()
        written = [v for v, raw in before if nnx_api.get_raw(v) is not raw]
        self.touched += written
        if path is not None:
            self._wrote(path, written)
        return result

    def operand(self, operand: c.Operand) -> Any:
        """The array that an operand stands for."""
        match operand:
            case c.Const(value):
                return self.backend.constant(value)
            case c.Index():
                return self.index
            case c.Read(at, total):
                value = self.held(self.get(at))
            case c.Call(layer, at, total):
                called, given = self.get(layer), self.held(self.get(at))
                recipe = live_layer(called)
                if type(called).__name__ != "Linear" and recipe is None:
                    raise BodyRaised(f"a {_named(called)} is no layer")
                if recipe is not None and recipe.transforms and self._by_closure(layer):
                    self.noted.append(("captured", layer, called, ""))
                value = self._watched(called, lambda: self.backend.call(called, given), layer)
            case c.Draw(stream, fork):
                return self._draw(stream, fork)
            case other:
                assert_never(other)
        return self.backend.total(value) if total else value

    def _draw(self, stream: c.TreePath, fork: bool) -> Any:
        streams, name = self.get(stream[:-1]), str(stream[-1])
        if type(streams).__name__ != "Rngs" or name not in nnx_api.attributes(streams):
            raise BodyRaised(f"a {_named(streams)} has no stream {name}")
        return self._watched(streams, lambda: self.backend.draw(streams, name, fork), stream)

    def held(self, value: Any) -> Any:
        """The array in a Variable, or the array itself.

        Raises BodyRaised where there is none, as in the bias of a layer that has no bias (a
        `Param(None)` up to 0.10).
        """
        if nnx_api.is_variable(value):
            if nnx_api.get_raw(value) is None:
                raise BodyRaised(f"a {_named(value)} holds no value")
            return self.backend.read(value)
        if not isinstance(value, int | float) and not _is_array(value):
            raise BodyRaised(f"a {_named(value)} holds no number")
        return value

    # --- places -----------------------------------------------------------------------------

    def get(self, path: c.TreePath) -> Any:
        """What stands at `path` now."""
        value: Any = self.roots
        argument = self._argument(path) if self.given else None
        if self.given is not None and argument is not None:
            value, path = self.given[argument], path[len(argument) :]
        for step in path:
            value = _step(value, step)
        if self.given is not None and argument is None and path[:1] in _OUTSIDE:
            self.reached.append(value)
        return value

    def put(self, path: c.TreePath, value: Any) -> None:
        """Rebind the place at `path`."""
        holder, last = self.get(path[:-1]), path[-1]
        self.touched.append(holder)
        if isinstance(holder, Box):
            holder.items[last] = value
        elif isinstance(last, int) and _is_sequence(holder):
            holder[last] = value
        elif isinstance(last, str) and nnx_api.is_node(holder):
            if last not in nnx_api.attributes(holder) and _is_array(value):
                self.made.append((holder, last))
            setattr(holder, last, value)
        else:
            raise BodyRaised(f"a {_named(holder)} has no place {last}")

    def drop(self, path: c.TreePath) -> None:
        """Remove the place at `path`; the entries of a list close up."""
        holder, last = self.get(path[:-1]), path[-1]
        _step(holder, last)
        self.touched.append(holder)
        if not isinstance(holder, Box):
            delattr(holder, str(last))
            return
        del holder.items[last]
        if holder.kind is not dict:
            holder.items = dict(enumerate(holder.items.values()))


def common_shape(op: str, current: tuple[int, ...], operand: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of `op(current, operand)`.

    Raises BodyRaised where the shapes do not go together.
    """
    try:
        shape = np.broadcast_shapes(current, operand)
    except ValueError as error:
        raise BodyRaised(f"shapes {current} and {operand} do not go together") from error
    if op == "set" and shape != current:
        raise BodyRaised(f"shape {operand} cannot be set into {current}")
    return shape


def _is_array(value: Any) -> bool:
    """Whether it is an array by itself."""
    return hasattr(value, "dtype") and not is_object(value)


def _named(value: Any) -> str:
    """What an exception calls a value: by its class, but every array alike."""
    return "array" if _is_array(value) else type(value).__name__


def _is_sequence(holder: Any) -> bool:
    """Whether `holder` is an `nnx.List`, or the plain list of older releases."""
    return isinstance(holder, list) or (nnx_api.is_node(holder) and hasattr(holder, "__getitem__"))


def _step(holder: Any, step: str | int) -> Any:
    """One step of a path.

    Raises BodyRaised where an earlier statement took the place away.
    """
    try:
        if isinstance(holder, Box):
            return holder.items[step]
        if isinstance(step, int) and _is_sequence(holder):
            return holder[step]
        return nnx_api.attributes(holder)[str(step)]
    except (KeyError, IndexError, TypeError) as error:
        raise BodyRaised(f"nothing stands at {step!r}") from error
