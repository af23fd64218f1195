"""Whether the installed jax and Flax can be used, told in one sentence where they cannot."""

import importlib
import importlib.util
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.progress import Progress
from nnxfuzz.programs.versions import OLDEST, version

_INSTALL = f"run pip install 'flax>={OLDEST}'"


def require_flax(imported: Callable[[], object] = lambda: None) -> None:
    """Make sure that a supported Flax is importable, quiet it, and keep what it compiles.

    `imported` is called once all is imported, before jax or a thread starts.  Raises Misuse if Flax
    or jax is absent, too old, does not import or finds no device.
    """
    with _unbroken():
        with Progress("imports jax and flax"):
            check_version()
            _keep_hypothesis_out()
            keep_loading_quiet()
            _import("jax", "run pip install jax")
            _import("flax.nnx", f"its jax may be too old or too new for it, {_INSTALL}")
            from nnxfuzz import nnx_api
        imported()
        kept = nnx_api.make_ready()
        _check_device()
        nnx_api.check_settings()
        if kept is not None:
            nnx_api.prune_compiled()


def _keep_hypothesis_out() -> None:
    """Have Hypothesis keep what it computes out of this folder, in child processes too."""
    import platformdirs

    cache = Path(platformdirs.user_cache_dir("nnxfuzz"), "hypothesis")
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache))


def keep_loading_quiet() -> None:
    """Keep back what jaxlib 0.8 and 0.9 print, in 2 kB and as an error, of each executable that
    they take out of jax's compilation cache: that it was compiled for a machine with features which
    no machine has (`prefer-no-gather`).  It has to be said before jax is imported.
    """
    import importlib.metadata  # slow to import

    with suppress(importlib.metadata.PackageNotFoundError):
        if version("0.8") <= version(importlib.metadata.version("jaxlib")) < version("0.10"):
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@contextmanager
def _unbroken() -> Iterator[None]:
    """Hold Ctrl-C back to the end: halfway, jax's extensions crash the process or swallow it."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # ignored, or for somebody else to handle
        return
    pressed = []
    signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if pressed:
        raise KeyboardInterrupt


def check_version() -> None:
    """Make sure that a supported Flax is installed, without importing it.  Raises Misuse."""
    import importlib.metadata  # slow to import

    try:
        found = importlib.metadata.version("flax")
    except importlib.metadata.PackageNotFoundError:
        raise Misuse(f"flax is not installed in this Python; {_INSTALL}") from None
    if version(found) < version(OLDEST):
        raise Misuse(f"flax {found} is too old to have all of nnx's loops; {_INSTALL}")


def require_page(what: str = "a page") -> bool:
    """Make sure that there is what writes it; whether it can have drawings.  Raises Misuse."""
    for name in ("jinja2", "pygments"):
        if not _there(name):
            raise Misuse(f"{what} needs {name}; run pip install 'nnxfuzz[report]'")
    return _there("pygraphviz")


def _there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ValueError:  # kept from being imported
        return False


def _import(module: str, remedy: str) -> None:
    try:
        importlib.import_module(module)
    except Exception as error:  # a jax of another age shows as any of them
        raise Misuse(f"{module} does not import ({_told(error)}); {remedy}") from None


def _check_device() -> None:
    import jax

    try:
        jax.devices()
    except RuntimeError as error:
        raise Misuse(
            f"jax finds no device to run on ({_told(error)}); set JAX_PLATFORMS=cpu"
        ) from None


def _told(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"
