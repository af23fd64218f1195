"""Transforms inside of a body, in the reference: a loop, a branch, or nothing at all."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Arithmetic, Inconclusive, wide
from nnxfuzz.oracle.world import roots
from nnxfuzz.plain.modes import undone
from nnxfuzz.programs.case import TRANSFORMS, Within
from nnxfuzz.programs.live.body import Body
from nnxfuzz.programs.live.boxes import with_arrays
from nnxfuzz.programs.numbers import aval, number


class Inner(Arithmetic):
    """How a body runs its blocks.

    `seen` is what a loop of the mode under test hands to a trip in place of a carry
    (`plain.modes.seen_by_body`); inner loops do the same.  `inner` is called with the name of an
    inner transform, and the carry and the arguments that it is given; `differ` with the name of one
    whose branches leave other shapes or dtypes.
    """

    def __init__(
        self,
        seen: Callable[[Any], Any],
        inner: Callable[[str, Any], None],
        differ: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.seen, self.inner, self.differ = seen, inner, differ

    def within(self, statement: Within, chosen: Any, body: Body) -> None:
        """What the transform means: a loop, a branch, or nothing at all.

        A block that does not run is traced nevertheless, so it is tried for what is observed.
        """
        given = (body.carry, *(body.get(path) for path in statement.args))
        self.inner(statement.how, given)
        body.reached, touched = [], len(body.touched)
        block = self._branch(statement, chosen) if chosen is not None else statement.block
        times = statement.times if statement.how in TRANSFORMS else 1
        runs = {block} if times else set()
        # What the branches that do not run leave; loops and single calls have none.
        left = [_avals(given)] if chosen is not None and statement.otherwise is None else []
        for other in {statement.block, statement.otherwise} - runs - {None}:
            assert other is not None
            reached = [body.carry, body.inputs, body.closure, *(body.given or {}).values()]
            with undone(None, reached):
                carry = self._block(statement, other, body, self.seen(given))
                if chosen is not None:
                    left.append(_avals((carry, *given[1:])))
        value = self.seen(given)
        for _ in range(times if block is not None else 0):
            assert block is not None
            value = (self._block(statement, block, body, value), *value[1:])
            value = self.seen(value) if statement.how in TRANSFORMS else value
        if any(one != _avals(value) for one in left):
            self.differ(statement.how)
        both = _ids(body.reached) & _ids(given) & set(map(id, body.touched[touched:]))
        if both:
            raise Inconclusive("a block writes an argument that it reaches by closure")
        body.carry = value[0] if statement.how in TRANSFORMS else with_arrays(given[0], value[0])

    def _block(self, statement: Within, block: int, body: Body, value: Any) -> Any:
        """The carry after the block, of the carry and the arguments in `value`."""
        named = dict(zip(statement.args, value[1:], strict=True))
        return body.run_block(block, value[0], named)

    def _branch(self, statement: Within, chosen: Any) -> int | None:
        if np.isnan(wide(number(chosen))):
            raise Inconclusive("a rounded float decides", "which branch is taken")
        self.decide(chosen, 0)
        return statement.block if bool(chosen > 0) else statement.otherwise


def _ids(value: Any) -> set[int]:
    """The Variables below it, by identity."""
    return {id(variable) for variable in nnx_api.variables_below(value)}


def _avals(value: Any) -> dict[Any, Any]:
    """The shape and dtype of each array below it, by its path."""
    return {path: aval(array) for path, array in roots(value=value).arrays.items()}
