"""The loop of a case through one of NNX's loop transforms, with nothing around it."""

import types
from collections.abc import Callable
from typing import Any, assert_never

import jax.numpy as jnp

from nnxfuzz import compat
from nnxfuzz.body import Body
from nnxfuzz.build import Objects
from nnxfuzz.case import Arm, Case, Read
from nnxfuzz.machine import JaxMachine, Loops
from nnxfuzz.transforms.scan import scan_call


class Returned:
    """What a loop returned, taken apart: the carry, what scan emitted, while's counter."""

    def __init__(self, carry: Any, ys: Any = None, counter: Any = None) -> None:
        self.carry = carry
        self.ys = ys
        self.counter = counter


class Program:
    """A case and an arm with the objects that stay outside of the loop.

    `bounds` are the loop's, traced ones in place of numbers if the case asks for that.
    """

    def __init__(
        self, case: Case, arm: Arm, objects: Objects, bounds: tuple[Any, Any], loops: Loops
    ) -> None:
        self.case = case
        self.arm = arm
        self.objects = objects
        self.closure = objects.closure
        self.bounds = bounds
        self.loops = loops
        self.machine = JaxMachine(arm.mode, loops)
        #: How often the body has been traced.
        self.traces = 0

    def run(self, carry: Any, inputs: list[Any], bounds: tuple[Any, Any] | None = None) -> Returned:
        """Call the transform.  Whatever it raises comes through."""
        mode = compat.mode_arguments(self.arm.mode)
        unroll = {} if self.case.loop.unroll is None else {"unroll": self.case.loop.unroll}
        match self.arm.transform:
            case "fori_loop":
                return self._fori_loop(carry, bounds or self.bounds, mode | unroll)
            case "while_loop":
                return self._while_loop(carry, bounds or self.bounds, mode)
            case "scan":
                return self._scan(carry, inputs, mode | unroll)
            case other:
                assert_never(other)

    def body(self, index: Any, inputs: list[Any], carry: Any) -> Body:
        """One trip's body, ready to run."""
        self.traces += 1
        return Body(self.case, self.machine, self.closure, index, inputs, carry)

    def function(self, body: Callable[..., Any]) -> Callable[..., Any]:
        """The function that the transform is given: as it is, or bound to a captured module."""
        if self.arm.wrapper != "bound":
            return body
        return types.MethodType(lambda _, *arguments: body(*arguments), self.closure[0])

    def _fori_loop(self, carry: Any, bounds: tuple[Any, Any], options: dict[str, Any]) -> Returned:
        def body(i: Any, carry: Any) -> Any:
            return self.body(i, [], carry).run()[0]

        return Returned(self.loops["fori_loop"](*bounds, self.function(body), carry, **options))

    def _while_loop(self, carry: Any, bounds: tuple[Any, Any], options: dict[str, Any]) -> Returned:
        lower, upper = bounds
        until = self.case.loop.until

        def cond(value: Any) -> Any:
            i, carry = value
            if until is None:
                return i < upper
            reader = Body(self.case, self.machine, self.closure, i, [], carry)
            total = reader.operand(Read(until.at, total=True))
            return (i < upper) & (total < until.limit)

        def body(value: Any) -> Any:
            i, carry = value
            return i + 1, self.body(i, [], carry).run()[0]

        call = self.loops["while_loop"]
        counter, carry = call(cond, self.function(body), (lower, carry), **options)
        return Returned(carry, counter=counter)

    def _scan(self, carry: Any, inputs: list[Any], options: dict[str, Any]) -> Returned:
        def trip(carry: Any, slices: list[Any], index: Any) -> tuple[Any, tuple[Any, ...]]:
            return self.body(index, slices, carry).run()

        loop = self.case.loop
        index = jnp.arange(loop.lower, max(loop.lower, loop.upper), dtype=jnp.int32)
        call = scan_call(self.case, trip, self.function)
        return Returned(*call(self.loops["scan"], carry, inputs, index, options))
