"""Which object a refusal is about: what its message names, against the places that were observed.

A message that names a place or a class is explained only by what was observed of that very place or
class; one that names none, by what the transform that raised it was handed.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from nnxfuzz import nnx_api
from nnxfuzz.plain import Observation
from nnxfuzz.programs.case import Arm, path_named
from nnxfuzz.programs.versions import version

Steps = tuple[str | int, ...]


class _OrLater(str):
    """A field that stands for itself or for a later one.

    jax up to 0.10.2 names the fields of a record in turn, and leaves out those that are None, so
    that it may name an earlier field than it means (0.11.1 names the right one).
    """


#: Whether this jax does so.
_MISNAMES = version(nnx_api.JAX) < version("0.11.1")

#: Whether a message is about one of the reasons that were observed.
Naming = Callable[[str, Sequence[Observation], Arm], bool]

#: What jax and Flax put between the steps of a program's own path.
_INTERNAL = ("_graphdef", "__state__", "value", "states")

_STEP = re.compile(r"\[(\d+)\]|\['([^']*)'\]|\.(\w+)")
_KEYS = r"(?:\[\d+\]|\['[^']*'\]|\.\w+)*"
_COMPONENT = re.compile(rf"the input carry component (\w+)({_KEYS})", re.IGNORECASE)
_KEY_PATH = re.compile(rf"key path\n\s+\w+ tree({_KEYS})")
_IDENTITY = re.compile(r"^(\w+) Variable identity")
_DUPLICATE = re.compile(rf"^  - ({_KEYS})$", re.MULTILINE)
_SEEN_TWICE = re.compile(rf"^Variable at ({_KEYS}) was already seen at ({_KEYS})\.")
_HANDED = re.compile(r"nnx\.(\w+) with graph_updates")
_CLASS = re.compile(r"(?:mutate '?|Variable of type |got )(\w+)")
#: The class of what Flax calls a duplicate.
DUPLICATED = re.compile(r"Duplicate (\w+)\(")
#: The class that `RngStream` writes to; up to 0.12.0 Flax names the stream (`rnglib`).
WRITTEN_BY = {"RngStream": "RngCount"}
_PREFIXED = re.compile(r"^  (\S+): (.*)$", re.MULTILINE)
_CONTAINER = re.compile(
    r"^(Dict|Tuple|List|Named tuple|Expected (?:dict|tuple|list|named tuple))\b"
)


def the_call(message: str, reasons: Sequence[Observation], arm: Arm) -> bool:
    """The message is about how the transform was called, and no object."""
    return True


def what_it_was_handed(message: str, reasons: Sequence[Observation], arm: Arm) -> bool:
    """The message names no object, but at most the transform that was handed it."""
    named = _IDENTITY.search(message)
    return named is None or any((r.transform or arm.transform) == named[1] for r in reasons)


def an_inner_transform(message: str, reasons: Sequence[Observation], arm: Arm) -> bool:
    """jax names the transform whose branches differ."""
    named = re.match(r"(\w+) branches", message)
    return named is not None and any(r.transform == named[1] for r in reasons)


def a_component(message: str, reasons: Sequence[Observation], arm: Arm) -> bool:
    """jax names components of what it was given as its carry: each has to be a reason.

    In graph mode the objects of all modules are numbered through, so that a change of one changes
    the graph definitions of those after it.
    """
    met = False
    for head, keys in _COMPONENT.findall(message):
        own = any(_is_component(head, steps(keys, by_jax=True), reason, arm) for reason in reasons)
        if not own and not (met and keys.endswith("._graphdef")):
            return False
        met |= own
    return True


def a_key_path(message: str, reasons: Sequence[Observation], arm: Arm) -> bool:
    """`jax.tree.map` names a key path, or at least the type of the container.

    It looks for the first thing that differs.  In graph mode that may be the graph definition of
    any object: it has the numbers of the objects, and Flax adjusts those only where all else is
    alike (`_reconsile_index_mapping` of nnx/transforms/iteration.py).
    """
    named = _KEY_PATH.search(message)
    if named is not None and arm.mode == "graph" and named[1].endswith("._graphdef"):
        return True
    if named is None:
        kind = _container(message)
        if kind == "dict" and arm.mode == "graph-frozen":  # the state of a module is one
            return True
        return kind is None or any(r.detail == kind for r in reasons)
    place = steps(named[1], by_jax=True)
    if arm.counts and place:
        counter, place = place[0] == 0, place[1:]
        if counter:
            return False
    return any(meet(place, path[1:]) for path in _paths(reasons))


def a_place_of_the_carry(message: str, reasons: Sequence[Observation], arm: Arm) -> bool:
    """Flax names a place of the carry."""
    named = re.search(rf"at carry({_KEYS})$", message)
    return named is None or any(meet(steps(named[1]), path[1:]) for path in _paths(reasons))


def a_place_of_the_inputs(message: str, reasons: Sequence[Observation], arm: Arm) -> bool:
    """Flax names a place among the arguments."""
    named = re.search(rf"Variable at ({_KEYS}) was mutated", message)
    return named is not None and any(_suffix(steps(named[1]), _tail(p)) for p in _paths(reasons))


def a_class(message: str, reasons: Sequence[Observation], arm: Arm) -> bool:
    """Flax names the class of the object."""
    named = _CLASS.search(message)
    kinds = set() if named is None else {named[1], WRITTEN_BY.get(named[1], named[1])}
    return any(r.detail in kinds for r in reasons)


def two_places(message: str, reasons: Sequence[Observation], arm: Arm) -> bool:
    """Flax names two places of one Variable, mostly its class, and mostly who was handed it.

    The wrapper `vmap` is handed the objects of the carry in a list, so that only what is below
    them has its place.
    """
    named = [m[1] for m in _DUPLICATE.finditer(message)]
    named += [group for m in _SEEN_TWICE.finditer(message) for group in m.groups()]
    if len(named) != 2:
        return False
    kind, by = DUPLICATED.match(message), _HANDED.search(message)
    listed = arm.examples and by is not None and by[1] == arm.wrapper
    one, other = (steps(keys)[3 * listed :] for keys in named)
    return any(
        _suffix(one, _tail(p), listed) and _suffix(other, _tail(q), listed)
        for r in reasons
        if (kind is None or kind[1] == r.detail)
        and (not r.transform or by is None or by[1] == r.transform)
        for p in _paths([r])
        for q in _paths([r])
        if p != q
    )


def places_with_prefixes(message: str, reasons: Sequence[Observation], arm: Arm) -> bool:
    """Flax names a class, and each place of the object with the axis that it has there: in graph
    mode below the argument, in the others with the number of the argument.
    """
    _, *nodes = re.split(r"^Node: ", message, flags=re.MULTILINE)
    return all(any(_is_node(n, r, arm) for r in reasons) for n in nodes)


def _is_node(text: str, reason: Observation, arm: Arm) -> bool:
    """Whether it is the object of a reason, or what a module that is the reason holds by then.

    A reason has one path through a module that stands at several places, and Flax names them all.
    So two places that have different prefixes are enough.
    """
    found = [(_slashed(m[1]), m[2]) for m in _PREFIXED.finditer(text)]
    named = [place for place, _ in found]
    tails = [_tail(path) for path in _paths([reason])]
    kind = re.sub(r"^<class '(?:\w+\.)*(\w+)'>", r"\1", text)  # as 0.10 writes it
    if kind.startswith(f"{reason.detail}\n"):
        below = arm.mode == "graph"
        met = [(p, axis) for p, axis in found if any(_suffix(p, tail, below) for tail in tails)]
        return len(met) == len(found) or len({axis for _, axis in met}) > 1
    below = reason.kind == "inconsistent-node"
    named = named if arm.mode == "graph" else [place[1:] for place in named]
    return below and all(any(meet(place, tail) for tail in tails) for place in named)


# --- paths ----------------------------------------------------------------------------------


def steps(keys: str, by_jax: bool = False) -> Steps:
    """The steps of `jax.tree_util.keystr`, without those that are no part of a program.

    `by_jax`: the text is one of jax's own about two structures.
    """
    found: list[str | int] = []
    skips = False  # the index after `states`
    for index, key, name in _STEP.findall(keys):
        if not skips and name not in _INTERNAL and not name.startswith("_pytree__"):
            found.append(
                int(index) if index else key or (_OrLater(name) if by_jax and _MISNAMES else name)
            )
        skips = name == "states"
    return tuple(int(s) if isinstance(s, str) and s.isdigit() else s for s in found)


def _slashed(text: str) -> Steps:
    parts = () if text == "<root>" else text.split("/")
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _paths(reasons: Sequence[Observation]) -> Iterator[Steps]:
    for reason in reasons:
        yield from map(path_named, reason.paths)


def _tail(path: Steps) -> Steps:
    """A path without its root, and without the number of an input."""
    return path[1:] if path[0] == "carry" else path[2:]


def meet(named: Steps, tail: Steps) -> bool:
    """Whether one is the other, or is above it."""
    return all(_same(*both) for both in zip(named, tail, strict=False))


def _same(named: str | int, step: str | int) -> bool:
    later = isinstance(named, _OrLater) and isinstance(step, str) and str(named) < step
    return named == step or later


def _suffix(named: Steps, tail: Steps, below: bool = False) -> bool:
    """Whether what is named ends with the path: before it stand the arguments' own steps.

    `below`: what is named starts below the top of the path, so it is the other way round.
    """
    long, short = (tail, named) if below else (named, tail)
    return len(short) <= len(long) and meet(long[len(long) - len(short) :], short)


def _is_component(head: str, place: Steps, reason: Observation, arm: Arm) -> bool:
    """Whether a component of jax's carry is the place of a reason.

    `v` of a while_loop and `loop_carry` of a fori_loop have the carry at 1, `c` of a scan at 0.
    Behind it a scan has what is broadcast, as a list, and in graph mode, at 1, the objects of the
    carry, each with its state.  Any other name is of a list of all numbers, which tells no place.
    """
    if arm.counts and head in _OF_FLAX:
        return False
    paths = list(_paths([reason]))
    if head in ("v", "loop_carry"):
        return place[:1] != (0,) and any(meet(place[1:], p[1:]) for p in paths)
    if head != "c":
        return True
    if place[:1] == (0,):
        return any(p[0] == "carry" and meet(place[1:], p[1:]) for p in paths)
    if place[:1] == (1,) and arm.mode == "graph":
        within = place[3:]
        return any(meet(within, p[len(p) - len(within) :]) for p in paths if len(within) <= len(p))
    return any(p[0] == "inputs" for p in paths)


#: What Flax calls the parameter of its own functions around the body of a `while_loop`.  They take
#: over the signature of the user's (`functools.update_wrapper` in nnx/transforms/iteration.py), so
#: that jax names the parameter of the user's: in every mode of six releases, 0.10.2 to 0.12.12.
_OF_FLAX = ("val", "pure_val")


def _container(message: str) -> str | None:
    """The type of the container that jax's older messages name."""
    named = _CONTAINER.search(message)
    if named is None:
        return None
    return {"Dict": "dict", "Tuple": "tuple", "List": "list"}.get(named[1])
