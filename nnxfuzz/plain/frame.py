"""What every call of a transform has in common: its mode's promise about exceptions, and notes of
what its body does (`observations`), if anyone asks for them.
"""

import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jax.numpy as jnp

from nnxfuzz import nnx_api
from nnxfuzz.plain.arguments import static_given
from nnxfuzz.plain.changes import Change, aval_changes, changes_of
from nnxfuzz.plain.closures import captured, codes_of, traced
from nnxfuzz.plain.hosts import current_host
from nnxfuzz.plain.keys import UNNAMED
from nnxfuzz.plain.modes import Mode, all_or_nothing
from nnxfuzz.plain.names import name_of
from nnxfuzz.plain.objects import Place, held_by, is_array, is_object, objects_in, step
from nnxfuzz.plain.observations import Kind, Observation, Observations, current
from nnxfuzz.plain.picture import Picture, below_one, class_name, is_below, loops_of
from nnxfuzz.plain.slices import Slices
from nnxfuzz.plain.unwatched import Holds, Static, Unwatched
from nnxfuzz.plain.values import Containers, is_bool, is_hashable, no_data


class Watched(Unwatched):
    """A call whose observations are collected."""

    def __init__(
        self,
        seen: Observations,
        transform: str,
        mode: Mode | None,
        f: Any,
        given: dict[str, Any],
    ) -> None:
        self.seen = seen
        self.transform = transform
        self.mode = mode
        self.call, self.depth = seen.calls, seen.depth
        seen.calls += 1
        seen.nestings.add((*(around.transform for around in seen.inside), transform))
        self.f = f
        self._given = given
        self._begin(f)
        self._slices: Slices | None = None
        self._before: Picture | None = None
        self._reached: Picture | None = None
        self._containers: list[Containers] = []
        self._note_arguments(given)

    def _begin(self, f: Any) -> None:
        """A function is about to run: what it reaches, and where its code begins."""
        arguments = (*self._given.get("args", ()), *self._given.get("kwargs", {}).values())
        arguments += (self._given.get("carry"), *self._given.get("inputs", ()))
        self._runs, self._captured, self._codes = f, captured(f, arguments), codes_of(f)

    def note(
        self, kind: Kind, *paths: str, detail: str = "", of: Any = None, mode: Mode | None = None
    ) -> None:
        """Make an observation, once; its detail may be the classes at and below an object.

        `mode` is that of the call which it is about, if that is another one.
        """
        if of is not None:
            detail = " ".join(sorted({class_name(thing) for thing in objects_in(of)}))
        call = (self.transform, self.call, self.depth)
        made = Observation(kind, *call, paths, detail, mode or self.mode, self._codes)
        if made not in self.seen:
            self.seen.append(made)

    def _note_arguments(self, given: dict[str, Any]) -> None:
        self.arguments = Picture(**given)
        for paths, kind in self.arguments.aliased():
            self.note("aliased", *paths, detail=kind)
        self._note_mapped(self.arguments)
        self._note_mapped(self._captured_picture())
        if self.seen.running:
            self.seen.running[-1].gives(self.arguments, self.mode)
        for name, value in given.items():
            for path in loops_of(value, name):
                self.note("reaches-itself", path)
            for path, kind in no_data(value, name):
                self.note("no-array", path, detail=kind)
        of_arguments = set(map(class_name, self.arguments.objects.values()))
        for place in self._captured:
            classes = set(map(class_name, objects_in(place.thing)))
            self.note("captured", place.text, detail=" ".join(sorted(classes)))
            if alone := classes - of_arguments:
                self.note("captured-alone", place.text, detail=" ".join(sorted(alone)))
        for path in traced(self.f, self.depth > 0) if self.transform == "custom_vjp" else ():
            self.note("captured-traced", path)
        self._note_traces()
        given_at = {id(thing): path for path, thing in self.arguments.objects.items()}
        for path, thing in self._captured_picture().objects.items():
            if nnx_api.is_variable(thing) and id(thing) in given_at:
                self.note("captured-argument", path.removeprefix("closure "), given_at[id(thing)])
            elif nnx_api.is_node(thing) and id(thing) in given_at:
                own, at = path.removeprefix("closure "), given_at[id(thing)]
                self.note("captured-module", own, at)
                for held in filter(lambda held: is_array(held.thing), held_by(thing)):
                    self.note("captured-array", own + held.text, at + held.text)

    def _note_mapped(self, met: Picture) -> None:
        """Take note of the Variables of hijax that a transform which maps meets."""
        for path, thing in met.objects.items() if self.transform in MAPS else ():
            if self._is_hijax(thing):
                self.note("hijax-mapped", path.removeprefix("closure "), of=thing)

    def _is_hijax(self, thing: Any) -> bool:
        """Whether it is a Variable of hijax, or a copy of one that a trace of jax can write."""
        hijax = nnx_api.is_variable(thing) and nnx_api.is_hijax(thing)
        return hijax or id(thing) in self.seen.hijax_copies

    def copies(self, made: Iterable[tuple[Any, Any]]) -> None:
        for original, copy in made:
            if self._is_hijax(original):
                self.seen.hijax_copies[id(copy)] = copy

    def gives(self, arguments: Picture, mode: Mode | None) -> None:
        """Take note of what the function reaches by closure and gives to a transform, in whose
        mode that matters.
        """
        given = set(map(id, arguments.objects.values()))
        found = self._captured_picture().objects
        outermost = [path for path, thing in found.items() if id(thing) in given]
        for path in outermost:
            if not below_one(path, set(outermost)):
                self.note(
                    "captured-given", path.removeprefix("closure "), of=found[path], mode=mode
                )

    def has_two_of(self, variable: Any) -> Iterator[Kind]:
        """Why Flax may give the function two of a Variable that is one in Python: it reaches the
        Variable by closure, too, or stands at two of its places, which are two in tree mode.
        """
        places = self.arguments.paths_by_object().get(id(variable), ())
        if places and id(variable) in map(id, self._captured_picture().objects.values()):
            yield "inconsistent-reached"
        if len(places) > 1:
            yield "inconsistent-given"

    def _note_traces(self) -> None:
        """Variables that a function of jax around the call reaches by closure, by parameters."""
        for path, thing in self.arguments.objects.items():
            if nnx_api.is_variable(thing) and not nnx_api.is_of_this_trace(thing):
                place = re.match(r"args\[(\d+)\]", path)
                if place is not None:
                    path = name_of(self.f, int(place[1])) + path[place.end() :]
                self.note("of-another-trace", path, of=thing)

    def _captured_picture(self) -> Picture:
        return _picture_of(self._captured)

    def sliced(self, slices: Slices) -> None:
        self._slices = slices
        for variable, paths in slices.inconsistent():
            self.note("inconsistent-axes", *paths, detail=class_name(variable))
            for kind in self.seen.running[-1].has_two_of(variable) if self.seen.running else ():
                self.note(kind, *paths, detail=class_name(variable))
        for node, paths in slices.parted():
            self.note("inconsistent-node", *paths, detail=class_name(node))
        for variable, paths in slices.unnamed():
            self.note("partition-missing", *paths, detail=class_name(variable))
        super().sliced(slices)

    def _broadcast(self) -> Picture:
        """What has no axis of the arguments, by path."""
        return Picture(**({} if self._slices is None else self._slices.broadcast_values()))

    @contextmanager
    def trip(self, f: Any = None, **before: Any) -> Iterator["Unwatched"]:
        self.seen.check_time()
        self._before = Picture(**before)
        given = {name: before[name] for name in ("args", "kwargs") if name in before}
        self._containers = [Containers(value, name) for name, value in given.items()]
        self._begin(self.f if f is None else f)
        outside, broadcast = self._captured_picture(), self._broadcast()
        self.seen.inside.append(self)
        self.seen.running.append(self)
        self.seen.ran |= self._codes
        try:
            yield self
        except Exception as error:
            told = traceback.format_exception_only(error)[-1].strip()
            self.note("raised", "body", detail=told[:200])
            self._note_changes(
                changes_of(self._before, Picture(**before))
            )  # a trace may get farther than Python
            raise
        finally:
            self.seen.inside.pop()
            self.seen.running.pop()
            self._note_written(outside, self._captured_picture())
            now = self._broadcast()
            for path in broadcast.written(now):
                self.note("broadcast-written", path)
            if self.transform == "custom_vjp":
                for path in self._before.written(Picture(**before)):
                    self.note("argument-written", path)
            self._note_changes(aval_changes(broadcast, now))

    def _note_written(self, before: Picture, now: Picture) -> None:
        """What is reached by closure and was changed, with the class of each object."""
        for path in before.written(now):
            kind = before.written_at(path, now)
            self.note("captured-written", path.removeprefix("closure "), detail=kind)

    def reused(self, stream: Any) -> None:
        """Take note that a stream handed out a key that was handed out before."""
        counts = {id(thing): path for path, thing in self.arguments.objects.items()}
        counts |= {id(thing): path for path, thing in self._captured_picture().objects.items()}
        path = counts.get(id(stream.count), "").removesuffix(".count").removeprefix("closure ")
        self.note("key-reuse", path or UNNAMED)

    def differentiates(self, held: list[tuple[Any, str, Any]]) -> None:
        at = {id(thing): path for path, thing in self.arguments.objects.items()}
        for thing, name, array in held:
            dtype = getattr(array, "dtype", None)
            if id(thing) in at and dtype is not None and not jnp.issubdtype(dtype, jnp.inexact):
                self.note("not-differentiable", at[id(thing)] + (step(name) if name else ""))

    def static(self, f: Any, static: Static, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        for place in sorted(place for place in static[0] if place >= len(args)):
            self.note("static-not-given", name_of(f, place))
        held = static_given(f, static, args, kwargs)
        for paths, kind in Picture(args=args, kwargs=kwargs).aliased() if held else ():
            self.note("aliased", *paths, detail=kind)
        for name, value in held.items():
            if is_object(value) or not is_hashable(value):
                self.note("static-module" if is_object(value) else "static-unhashable", name)

    def given_first(self, first: int, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        places = Picture(args=(None,) * first + args[first:], kwargs=kwargs).objects
        for path in filter(lambda path: nnx_api.is_variable(places[path]), places):
            self.note("not-given-first", path)

    def donates(self, donated: Static, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        tops = [f"args[{k}]" for k in donated[0]] + [f"kwargs[{name!r}]" for name in donated[1]]
        first: dict[int, str] = {}
        for path, array in Picture(args=args, kwargs=kwargs).arrays.items() if tops else ():
            other = first.setdefault(id(array), path)
            both = other, path
            if other != path and any(p == top or is_below(p, top) for p in both for top in tops):
                self.note("donated-twice", *both)

    def bounds(self, *bounds: Any) -> None:
        if not bounds or not all(type(one) is int for one in bounds):
            self.seen.unknown_trips()

    def promoted(self, path: str) -> None:
        self.note("number-promoted", path)

    def condition(self, holds: Holds, cond_fun: Any, carry: Any, mode: Mode | None) -> bool:
        def noted(carry: Any) -> Any:
            before = Picture(carry=carry)
            body, reached = self._runs, self._captured_picture()
            self._begin(cond_fun)
            outside = self._captured_picture()
            by_body = set(map(id, reached.objects.values()))
            for path, thing in outside.objects.items():
                if nnx_api.is_variable(thing) and id(thing) in by_body:
                    self.note("captured-by-both", path.removeprefix("closure "), of=thing)
            self._compare_reached(outside)
            self.seen.ran |= self._codes
            self.seen.running.append(self)
            try:
                answer = cond_fun(carry)
            finally:
                self.seen.running.pop()
                self._note_written(outside, self._captured_picture())
            if not is_bool(answer):
                self.note("condition-no-bool")
            for path in before.written(Picture(carry=carry)):
                self.note("condition-wrote", path)
            self._begin(body)
            return answer

        return holds(noted, carry, mode)

    def _compare_reached(self, now: Picture) -> None:
        """What the condition reaches of the arguments by closure, and the body has changed."""
        before, self._reached = self._reached or now, now
        given = set(map(id, self.arguments.objects.values()))
        own = [path for path, thing in now.objects.items() if id(thing) in given]
        for path in before.written(now):
            if any(path == top or is_below(path, top) for top in own):
                self.note("condition-captured", path.removeprefix("closure "))

    def returned(self, **after: Any) -> None:
        now = Picture(**after)
        self._note_mapped(now)
        self._note_containers(after.get("out"))
        for name in after.keys() - set(_GIVEN):
            for path, kind in no_data(after[name], "result" if name == "out" else name):
                self.note("no-array-returned", path, detail=kind)
        outside = {id(thing) for thing in self._captured_picture().objects.values()}
        held = [self.arguments, *([] if self._before is None else [self._before])]
        for path, thing in now.objects.items():
            if id(thing) in outside and all(p.objects.get(path) is not thing for p in held):
                self.note("captured-returned", path, detail=class_name(thing))
        if self._before is not None:
            self._note_changes(changes_of(self._before, now))
        self._returned_again(now)

    def _note_containers(self, out: Any) -> None:
        """Containers that the function was given and changed, and that the caller does not get."""
        returned = Containers(out, "out")
        for containers in self._containers:
            for path, value in containers.changed():
                if not returned.holds(value):
                    self.note("container-written", path)

    def _note_changes(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.note(change.kind, *change.paths, detail=change.detail)

    def _returned_again(self, now: Picture) -> None:
        """Variables that the results hold twice, or that the arguments hold: before, or by now."""
        own = Picture(**self._given).paths_by_object() | self.arguments.paths_by_object()
        if self._before is not None:  # copies of them, under a trace
            own |= self._before.paths_by_object()
        for key, paths in now.paths_by_object().items():
            results = [path for path in paths if not path.startswith(_GIVEN)]
            if len(results) > 1:
                self.note("returned-twice", *results, detail=now.classes[key])
            results = [path for path in results if not path.startswith("carry")]
            if key in own and results:
                self.note("argument-returned", *own[key], *results, detail=now.classes[key])


#: Where the paths of what a function is given begin.
_GIVEN = ("args", "kwargs", "inputs")

#: The transforms that run their function once for each slice of the arguments.
MAPS = ("pmap", "scan", "shard_map", "vmap")

#: Those that make the derivative of a function.
DERIVATIVES = ("grad", "jvp", "value_and_grad", "vjp")


def _picture_of(places: list[Place]) -> Picture:
    """What stands at and below objects that a function reaches besides its arguments."""
    return Picture(**{f"closure {place.text}": place.thing for place in places})


@contextmanager
def call(
    transform: Callable[..., Any], mode: Mode | None, f: Any, **given: Any
) -> Iterator[Unwatched]:
    """One call of a transform with the function `f` and the arguments `given`, by name."""
    host = current_host()
    if host is not None:
        yield host
        return
    with all_or_nothing(mode, f, *given.values()):
        yield watch(transform.__name__, mode, f, **given)


def given_as_made(transform: Callable[..., Any], mode: Mode | None, f: Any, args: Any) -> None:
    """Take note of arguments that are looked at before any call (`jit_partial`)."""
    seen = current()
    if seen is not None:
        call = transform.__name__, seen.calls, seen.depth
        found = Picture(args=args).aliased()
        codes = codes_of(f)
        seen += [Observation("aliased", *call, (*p,), kind, mode, codes) for p, kind in found]


def watch(transform: str, mode: Mode | None, f: Any, **given: Any) -> Unwatched:
    """What takes note of such a call, if anyone asks for it."""
    seen = current()
    return Unwatched() if seen is None else Watched(seen, transform, mode, f, given)
