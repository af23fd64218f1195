"""What may be behind a finding, told with it: sharing, what is captured, how old a trace is."""

import re
from collections.abc import Callable, Collection, Mapping

import jax
import msgspec

from nnxfuzz.checker.documented import LINES, NAMED, WAYS_OUT, listed
from nnxfuzz.checker.generators import DRAW, ELSEWHERE
from nnxfuzz.checker.judgeable import Judgeable, Options
from nnxfuzz.checker.refusals.base import named
from nnxfuzz.checker.rounding import drawn_otherwise
from nnxfuzz.checker.sharing import shared_objects
from nnxfuzz.checker.steady import CLOCKS, TAKE_IT
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.checker.warned import torn, unequal_on_devices
from nnxfuzz.checker.worlds import differences, name_of
from nnxfuzz.oracle.verdict import Difference, World
from nnxfuzz.plain.frame import DERIVATIVES
from nnxfuzz.programs.case import Mode
from nnxfuzz.programs.numbers import is_key


def explained(
    verdict: Verdict,
    found: list[Difference],
    trial: Judgeable,
    mode: Mode,
    meant: Side,
    added: Options,
) -> Verdict:
    """The verdict on what is found to differ, and what may be behind it."""
    if drawn_for_a_batch(found, trial, meant, added):
        text = (
            "rbg draws its random numbers, and jax.vmap makes others than a loop of the same keys"
        )
        way_out = "check it with JAX_DEFAULT_PRNG_IMPL=threefry2x32"
        return Verdict("inconclusive", text, verdict.paths, way_out=way_out)
    captured = because_of_capture(verdict, trial, meant)
    aged = because_of_age(verdict, captured, found, trial, meant, added)
    shared = because_of_sharing(captured, trial, mode) if aged is None else aged
    return because_of_replicas(shared, found, trial)


def because_of_replicas(verdict: Verdict, found: list[Difference], trial: Judgeable) -> Verdict:
    """A finding about numbers alone, and that the call was given arrays of which each device held
    other numbers: Python reads those of one device, and each device its own.
    """
    paths = tuple(map(name_of, torn(trial.given)))
    if not paths or any(d.aspect != "value" for d in found):
        return verdict
    return msgspec.structs.replace(
        verdict,
        told=f"{unequal_on_devices(paths)} before the call: {verdict.told}",
        way_out="have the devices agree on them, as by jax.lax.pmean, where they are written",
    )


def because_of_sharing(verdict: Verdict, trial: Judgeable, mode: Mode) -> Verdict:
    """A verdict on what is not as in Python, and what may be behind it: sharing, in a mode of
    trees.
    """
    shared = shared_objects(trial.given, ("caller", "closure"))
    if mode != "tree" or not shared:
        return verdict
    kind, first = shared[0][0], shared[0][1:]
    places = " and ".join(f"`{path}`" for path in first)
    return msgspec.structs.replace(
        verdict,
        told=f"{places} are one {kind}, which tree mode takes for two: {verdict.told}",
        paths=first,
        way_out="reach it by one path only, or call the transform with graph=True "
        "(nnxfuzz contract tree-nodes)",
    )


def drawn_for_a_batch(
    found: list[Difference], trial: Judgeable, meant: Side, added: Options
) -> bool:
    """Whether random numbers alone differ, in a call that maps, where the random generator makes
    those of a whole batch from its first key.
    """
    keys = [array for array in trial.given.arrays.values() if is_key(array)]
    named = {str(jax.config.jax_default_prng_impl), *(str(jax.random.key_impl(k)) for k in keys)}
    if "vmap" not in meant.seen.transforms or "rbg" not in " ".join(named):
        return False
    with drawn_otherwise():
        other = trial.plain("asked", added)
    random = {d.path for d in differences(meant.world, other.world)}
    return all(d.aspect == "value" and d.path in random for d in found)


def because_of_capture(verdict: Verdict, trial: Judgeable, meant: Side) -> Verdict:
    """What is not Python's, and why: the function works on a Variable of its argument by
    closure.  In a transform the argument is another object.
    """
    found = meant.seen.of("captured-argument")
    if not found:
        return verdict
    written = meant.seen.paths("captured-written")
    first = next((o for o in found if _is_told(o.paths[1], verdict.paths)), found[0])
    captured = next((o for o in found if o.paths[0] in written), first)
    outside, inside = captured.paths
    where = "in the body, " if captured.depth else ""
    if not captured.depth:
        inside = named(inside, trial.arguments, trial.options)
    gradient = captured.transform in DERIVATIVES
    what = "a constant to the gradient" if gradient else "as it was before the call"
    return msgspec.structs.replace(
        verdict,
        told=f"{where}the function reads `{outside}` by closure, which is {what}; "
        f"it is the argument's `{inside}`: {verdict.told}",
        paths=(outside, inside),
    )


def _is_told(inside: str, paths: tuple[str, ...]) -> bool:
    """Whether it stands where one of these places is in what it is part of: `args[0].a` where
    `result[1].a` is.
    """
    below = inside[inside.find(".") :] if "." in inside else inside
    return any(path.endswith(below) for path in paths)


def because_of_age(
    verdict: Verdict,
    captured: Verdict,
    found: list[Difference],
    trial: Judgeable,
    meant: Side,
    added: Options,
) -> Verdict | None:
    """A finding that is gone where the function is traced anew: it was compiled when what it
    reaches by closure was another ("Pure functions" in jax's Common Gotchas); None for any other.

    What changed is named.  Where nothing is known to have, it may be a clock, or what is
    `captured`.  Where something has, Flax may also refuse what it would trace now: a dropout that
    is on by now writes to a stream that is reached by closure.
    """
    anew = trial.afresh(added)
    if anew is None:
        return None
    changed = trial.changed()
    if anew.raised is None and not changed and _is_of_a_clock(found, trial, meant, added, anew):
        told = f"the function was compiled before, and looks at {CLOCKS} while it is traced"
        return msgspec.structs.replace(verdict, told=f"{told}: {verdict.told}", way_out=TAKE_IT)
    refused = anew.raised is not None and bool(changed)
    if not refused and (anew.raised is not None or differences(meant.world, anew.world)):
        return None
    where = "by closure or as a static argument" if trial.static else "by closure"
    which = "; ".join(f"`{path}` {what}" for path, what in list(changed.items())[:NAMED])
    now = f", and raises {type(anew.raised).__name__} where it is traced anew" if refused else ""
    told = f"({which}){now}: {verdict.told}" if changed else f": {captured.told}"
    return msgspec.structs.replace(
        verdict if changed else captured,
        told=f"the function was compiled before something that it reaches {where} changed"
        + (" " if changed else "")
        + told,
        way_out=_instead(changed.values(), " that is not static" if trial.static else ""),
    )


def _is_of_a_clock(
    found: list[Difference], trial: Judgeable, meant: Side, added: Options, anew: Side
) -> bool:
    """Whether all that differs is another each time plain Python runs the function, and is changed
    where it is traced anew.
    """
    other = {d.path for d in differences(meant.world, trial.later("asked", added).world)}
    changed = {d.path for d in differences(trial.before(), anew.world)} if other else set()
    return all(d.path in other & changed for d in found)


def _instead(changes: Collection[str], static: str) -> str:
    """What to do about changes that a compiled function does not see: a generator of random
    numbers cannot be an argument.
    """
    drawn = [what for what in changes if what == ELSEWHERE]
    ways = [DRAW] if drawn else []
    if len(drawn) < len(changes) or not changes:
        ways = [f"pass what changes as an argument{static}", *ways]
    return ", and ".join(ways)


def because_traced(effects: Mapping[str, str]) -> Verdict:
    """The verdict on what a function does to the program's own objects while it is traced."""
    lines = tuple(f"{path} {what}" for path, what in effects.items())[:LINES]
    paths = tuple(effects)
    text = f"the function changes {listed(paths)} while it is traced, and Python in each run: "
    record = "effects-when-traced"
    return Verdict("deviates", text + lines[0], paths, lines, record, WAYS_OUT[record])


def is_within(d: Difference, effects: Mapping[str, str]) -> bool:
    """Whether it is in a static dictionary, say, of a module, to which the function writes, or in
    what stands in a Variable's metadata.
    """
    name = _by_names(name_of(d.path))
    if (d.role, d.aspect) == ("variable", "metadata"):
        written = {path.removeprefix(f"{name}.") for path in map(_by_names, effects)}
        alike = _NAMED.sub("", d.expected) == _NAMED.sub("", d.got)
        apart = _metadata_apart(d)
        return alike and bool(apart) and apart <= written
    return any(name == path or name.startswith(f"{path}.") for path in map(_by_names, effects))


def _metadata_apart(d: Difference) -> set[str]:
    """The names for which metadata differ, as their text has them."""
    one, other = (dict(_NAMED.findall(text)) for text in (d.expected, d.got))
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


#: An item of metadata in their text: the name, and all up to the next one.
_NAMED = re.compile(r"\('(\w+)', (.*?)\)(?=, \('|\]$)", re.S)

#: An item in a path.
_ITEM = re.compile(r"\['?(.+?)'?\]")


def _by_names(path: str) -> str:
    """A path with names alone: `m.info.calls` for `m.info['calls']`."""
    return _ITEM.sub(r".\1", path)


def because_of_effects(
    verdict: Verdict,
    found: list[Difference],
    wanted: World,
    effects: Mapping[str, str],
    drawn: Callable[[], World],
) -> Verdict:
    """A finding that nothing else explains, with what the function does to the program's own
    objects beside it: the numbers may come from what it does once, where it is traced.

    Of random numbers this is tried: with others `drawn`, all that differs is different, too.
    """
    if not effects or verdict.way_out:
        return verdict
    beside = tuple(f"{path} {what}" for path, what in effects.items())[:NAMED]
    lines = (*verdict.lines[:1], *beside, *verdict.lines[1:])[:LINES]
    verdict = msgspec.structs.replace(verdict, lines=lines)
    streams = tuple(path for path, what in effects.items() if what == ELSEWHERE)
    if not streams:
        return verdict
    moved = {d.path for d in differences(wanted, drawn())}
    if any(d.aspect != "value" or d.path not in moved for d in found):
        return verdict
    return msgspec.structs.replace(
        verdict,
        told=f"the function draws from {listed(streams)} while it is traced, and Python in each "
        f"run: {verdict.told}",
        way_out=DRAW,
    )


def because_of_imports(names: tuple[str, ...]) -> Verdict:
    """The verdict on a function that imports a module of the program's while it is traced."""
    text = (
        "the function imports a module while it is traced, which leaves a tracer in "
        f"{listed(names)}: whoever uses it next gets an UnexpectedTracerError"
    )
    way_out = "import it before the call, or have it compute its constants with numpy"
    return Verdict("deviates", text, names, (text,), "effects-when-traced", way_out)


def because_of_leaks(trial: Judgeable, python: Side, flax: Side) -> Verdict | None:
    """A function that comes in plain Python to a tracer which was left in an object of the
    program's; None if it does not.
    """
    if not isinstance(python.raised, jax.errors.UnexpectedTracerError) or flax.raised is not None:
        return None
    if flax.imports:
        return because_of_imports(flax.imports)
    if not trial.leaked:
        return None
    first = trial.leaked[:1]
    text = f"{listed(first)} holds a tracer, which was left there when a function was traced"
    return Verdict("not judged", text, first, way_out=_KEPT)


#: What to do about a tracer that an object of the program's keeps.
_KEPT = "have what is kept there computed with numpy, or before the call"


def because_of_caches(python: Side, flax: Side) -> Verdict | None:
    """A function that is cached has kept a tracer, on which the next to ask for it fails; as
    Python's run does, for what a cache with a `maxsize` holds cannot be put back.  None if it is
    not so.
    """
    if not (python.memoized and isinstance(python.raised, jax.errors.UnexpectedTracerError)):
        return None
    if not flax.memoizes:
        text = f"the cache of {listed(python.memoized)} keeps a tracer that a traced function left"
        return Verdict("not judged", text, python.memoized, way_out=_UNCACHED)
    return kept_in_caches(flax.memoizes)


def kept_in_caches(names: tuple[str, ...]) -> Verdict:
    """The verdict on a function that keeps a tracer in these caches."""
    text = f"the function keeps in the cache of {listed(names)} a tracer, for it is traced"
    lines = (f"{text}: whoever asks for it next gets an UnexpectedTracerError",)
    return Verdict("deviates", text, names, lines, "effects-when-traced", _UNCACHED)


#: What to do about a cache that keeps a tracer.
_UNCACHED = "have what is cached compute with numpy, or ask for it once before the call"
