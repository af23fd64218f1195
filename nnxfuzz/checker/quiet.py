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
def leaks_allowed() -> Iterator[None]:
    """Run without jax's search for leaked tracers, if the program has asked for it: a plain
    gradient has tracers in Variables, and jax looks for them before they are taken out.
    """
    asked = bool(jax.config.jax_check_tracer_leaks)
    if asked:
        jax.config.update("jax_check_tracer_leaks", False)
    try:
        yield
    finally:
        if asked:
            jax.config.update("jax_check_tracer_leaks", True)
