"""What the installed release has: its features, modes and transforms, and how they are called."""

import functools
import inspect
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import flax
import jax
import jax.experimental
import jax.numpy as jnp
from flax import nnx
from packaging.version import Version

from nnxfuzz.nnx_api import eager
from nnxfuzz.nnx_api.nodes import attributes
from nnxfuzz.nnx_api.settings import settled
from nnxfuzz.nnx_api.variables import get_raw, holds_reference, read
from nnxfuzz.programs.case import TOPICS, TRANSFORMS, Arm, Case, Choice, Feature, Mode, fits, needs
from nnxfuzz.programs.case.queries import lists_hold_themselves
from nnxfuzz.programs.versions import version

FLAX = str(flax.__version__)
JAX = str(jax.__version__)


def checkout() -> Path | None:
    """The folder of the Flax that is imported, if that is a checkout and not installed."""
    folder = Path(flax.__file__).resolve().parents[1]
    return folder if (folder / "pyproject.toml").is_file() else None


def release() -> Version:
    """The version of the installed Flax, for the contract's ranges."""
    return version(FLAX)


def forget() -> None:
    """Empty jax's caches, and Flax's own: from 0.12.11 on those keep every function that a loop
    without graph updates ever ran (see docs/findings.md).
    """
    jax.clear_caches()
    eager.let_go()
    for cache in _own_caches():
        cache.clear()


@functools.cache
def _own_caches() -> list[WeakKeyDictionary[Any, Any]]:
    """The caches of functions in Flax's modules of transforms."""
    modules = [m for name, m in sys.modules.items() if name.startswith("flax.nnx.transforms.")]
    held = [value for module in modules for value in vars(module).values()]
    return [value for value in held if isinstance(value, WeakKeyDictionary)]


def x64() -> AbstractContextManager[Any]:
    """A context in which jax has arrays of 64 bits."""

    holder: Any = jax if hasattr(jax, "enable_x64") else jax.experimental
    context: AbstractContextManager[Any] = holder.enable_x64(True)
    return context


def call_arguments(name: str, mode: Mode) -> dict[str, bool]:
    """The keyword arguments that put `nnx.<name>`, which is no loop, into `mode`."""
    return _mode_arguments(getattr(nnx, name), mode)


def is_in_mode(name: str, mode: Mode, given: Mapping[str, bool]) -> bool:
    """Whether `nnx.<name>` is in `mode` if it is called with these keyword arguments alone.

    On 0.12.4 `jit` and `shard_map` have an argument `graph`, by default True, and no other
    transform has one.
    """
    asked = call_arguments(name, mode)
    if given.keys() == asked.keys():
        return given == asked
    defaults = inspect.signature(getattr(nnx, name)).parameters
    takes = given.keys() <= asked.keys()
    return takes and all(given.get(k, defaults[k].default) == v for k, v in asked.items())


@functools.cache
@settled()
def setitem_keeps_dtype() -> bool | None:
    """What `v[...] = x` does when x has another dtype: None if this release cannot do it at all.

    True: x is cast to the Variable's dtype (0.12.4 and newer); False: x replaces the value.
    """
    probe = nnx.Param(jnp.zeros((1,), jnp.int32))
    try:
        with warnings.catch_warnings(), jax.numpy_dtype_promotion("standard"):
            warnings.simplefilter("ignore")
            probe[...] = jnp.ones((1,), jnp.float32)
    except TypeError:
        return None
    return bool(get_raw(probe).dtype == jnp.int32)


#: How a release is asked whether it has a feature.
_HAS: dict[Feature, Callable[[], bool]] = {
    "bare-variables": lambda: release() >= version("0.10.5"),  # google/flax PR #4606
    "raw-arrays": lambda: release() >= version("0.10.5"),  # google/flax PR #4612
    "setitem": lambda: setitem_keeps_dtype() is not None,
    "mapping": lambda: hasattr(nnx, "Dict"),
    "marks": lambda: hasattr(nnx, "data"),
    "rng-fork": lambda: hasattr(nnx.Rngs, "fork"),
    "rng-split": lambda: hasattr(nnx, "split_rngs"),
    "rng-squeeze": lambda: "squeeze" in inspect.signature(nnx.split_rngs).parameters,
    "partition": lambda: hasattr(nnx, "PARTITION_NAME"),
    "keywords": lambda: True,
    "prefix": lambda: hasattr(nnx, "prefix"),
    "hooks": lambda: _hooks_are_called(),
    "array-refs": lambda: holds_reference(nnx.Param(jnp.zeros(()), ref=True)),
    "hijax": lambda: release() >= version("0.12.9"),  # before, most transforms fail on any
    "mode-context": lambda: hasattr(nnx, "set_graph_mode"),
    "fori-loop": lambda: hasattr(nnx, "fori_loop"),
    "updates-in-backward": lambda: release() >= version("0.12.8"),
    "tree-modules": lambda: hasattr(nnx, "Pytree"),
    "compiled-ahead": lambda: hasattr(nnx.jit(lambda: None), "lower"),
}


def choices() -> frozenset[Choice]:
    """What a search on the installed release may turn on and off."""
    return features() | frozenset(TOPICS)


@functools.cache
@settled()
def features() -> frozenset[Feature]:
    """What the installed release can do of what a case may need."""
    return frozenset(name for name, has in _HAS.items() if has())


def _hooks_are_called() -> bool:
    """Whether `on_get_value` in the metadata is a hook (before 0.10.5 it was metadata)."""
    probe = nnx.Param(jnp.zeros(()), on_get_value=lambda _, value: value + 1)
    return bool(read(probe) == 1)


def inapplicable(case: Case, arm: Arm) -> str | None:
    """Why the installed release cannot run `arm` of `case`; None if it can."""
    if not fits(case, arm):
        return f"{arm.transform} in {arm.mode} mode cannot run this case"
    if arm.transform not in transforms():
        return f"flax {FLAX} has no nnx.{arm.transform}"
    if arm.mode not in modes():
        return f"flax {FLAX} has no {arm.mode} mode"
    if lists_hold_themselves(case) and not hasattr(nnx, "List"):
        return f"flax {FLAX} has no nnx.List, and a list of Python that holds itself has no end"
    if case.form.wrong is not None and not _checks_axes(arm.mode):
        return f"nnx.scan of flax {FLAX} does not check its axes in {arm.mode} mode"
    missing = sorted(needs(case) - features())
    return f"flax {FLAX} does not support {', '.join(missing)}" if missing else None


def optimizer_update(optimizer: Any, model: Any, grads: dict[str, Any]) -> None:
    """`optimizer.update` with gradients by the names of the parameters."""
    state = nnx.state(model, nnx.Param)
    leaves, structure = jax.tree.flatten(state)
    held = attributes(model)  # `Param(None)` of older releases has no leaf
    names = sorted(name for name in grads if name in state and get_raw(held[name]) is not None)
    assert len(leaves) == len(names)
    update_optimizer(optimizer, model, structure.unflatten([grads[name] for name in names]))


def update_optimizer(optimizer: Any, model: Any, grads: Any) -> None:
    """`optimizer.update` with gradients as `nnx.grad` gives them (up to 0.10 it has the model)."""
    if "model" in _parameters(type(optimizer).update):
        optimizer.update(model, grads)
    else:
        optimizer.update(grads)


@functools.cache
@settled()
def _checks_axes(mode: Mode) -> bool:
    """Whether `scan` looks at its axes in a mode: 0.12.6, the first release with
    `graph_updates=False`, does not without these, and 0.12.7 does (`_validate_scan_axes`).
    """
    options = {"in_axes": (nnx.Carry, nnx.Carry), "out_axes": nnx.Carry, "length": 1}
    try:
        nnx.scan(lambda carry, again: carry, **options, **call_arguments("scan", mode))(0, 0)
    except ValueError as error:
        return re.search("multiple Carry|only supports", str(error)) is not None
    return False


@functools.cache
def modes() -> tuple[Mode, ...]:
    """The modes that the installed release's loops have."""
    names = _parameters(nnx.scan)
    if "graph_updates" in names:
        return ("graph", "graph-frozen", "tree")
    return ("graph", "tree") if "graph" in names else ("graph",)


def mode_arguments(mode: Mode) -> dict[str, bool]:
    """The keyword arguments that put a transform of this release into `mode`."""
    return _mode_arguments(nnx.scan, mode)


def _mode_arguments(transform: Callable[..., Any], mode: Mode) -> dict[str, bool]:
    known = _parameters(transform)
    wanted = {"graph": mode != "tree", "graph_updates": mode == "graph"}
    return {name: value for name, value in wanted.items() if name in known}


@functools.cache
def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    """The names of a function's parameters."""
    return frozenset(inspect.signature(function).parameters)


def transforms() -> dict[str, Callable[..., Any]]:
    """The release's loop transforms by name; a release without one lacks its key."""
    return {name: getattr(nnx, name) for name in TRANSFORMS if hasattr(nnx, name)}


#: How the warnings begin that Flax lays at our door.
_DEPRECATED = ("Variable hooks are deprecated", r"Using 'Module.sow\(\)' outside")


def quiet() -> None:
    """Silence the deprecation warnings of what programs use, and keep whole tracebacks."""
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="flax")
    for start in _DEPRECATED:
        warnings.filterwarnings("ignore", message=start)
    jax.config.update("jax_traceback_filtering", "off")
