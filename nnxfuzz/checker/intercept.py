"""See the calls that a program makes of NNX's transforms.

While an interception stands, `nnx.X` is a function of ours for each transform X that `plain` has.
It makes the very object that Flax makes.  Where that is a function, the program gets a function
that wraps it; where it is an object of a class (`JitWrapped`), the program gets the object itself,
and the class has a `__call__` of ours.

Only *outermost* calls are handed to the judge: those made outside of any trace, outside of the
body of another transform, and not by Flax itself.
"""

import functools
import inspect
import threading
import types
import weakref
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from flax import nnx

from nnxfuzz import plain
from nnxfuzz.checker.around import LAYERS, WITHIN, called_by, called_by_flax, within
from nnxfuzz.checker.callables import (
    AT_ONCE,
    OF_MODES,
    TRACING,
    configured,
    is_of_a_layer,
    is_stage,
    made_classes,
    of_the_mode,
    returns_function,
)
from nnxfuzz.checker.calls import (
    Call,
    Made,
    binds,
    direct_call,
    lifted_call,
    made_before,
    made_of,
    making_call,
    mode_in_use,
    mode_options,
    raising,
)
from nnxfuzz.checker.lowered import Lowerings
from nnxfuzz.checker.rawwrites import meets
from nnxfuzz.oracle.stages import NEXT
from nnxfuzz.plain.observations import current
from nnxfuzz.plain.rebind import Rebound, of_users

Judge = Callable[[Call], Any]
Options = Mapping[str, Any]


class Interception:
    """The transforms of `flax.nnx`, in whose place functions of ours stand while it is on."""

    def __init__(self) -> None:
        self.judges: list[Judge] = []
        self.thread = threading.get_ident()
        self._rebound = Rebound()
        self._made: WeakKeyDictionary[Any, Made] = WeakKeyDictionary()
        #: What was made before, and is called now.
        self._met: WeakKeyDictionary[Any, Made] = WeakKeyDictionary()
        self._lowered = Lowerings()
        self._classes: dict[tuple[type, str], Any] = {}
        self.real: dict[str, Callable[..., Any]] = {}
        self._ours: dict[int, Callable[..., Any]] = {}

    # --- on and off -------------------------------------------------------------------------

    def add(self, judge: Judge) -> None:
        """Hand calls to `judge` from now on; the one added last gets them."""
        if not self.judges:
            self._install()
        self.judges.append(judge)
        self.thread = threading.get_ident()

    def remove(self, judge: Judge) -> None:
        """Hand no more calls to `judge`."""
        self.judges.remove(judge)
        if not self.judges:
            self._uninstall()

    def _install(self) -> None:
        self.real = {n: getattr(nnx, n) for n in plain.TRANSFORMS if hasattr(nnx, n)}
        self._ours = {id(real): self._stand_in(name, real) for name, real in self.real.items()}
        flaxs = [module for module in (nnx, getattr(nnx, "compat", None)) if module]
        self._rebound.in_modules([*flaxs, *of_users()], self.in_place_of)
        for kind in made_classes():
            self._watch(kind)

    def _uninstall(self) -> None:
        self._rebound.undo()
        for (kind, name), original in self._classes.items():
            setattr(kind, name, original)
        self._classes.clear()

    def stand_ins(self) -> list[Callable[..., Any]]:
        """What stands for the transforms."""
        return list(self._ours.values())

    def in_place_of(self, held: Any) -> Any:
        """What stands for a transform of Flax while we watch; None for anything else."""
        if id(held) in self._ours:
            return self._ours[id(held)]
        if isinstance(held, functools.partial):  # those of nnx.compat
            ours = self._ours.get(id(held.func))
            return ours and functools.partial(ours, *held.args, **held.keywords)
        return None

    # --- what stands for a transform --------------------------------------------------------

    def _stand_in(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        if name in AT_ONCE:
            return self._either(name, real)
        return self._lifted(name, real) if returns_function(real) else self._direct(name, real)

    def _either(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """A transform that does its work once it has its arguments: `nnx.vjp`."""
        signature = inspect.signature(real)
        direct = self._direct(name, real)

        @functools.wraps(real)
        def either(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            given = signature.bind_partial(*args, **kwargs).arguments
            if all(given.get(parameter) for parameter in AT_ONCE[name]):
                return direct(*args, **kwargs)
            real(*args, **kwargs)  # refuses what it does not take
            return functools.partial(either, *args, **kwargs)

        return either

    def _direct(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """A transform that does its work when it is called: `nnx.cond`."""
        signature = inspect.signature(real)

        @functools.wraps(real)
        def direct(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if not self._is_outermost(not called_by_flax()):
                return self._inner(name, real, args, kwargs)(*args, **kwargs)
            return self._judged(direct_call(name, real, signature, args, kwargs))

        return direct

    def _inner(
        self,
        name: str,
        real: Callable[..., Any],
        args: tuple[Any, ...],
        options: Mapping[str, Any],
    ) -> Callable[..., Any]:
        """What a call that is not outermost runs."""
        if called_by_flax():
            return real
        if WITHIN.get() == "plain" and binds(inspect.signature(real), args, options):
            _note(name, args, options)
            return plain.TRANSFORMS[name]
        added = of_the_mode(real, options)
        return functools.partial(real, **added) if added else real

    def _lifted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """A transform that returns a function: `nnx.jit`."""

        @functools.wraps(real)
        def lifted(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            return self._lift(name, real, {}, *args, **kwargs)

        return lifted

    def _lift(
        self, name: str, real: Callable[..., Any], decided: Options, /, *args: Any, **kwargs: Any
    ) -> Any:
        """What a transform returns; `decided` is the mode that Flax took when it was to decorate
        something and was not asked for one.
        """
        __tracebackhide__ = True
        by_flax = called_by_flax()
        if called_by().startswith(LAYERS):
            kwargs |= configured(real, kwargs)
        within_plain = WITHIN.get() == "plain" and not by_flax
        if within_plain and binds(inspect.signature(real), args, kwargs):
            _note(name, args, kwargs)
            return plain.TRANSFORMS[name](*args, **kwargs)
        added = {} if by_flax else of_the_mode(real, kwargs) or decided
        try:
            made = real(*args, **kwargs, **added)
        except Exception as error:
            how = None if by_flax else made_of(name, real, args, kwargs)
            if how is not None and self._is_outermost(theirs=True):
                self._judged(making_call(how, error))
            raise
        if by_flax or not self.judges:
            return made
        if isinstance(made, functools.partial) and made.func is real:  # a decorator, as yet
            taken = {k: made.keywords[k] for k in OF_MODES if k in made.keywords.keys() - kwargs}
            return functools.partial(self._lift, name, real, taken, *args, **kwargs)
        how = made_of(name, real, args, kwargs)
        if how is None:
            return made
        how = how._replace(mode=mode_in_use({**how.options, **added}))
        if isinstance(made, types.FunctionType):
            return self._wrapped(made, how)
        self._made[made] = how._replace(made=weakref.proxy(made))
        return made

    def _wrapped(self, made: Callable[..., Any], how: Made) -> Callable[..., Any]:
        @functools.wraps(made)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            return self._called(made, how, args, kwargs)

        return wrapped

    def _watch(self, kind: type) -> None:
        """Have the calls of a class's objects seen, and what traces these."""

        def seen(original: Any, made: Any, args: Any, kwargs: Any) -> Any:
            __tracebackhide__ = True
            owner = getattr(made, "jit_wrapped", made)  # of what it is a compiled form
            how = self._how(owner, args, kwargs)
            call: Callable[..., Any] = functools.partial(original, made)
            if owner is not made:
                call, how, args, kwargs = self._lowered.called(call, made, how, args, kwargs)
            return self._called(call, how, args, kwargs, known=owner in self._made)

        traces = (NEXT, self._lowered.next) if is_stage(kind) else (TRACING, self._traced)
        for name, does in {"__call__": seen, **dict.fromkeys(*traces)}.items():
            if name in vars(kind):
                self._stand_in_method(kind, name, does)

    def _traced(self, original: Any, made: Any, args: Any, kwargs: Any) -> Any:
        """What traces a call and does not make it: it is judged if it raises."""
        __tracebackhide__ = True
        theirs = not called_by_flax()
        if theirs and WITHIN.get() == "plain":
            again = self._made_again(made, self._how(made, args, kwargs))
            return getattr(again, original.__name__)(*args, **kwargs)
        how = self._how(made, args, kwargs)
        trace = functools.partial(self._lowered.noted, original, made, how, args, kwargs)
        if not self._is_outermost(theirs):
            return trace()
        try:
            with within("flax"):
                return trace()
        except Exception as error:
            call = lifted_call(raising(error), self.real[how.transform], how, args, kwargs)
            only = "it is traced, and not called"
            self._judged(call._replace(only_here=only, raises="as it is traced"))
            raise

    def _stand_in_method(self, kind: type, name: str, does: Callable[..., Any]) -> None:
        original: Any = vars(kind)[name]
        self._classes[kind, name] = original

        @functools.wraps(original)
        def method(made: Any, *args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            return does(original, made, args, kwargs)

        setattr(kind, name, method)

    def _how(self, made: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Made:
        """How an object was made that is called with these arguments."""
        how = self._made.get(made) or self._met.get(made)
        if how is None:
            how = made_before(self.real, made, args, kwargs)
            if how.complete:
                self._met[made] = how
        return how

    def _called(
        self,
        made: Callable[..., Any],
        how: Made,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        known: bool = True,
    ) -> Any:
        """A call of what a transform returned.

        What the program made (`known`) is the program's, whoever calls it: `nnx.split_rngs` as a
        decorator calls what it decorates.
        """
        __tracebackhide__ = True
        meets(how.transform)
        theirs = known or not called_by_flax()
        if not self._is_outermost(theirs):
            if theirs:
                made = self._made_again(made, how)
            return made(*args, **kwargs)
        return self._judged(lifted_call(made, self.real[how.transform], how, args, kwargs))

    def _made_again(self, made: Callable[..., Any], how: Made) -> Any:
        """What a transform made, as the run that is being made needs it."""
        # the `bwd` of a custom_vjp is written for the mode that it is in
        stays = how.transform == "custom_vjp"
        if WITHIN.get() == "plain":
            _note(how.transform, (how.function,), how.options)
            transform = plain.TRANSFORMS[how.transform]
            return how.again(transform, mode_options(transform, how.mode) or {} if stays else {})
        real = self.real[how.transform]
        added = of_the_mode(real, how.options) if how.complete and not stays else {}
        return how.again(real, added) if added else made

    # --- which calls are judged -------------------------------------------------------------

    def _is_outermost(self, theirs: bool) -> bool:
        """Whether a call is to be judged; `theirs` says that it is the program's and not Flax's."""
        return theirs and bool(self.judges) and WITHIN.get() == "program"

    def _judged(self, call: Call) -> Any:
        __tracebackhide__ = True
        if any(map(is_of_a_layer, call.functions)):
            call = call._replace(only_here="a layer of Flax makes it")
        if threading.get_ident() != self.thread:
            call = call._replace(unjudged="it is made in a thread that the program started")
        return self.judges[-1](call)


#: The one interception of this process.
INTERCEPTION = Interception()


def _note(transform: str, args: tuple[Any, ...], options: Mapping[str, Any]) -> None:
    """Take note of a transform that the body of the call asks for in its plain run."""
    seen = current()
    if seen is not None:
        seen.asked.append((transform, tuple(filter(callable, args)), options))
