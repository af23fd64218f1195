"""Run code again without anyone hearing of it: prints, warnings and logs happened once already."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import jax


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what the code within prints, warns and logs.

    Callbacks of jax run before it ends.
    """
    show, disabled = warnings.showwarning, logging.root.manager.disable
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.showwarning = _unheard
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            settle()
            logging.disable(disabled)
            warnings.showwarning = show


def settle() -> None:
    """Wait for the callbacks of what jax has been asked to do."""
    with contextlib.suppress(Exception):
        jax.effects_barrier()


def _unheard(*args: Any, **kwargs: Any) -> None:
    """A warning that was shown already."""


@contextlib.contextmanager
def unguarded(transfers: bool) -> Iterator[None]:
    """Run without what a program may ask jax to forbid, and a plain run does.

    A plain gradient has tracers in Variables, and jax looks for leaked ones before they are taken
    out.  A number of Python is moved to a device wherever it is met: once in a compiled function,
    and each time in a plain run, which `transfers` then allows.
    """
    check_leaks = jax.checking_leaks.func  # jax names only the partial that switches it on
    allowed = jax.transfer_guard("allow") if transfers else contextlib.nullcontext()
    with check_leaks(False), allowed:
        yield
