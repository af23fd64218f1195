"""The loop of a case through one of NNX's loop transforms, with nothing around it."""

import contextlib
import functools
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never

import jax.numpy as jnp

from nnxfuzz.programs import user
from nnxfuzz.programs.case import Arm, CallStyle, Case, Mode, Read
from nnxfuzz.programs.live.body import Body
from nnxfuzz.programs.live.build import Objects
from nnxfuzz.programs.live.jax_backend import JaxBackend, Loops
from nnxfuzz.runners.loops.call_style import asked, given, other_mode
from nnxfuzz.runners.loops.scan import scan_call


@dataclass(eq=False)
class Returned:
    """What a loop returned, taken apart: the carry, what scan emitted, while's counter."""

    carry: Any
    ys: Any = None
    counter: Any = None


class Program:
    """A case and an arm with the objects that stay outside of the loop.

    `bounds` are the loop's, traced ones in place of numbers if the case asks for that.
    """

    def __init__(
        self, case: Case, arm: Arm, objects: Objects, bounds: tuple[Any, Any], loops: Loops
    ) -> None:
        self.case = case
        self.arm = arm
        self.call_style = case.call_style if arm.wrapper == "plain" else CallStyle()
        self.objects = objects
        self.closure = objects.closure
        self.bounds = bounds
        self.loops = loops
        self.backend = JaxBackend(arm.mode, loops)

    def plain(self) -> Returned:
        """Call the transform with nothing around it, after the earlier loop that the case may have.

        Whatever it raises comes through.
        """
        carry, inputs = self.objects.carry, self.objects.inputs
        match self.call_style.earlier:
            case "chained":
                carry = self.run(carry, inputs).carry
            case "mode":
                own = Objects(self.case, jnp.asarray, explicit=True)
                with contextlib.suppress(Exception):  # it may refuse what this mode does not
                    self._loop(own.carry, own.inputs, self.bounds, other_mode(self.arm.mode))
            case "none":
                pass
            case other:
                assert_never(other)
        return self.run(carry, inputs)

    def run(self, carry: Any, inputs: list[Any], bounds: tuple[Any, Any] | None = None) -> Returned:
        """Call the transform."""
        return self._loop(carry, inputs, bounds or self.bounds, self.arm.mode)

    def _loop(self, carry: Any, inputs: list[Any], bounds: tuple[Any, Any], mode: Mode) -> Returned:
        unroll = {} if self.case.loop.unroll is None else {"unroll": self.case.loop.unroll}
        with asked(mode, self.call_style) as options:
            loop = self.loops[self.arm.transform]
            if self.arm.scans:
                return self._scan(loop, mode, carry, inputs, options | unroll)
            if self.arm.counts:
                return self._while_loop(loop, carry, bounds, options)
            of = self._of_fori_loop
            return Returned(user.call(loop, *bounds, of, carry, **options, **unroll))

    def body(self, index: Any, inputs: list[Any], carry: Any) -> Body:
        """One trip's body, ready to run."""
        return Body(self.case, self.backend, self.closure, index, inputs, carry)

    def function(self, body: Callable[..., Any]) -> Callable[..., Any]:
        """The function that the transform is given: of the case's kind, or bound to a captured
        module.
        """
        if self.arm.wrapper != "bound":
            return given(body, self.call_style)
        return types.MethodType(lambda _, *arguments: body(*arguments), self.closure[0])

    @functools.cached_property
    def _of_fori_loop(self) -> Callable[..., Any]:
        return self.function(lambda i, carry: self.body(i, [], carry).run()[0])

    @functools.cached_property
    def _of_while_loop(self) -> Callable[..., Any]:
        def body(value: Any) -> Any:
            i, carry = user.pair(value)
            return i + 1, self.body(i, [], carry).run()[0]

        return self.function(body)

    @functools.cached_property
    def _of_scan(self) -> Callable[..., Any]:
        def trip(carry: Any, slices: list[Any], index: Any) -> tuple[Any, tuple[Any, ...]]:
            return self.body(index, slices, carry).run()

        return scan_call(self.case, trip, self.function)

    def _while_loop(
        self, loop: Any, carry: Any, bounds: tuple[Any, Any], options: dict[str, Any]
    ) -> Returned:
        lower, upper = bounds
        cond = lambda value: self.goes_on(*user.pair(value), upper)  # noqa: E731
        out = user.call(loop, cond, self._of_while_loop, (lower, carry), **options)
        counter, carry = user.pair(out)
        return Returned(carry, counter=counter)

    def goes_on(self, index: Any, carry: Any, upper: Any) -> Any:
        """Whether a while_loop makes another trip."""
        until = self.case.loop.until
        if until is None:
            return index < upper
        total = self.body(index, [], carry).operand(Read(until.at, total=True))
        return (index < upper) & (total < until.limit)

    def _scan(
        self, loop: Any, mode: Mode, carry: Any, inputs: list[Any], options: dict[str, Any]
    ) -> Returned:
        lower, upper = self.case.loop.lower, self.case.loop.upper
        index = jnp.arange(lower, max(lower, upper), dtype=jnp.int32)
        return Returned(*self._of_scan(loop, mode, (carry, inputs, index), options))
