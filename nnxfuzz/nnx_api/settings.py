"""The settings of jax and Flax under which programs run, whatever the environment asks for.

A case says which dtypes it has, the mode of a loop is part of the arm, and a NaN is a number like
any other.  So a verdict holds for jax and Flax as they are by default, and a user's own settings
(`JAX_ENABLE_X64`, `JAX_DEBUG_NANS`, `NNX_GRAPH_MODE`, ...) are set aside while a program runs.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import flax
import jax

from nnxfuzz.programs.errors import Misuse

#: jax's settings, as a program needs them, with what puts them so for this thread.
_OF_JAX: dict[str, tuple[object, Callable[[], Any]]] = {
    "jax_enable_x64": (False, lambda: _x64_off()),
    "jax_debug_nans": (False, lambda: jax.debug_nans(False)),
    "jax_debug_infs": (False, lambda: jax.debug_infs(False)),
    "jax_disable_jit": (False, lambda: jax.disable_jit(False)),
    # It takes the walk over the objects of the last trace for a leak.
    "jax_check_tracer_leaks": (False, lambda: jax.check_tracer_leaks(False)),
    # A program may write `v[...] = x` where x has another dtype.
    "jax_numpy_dtype_promotion": ("standard", lambda: jax.numpy_dtype_promotion("standard")),
    # Each implementation has keys of its own shape.
    "jax_default_prng_impl": ("threefry2x32", lambda: jax.default_prng_impl("threefry2x32")),
}

#: Flax's settings, where a release has them.
_OF_FLAX = {
    "nnx_graph_mode": True,
    "nnx_graph_updates": True,
    "nnx_sow_capture_noop": False,
    "flax_always_shard_variable": True,
    "flax_array_ref": False,
    "flax_hijax_variable": False,
}

#: Flax's settings that it reads once, when it is imported.
_AT_IMPORT = {"flax_pytree_module": True}

#: How many devices the meshes of programs may have, and how the environment asks for a number.
_DEVICES = 4
_FLAG = "--xla_force_host_platform_device_count"


def have_devices() -> None:
    """Have four devices on the CPU, unless jax has begun, or the user asks for another number."""
    flags = os.environ.get("XLA_FLAGS", "")
    if _FLAG in flags:
        return
    if not hasattr(jax.config, "jax_num_cpu_devices"):
        os.environ["XLA_FLAGS"] = f"{flags} {_FLAG}={_DEVICES}".strip()
    elif jax.config.jax_num_cpu_devices == -1:
        with suppress(RuntimeError):  # it has begun
            jax.config.update("jax_num_cpu_devices", _DEVICES)


@contextmanager
def settled() -> Iterator[None]:
    """Run with the settings that programs need; those of jax for this thread alone."""
    with ExitStack() as stack:
        for name, (needed, setting) in _OF_JAX.items():
            if _value(getattr(jax.config, name)) != needed:
                stack.enter_context(setting())
        for name, value in _OF_FLAX.items():
            present = getattr(flax.config, name, value)
            if present != value:
                stack.callback(flax.config.update, name, present)
                flax.config.update(name, value)
        yield


def check_settings() -> None:
    """Raise Misuse if Flax was imported with a setting under which no program can run."""
    for name, value in _AT_IMPORT.items():
        present = getattr(flax.config, name, value)
        if present != value:
            raise Misuse(
                f"flax runs with {name}={present}, for which nnxfuzz knows no right answers; "
                f"unset {name.upper()} in the environment"
            )


def _value(setting: Any) -> object:
    """A setting as a plain value (enums of newer releases have strings)."""
    return getattr(setting, "value", setting)


def _x64_off() -> Any:
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(False)
    from jax.experimental import disable_x64

    return disable_x64()


def take_cache() -> None:
    """Take what `nnx.cached_partial` keeps for the transform that it calls: Flax raises if nobody
    does (`GRAPH_CONTEXT.tmp_static_cache`), and leaves it to the next transform.
    """
    for name in ("graphlib", "graph"):  # the newer module first
        context = getattr(getattr(flax.nnx, name, None), "GRAPH_CONTEXT", None)
        if context is not None:
            context.tmp_static_cache = None
            return
