"""Hypothesis profiles and jax's strict modes, for every test.

Profiles, chosen with `--hypothesis-profile=NAME` (default `dev`):

- `ci`: the same examples on every run, nothing written to disk, a blob to reproduce a failure;
- `dev`: random, and failures are remembered in `.hypothesis`;
- `nightly`: as `dev`, with many more examples.

jax's strict modes are part of the tests, where programs under test allow it:

- on, rank promotion: nothing may lean on arrays of different ranks being lined up;
- off, dtype promotion: a program may write `v[...] = x` where x has another dtype, and jax casts
  there; `test_executors` switches it on for the programs without such a write;
- off, the check for leaked tracers (`jax_check_tracer_leaks`): it takes for leaks what the
  executors keep on purpose, the walk over the objects of the last trace, and so fails every run.
"""

import atexit
import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jax
import pytest
import same_draws  # noqa: F401
from commands import planted, run  # noqa: F401  (fixtures)
from elsewhere_tools import elsewhere, fake_uv, user_cache  # noqa: F401  (fixtures)
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from nnxfuzz import nnx_api
from nnxfuzz.campaign import memory
from nnxfuzz.campaign.carry_out import COLLECTING
from nnxfuzz.programs import progress

DATABASE = DirectoryBasedExampleDatabase(Path(__file__).parent.parent / ".hypothesis" / "examples")
#: The first example of a test pays for jax's compilations, and tracing has no steady speed.
SLOW = (HealthCheck.too_slow,)

settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    print_blob=True,
    suppress_health_check=SLOW,
)
settings.register_profile(
    "dev", database=DATABASE, deadline=None, print_blob=True, suppress_health_check=SLOW
)
settings.register_profile("nightly", settings.get_profile("dev"), max_examples=2000)
settings.load_profile("dev")  # `--hypothesis-profile` is read after this, so it wins

#: How the names begin of what people and services set for terminals, pytest and git.
THEIRS = ("CLICOLOR", "COLUMNS", "FORCE_COLOR", "GIT_", "LINES", "NO_COLOR", "PYTEST_ADD", "PY_")
for name in [name for name in os.environ if name.startswith(THEIRS)]:
    del os.environ[name]
os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

# In the background of a shell all processes that are started here would ignore it as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ[progress.OFF] = "1"  # how far a slow machine is, is no part of what is asserted
nnx_api.quiet()
nnx_api.have_devices()
nnx_api.hold_operations()
gc.set_threshold(*COLLECTING)
jax.config.update("jax_numpy_rank_promotion", "raise")


def compile_once() -> None:
    """Let this process, its children and the other workers share what XLA has compiled.

    Most of the time of the suite goes to XLA, and most of what it compiles it has compiled before:
    one program in another mode, or with another number that is compared.
    """
    if "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return  # the user's, or that of the process that started this one
    folder = tempfile.mkdtemp(prefix="nnxfuzz-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    wanted = {
        "jax_compilation_cache_dir": folder,
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": 0,
    }
    for name, value in wanted.items():
        os.environ[name.upper()] = str(value)
        jax.config.update(name, value)


compile_once()


def pytest_collection_finish() -> None:
    """Spare Python's collector what is there for good: modules, and thousands of tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def memory_is_given_back() -> Iterator[None]:
    """After a test with which the process has grown, let go of what was compiled."""
    yield
    memory.give_back()
