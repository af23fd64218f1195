"""What `nnx.jit` lowers and compiles: the static arguments, which are given as it is traced, and no
more when what was compiled is called.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from nnxfuzz.checker.calls import Made
from nnxfuzz.oracle.stages import of_jax


class Static(NamedTuple):
    """Static arguments, by their positions and by their names."""

    by_place: Mapping[int, Any]
    by_name: Mapping[str, Any]

    def beside(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """All arguments of a call that is given the others."""
        every = list(args)
        for place in sorted(self.by_place):
            every.insert(place, self.by_place[place])
        return tuple(every), {**kwargs, **self.by_name}


class Lowerings:
    """The static arguments of all that was lowered while somebody looked.

    Flax's objects take no weak references, so jax's within them stand for them.
    """

    def __init__(self) -> None:
        self._static: WeakKeyDictionary[Any, Static] = WeakKeyDictionary()

    def noted(
        self,
        trace: Callable[..., Any],
        made: Any,
        how: Made,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> Any:
        """What a method of `made` that traces returns; its static arguments are remembered."""
        stage = trace(made, *args, **kwargs)
        if of_jax(stage) is not None:  # it is, where the method is `eval_shape`
            self._static[of_jax(stage)] = _static(how, args, kwargs)
        return stage

    def next(self, original: Callable[..., Any], stage: Any, args: Any, kwargs: Any) -> Any:
        """The next stage of compiling, of which all is remembered that is of this one."""
        following = original(stage, *args, **kwargs)
        static = self._static.get(of_jax(stage))
        if static is not None:
            self._static[of_jax(following)] = static
        return following

    def called(
        self, bound: Callable[..., Any], stage: Any, how: Made, args: Any, kwargs: Any
    ) -> tuple[Callable[..., Any], Made, tuple[Any, ...], Mapping[str, Any]]:
        """A call of what was compiled as one that gets its static arguments, too: its function, how
        that was made, and all arguments.
        """

        def call(*every: Any, **named: Any) -> Any:
            return bound(*args, **kwargs)

        static = self._static.get(of_jax(stage))
        how = how.compiled(known=static is not None)
        return call, how, *((args, kwargs) if static is None else static.beside(args, kwargs))


def _static(how: Made, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Static:
    """The static ones of the arguments with which something is traced."""
    places, names = how.static()
    given = {k + len(how.leading): value for k, value in enumerate(args)}
    return Static(
        {k - len(how.leading): given[k] for k in sorted(places & given.keys())},
        {name: kwargs[name] for name in kwargs if name in names},
    )
