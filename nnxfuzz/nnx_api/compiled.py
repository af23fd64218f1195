"""What jax compiles, kept in the user's cache folder, so that no process compiles it again.

A new process spends much of its first half minute compiling small things.  jax's persistent
compilation cache keeps them: by jax's version and the processor, for all processes of the user.
"""

import contextlib
import hashlib
import os
import platform
import warnings
from importlib.metadata import version
from pathlib import Path

import jax
import platformdirs

#: Set to anything, it says that nothing is to be kept.
OFF = "NNXFUZZ_NO_CACHE"

#: Bytes in the folder from which on the entries that were written first are deleted, to half of it.
LIMIT = 200_000_000

#: The releases of jaxlib whose executables are wrong where they come out of jax's cache: on the CPU
#: 0.5.1 leaves out a loop whose number of trips it does not know.  Seen by running each jaxlib of
#: the table of releases twice (findings/loop-from-the-cache-does-not-run.sh); jax's changelog says
#: nothing of it.
_WRONG = ("0.5.1",)

#: No entry is too cheap or too small: nearly all are.
_ALL = {
    "jax_persistent_cache_min_compile_time_secs": 0.0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
}


def keep_compiled() -> Path | None:
    """Let jax keep what this process compiles, and use what others have kept; the folder.

    None if that is switched off, or jax has a folder of the user's, whose settings are left alone.
    It has to be called before anything is compiled.  The folder may be deleted at any time.

    Where what jax keeps is wrong, this process keeps and uses nothing, of the user's neither.
    """
    if version("jaxlib") in _WRONG:
        jax.config.update("jax_enable_compilation_cache", False)
        return None
    if os.environ.get(OFF) or jax.config.jax_compilation_cache_dir is not None:
        return None
    folder = _top() / f"jax-{jax.__version__}-{_processor()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # of somebody else, or read only
        return None
    warnings.filterwarnings("ignore", message="Error .* persistent compilation cache entry")
    for name, value in _ALL.items():
        jax.config.update(name, value)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    return folder


def prune_compiled() -> None:
    """Keep what is kept in its bound.  A command asks for it once: it looks at every file."""
    with contextlib.suppress(OSError):  # of somebody else
        bound(_top(), LIMIT)


def _top() -> Path:
    return Path(platformdirs.user_cache_dir("nnxfuzz")) / "compiled"


def bound(top: Path, limit: int) -> None:
    """If there are more than `limit` bytes below a folder, delete the oldest files, to half."""
    found = []
    for path in top.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # another process deletes, too
            seen = path.stat()
            found += [(seen.st_mtime, seen.st_size, path)] * path.is_file()
    left = sum(size for _, size, _ in found)
    for _, size, path in sorted(found) if left > limit else ():
        path.unlink(missing_ok=True)
        left -= size
        if left <= limit // 2:
            break


def _processor() -> str:
    """A name for the processor and what it can do: code is compiled for that."""
    try:
        lines = Path("/proc/cpuinfo").read_text().partition("\n\n")[0].splitlines()
    except OSError:
        lines = [platform.processor()]
    told = ("model name", "flags", "Features", "CPU part")
    kept = [line for line in lines if len(lines) == 1 or line.startswith(told)]
    name = "\n".join([platform.machine(), *kept])
    return hashlib.sha256(name.encode()).hexdigest()[:12]
