"""What a process that is nnxfuzz's own does before it runs programs."""

from pathlib import Path

from nnxfuzz.nnx_api.compiled import keep_compiled
from nnxfuzz.nnx_api.eager import hold_operations
from nnxfuzz.nnx_api.installed import quiet
from nnxfuzz.nnx_api.settings import have_devices


def make_ready() -> Path | None:
    """Quiet Flax, have the devices of meshes, and compile nothing twice; where jax keeps it.

    It has to be called before jax begins.
    """
    quiet()
    have_devices()
    hold_operations()
    return keep_compiled()
