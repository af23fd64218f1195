"""Calls of transforms as data: what was given, by name, and how to make the call once more."""

import inspect
import weakref
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nnxfuzz import plain
from nnxfuzz.checker.given import as_given
from nnxfuzz.checker.sites import Site, caller
from nnxfuzz.plain.arguments import static_places
from nnxfuzz.plain.before import function_of, jit_options, leading_of, mode_options_of
from nnxfuzz.plain.modes import asked_mode
from nnxfuzz.programs.case import Mode

#: The parameters of transforms that are functions of the user's.
_FUNCTIONS = frozenset(
    {"f", "fun", "cond_fun", "body_fun", "true_fun", "false_fun", "branches", "fn"}
)

#: What calls its function as it is, which `nnx.jit` may have made.
_CALLING = frozenset({"cached_partial", *plain.UNTRACED})

#: How reports name a parameter whose name says little.
_SHOWN = {"init_val": "carry"}


class Call(NamedTuple):
    """One call of a transform, as the judge gets it.

    `flax` makes it as the program does.  `again` makes it anew, with the transform given and
    options added, on arguments given.  `data` are the arguments by name, `functions` the user's
    functions.  `options` are those of the transform.
    """

    transform: str
    site: Site
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    flax: Callable[[], Any]
    again: Callable[..., Any]
    data: Mapping[str, Any]
    functions: tuple[Any, ...]
    options: Mapping[str, Any]
    mode: Mode
    #: Makes of the transform, for a mode that is not in use, one that keeps what it compiled.
    keeping: Callable[[Callable[..., Any], Mode], Callable[..., Any]] = lambda real, mode: real
    #: Why no other mode can be tried, if so.
    only_here: str = ""
    #: Why it cannot be judged, if so.
    unjudged: str = ""
    #: When it raises, if that is not in the call itself.
    raises: str = ""
    #: Tells what of its arguments is not as it was when these were given, and does not reach it.
    outdated: Callable[[], tuple[str, ...]] = tuple

    @property
    def donates(self) -> bool:
        """Whether it asks to donate arrays."""
        return any(of not in (None, (), [], "") for of in self._donated())  # 0 is an argument

    def _donated(self) -> tuple[Any, Any]:
        """What it, or the function that it calls as it is, donates by position and by name."""
        called = self.functions[0] if self.transform in _CALLING else None
        told = self.options if called is None else jit_options(called, (), {})
        return told.get("donate_argnums"), told.get("donate_argnames")

    def donated(self) -> frozenset[str]:
        """The names of the arguments that it may donate; all, where that is not known."""
        if self.only_here or (self.donates and self.transform != "jit"):
            return frozenset(self.data)
        return self._names_at(*self._donated()) if self.donates else frozenset()

    def static(self) -> frozenset[str]:
        """The names of the arguments that are static."""
        asked = ("static_argnums", "static_argnames", "static_broadcasted_argnums")
        argnums, argnames, of_pmap = map(self.options.get, asked)
        argnums = of_pmap if argnums is None else argnums
        return frozenset() if argnums is argnames is None else self._names_at(argnums, argnames)

    def _names_at(self, argnums: Any, argnames: Any) -> frozenset[str]:
        """The names of the arguments that an option tells by position, by name, or by both."""
        places, names = static_places(self.functions[0], argnums, argnames)
        given = [name for name in self.data if name not in self.kwargs]
        return frozenset(names.union(n for k, n in enumerate(given) if k in places))


class Made(NamedTuple):
    """How an object that a transform returned was made; `leading` are arguments given already."""

    transform: str
    function: Any
    leading: tuple[Any, ...]
    options: Mapping[str, Any]
    mode: Mode
    #: The object that Flax made, of which `nnx.custom_vjp`'s is told its derivative later.
    made: Any = None
    #: What `nnx.jit` made of the same function for other modes.
    twins: dict[Mode, Callable[..., Any]] | None = None
    #: Whether all options are known.
    complete: bool = True
    #: Why its calls cannot be judged, if so.
    unjudged: str = ""
    #: Whether it is lowered and compiled before it is called.
    ahead: bool = False
    outdated: Callable[[], tuple[str, ...]] = tuple

    def static(self) -> tuple[set[int], set[str]]:
        """The positions, among all arguments, and the names of those that are static."""
        asked = (self.options.get("static_argnums"), self.options.get("static_argnames"))
        return static_places(self.function, *asked)

    def compiled(self, known: bool) -> "Made":
        """How what its `lower` and `compile` came to was made; `known` are its static arguments."""
        reason = "" if known or not any(self.static()) else _UNSEEN
        return self._replace(unjudged=reason, twins=None, ahead=True)

    def again(self, transform: Callable[..., Any], added: Mapping[str, Any]) -> Callable[..., Any]:
        """What `transform` makes of the same function, with options added."""
        new: Callable[..., Any] = transform(
            self.function, *self.leading, **{**self.options, **added}
        )
        # What `nnx.jit` makes of a `custom_vjp` has its attributes, too.
        if self.transform == "custom_vjp" and getattr(self.made, "fwd", None) is not None:
            defvjp: Any = getattr(new, "defvjp")  # noqa: B009
            defvjp(self.made.fwd, self.made.bwd, symbolic_zeros=self.made.symbolic_zeros)
        return self._ahead(new) if self.ahead else new

    def _ahead(self, jitted: Any) -> Callable[..., Any]:
        """A function that compiles for its arguments, and calls that with those that are not
        static.
        """
        places, names = self.static()

        def call(*args: Any, **kwargs: Any) -> Any:
            compiled = jitted.lower(*args, **kwargs).compile()
            given = [a for k, a in enumerate(args, len(self.leading)) if k not in places]
            return compiled(*given, **{name: kwargs[name] for name in kwargs if name not in names})

        return call


def mode_in_use(options: Mapping[str, Any]) -> Mode:
    """The mode that a transform has which is called with these options here and now."""
    return asked_mode(options.get("graph"), options.get("graph_updates"))


def mode_options(real: Callable[..., Any], mode: Mode) -> Mapping[str, bool] | None:
    """The options that put a transform into a mode; None if it has none."""
    known = inspect.signature(real).parameters
    wanted = {"graph": mode != "tree", "graph_updates": mode == "graph"}
    if mode == "graph-frozen" and "graph_updates" not in known:
        return None
    if mode == "tree" and "graph" not in known:
        return None
    return {name: value for name, value in wanted.items() if name in known}


#: Why the other modes cannot be tried.
_INCOMPLETE = "it was made before the check began, so that its options are not known"

#: Why what was compiled cannot be judged.
_UNSEEN = "it was lowered before the check began, so that its static arguments are not known"


def made_before(
    real: Mapping[str, Callable[..., Any]], made: Any, args: tuple[Any, ...], kwargs: Any
) -> Made:
    """How a transform made something before the check began, from what the object has.

    Where jax does not tell which arguments are donated, and where there are shardings, which Flax
    rewrites, the options are not complete.
    """
    name = next(name for end, name in _MADE if type(made).__name__.endswith(end))
    mode = mode_in_use(mode_options_of(made))
    if name == "custom_vjp":
        own = {"nondiff_argnums": getattr(made, "nondiff_argnums", ())}
    else:
        own = jit_options(made, args, kwargs)
    given = dict(mode_options(real[name], mode) or {}) | own
    known = inspect.signature(real[name]).parameters
    options = {option: value for option, value in given.items() if option in known}
    complete = name == "jit" and "donate_argnums" in own and not _has_shardings(made)
    return Made(
        name, function_of(made), leading_of(made), options, mode, weakref.proxy(made), {}, complete
    )


#: How the names of the classes end whose objects transforms return, and which transforms.
_MADE = (("PartialWrapped", "jit_partial"), ("JitWrapped", "jit"), ("CustomVjp", "custom_vjp"))


def _has_shardings(made: Any) -> bool:
    return made.in_shardings is not None or made.out_shardings is not None


def made_of(
    name: str, real: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Made | None:
    """How a transform was called to make something; None where it was given no function."""
    try:
        bound = inspect.signature(real).bind(*args, **kwargs)
    except TypeError:
        return None
    (_, function), *others = bound.arguments.items()
    if not callable(function):
        return None
    options = dict(others)
    leading: tuple[Any, ...] = ()
    for parameter in bound.signature.parameters.values():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            leading = options.pop(parameter.name, ())
    kept, outdated = as_given(name, function, leading)
    mode = mode_in_use(options)
    return Made(name, function, kept, options, mode, twins={}, outdated=outdated)


def lifted_call(
    made: Callable[..., Any],
    real: Callable[..., Any],
    how: Made,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Call:
    def again(transform: Callable[..., Any], given: Any, added: Mapping[str, Any]) -> Any:
        leading, rest = given[0][: len(how.leading)], given[0][len(how.leading) :]
        return how._replace(leading=leading).again(transform, added)(*rest, **given[1])

    def keeping(transform: Callable[..., Any], mode: Mode) -> Callable[..., Any]:
        if how.transform != "jit" or how.twins is None:
            return transform
        twins = how.twins

        def kept(function: Any, **options: Any) -> Any:
            if mode not in twins:
                twins[mode] = transform(function, **options)
            return twins[mode]

        return kept

    every = how.leading + args
    return Call(
        how.transform,
        caller(),
        every,
        kwargs,
        lambda: made(*args, **kwargs),
        again,
        _named(how.function, every, kwargs),
        (how.function,),
        how.options,
        how.mode,
        keeping,
        "" if how.complete else _INCOMPLETE,
        how.unjudged,
        outdated=how.outdated,
    )


def making_call(how: Made, error: Exception) -> Call:
    """What a transform did that raised as it was given a function, before any call of that."""

    def again(transform: Callable[..., Any], given: Any, added: Mapping[str, Any]) -> None:
        how.again(transform, added)

    data: dict[str, Any] = {f"args[{k}]": value for k, value in enumerate(how.leading)}
    call = Call(
        how.transform,
        caller(),
        (),
        {},
        raising(error),
        again,
        data,
        (how.function,),
        how.options,
        how.mode,
    )
    return call._replace(raises="as it is given the function")


def raising(error: Exception) -> Callable[..., Any]:
    """What raises an exception, whatever it is given."""

    def raises(*args: Any, **kwargs: Any) -> Any:
        raise error

    return raises


def direct_call(
    name: str,
    real: Callable[..., Any],
    signature: inspect.Signature,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Call:
    def again(transform: Callable[..., Any], given: Any, added: Mapping[str, Any]) -> Any:
        # `plain` has the options of all releases; what Flax does not take is the program's mistake
        return (transform if taken else real)(*given[0], **{**given[1], **added})

    functions: tuple[Any, ...] = ()
    data: dict[str, Any] = {}
    options: dict[str, Any] = {}
    bound: Mapping[str, Any] = {"args": args, "kwargs": kwargs}
    if taken := binds(signature, args, kwargs):
        bound = signature.bind(*args, **kwargs).arguments
    for parameter, value in bound.items():
        kind = signature.parameters[parameter].kind if taken else None
        if parameter in _FUNCTIONS:
            functions += (value,)
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            data |= _named(functions[0] if functions else None, value, {})
        elif kind is inspect.Parameter.KEYWORD_ONLY:
            options[parameter] = value
        elif kind is inspect.Parameter.VAR_KEYWORD:
            data |= value
        else:
            data[_SHOWN.get(parameter, parameter)] = value
    return Call(
        name,
        caller(),
        args,
        kwargs,
        lambda: real(*args, **kwargs),
        again,
        data,
        functions,
        options,
        mode_in_use(options),
    )


def binds(signature: inspect.Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether a function with this signature takes these arguments at all."""
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _named(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by the names of the function's parameters."""
    named: dict[str, Any] = {}
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    for k, value in enumerate(args):
        plain_name = k < len(parameters) and parameters[k].kind in (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
        named[parameters[k].name if plain_name else f"args[{k}]"] = value
    return named | dict(kwargs)
