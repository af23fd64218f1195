"""The check as functions: `checking`, `check`, `assert_same`."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nnxfuzz.checker.callables import returns_function
from nnxfuzz.checker.checkpoint import MAX_BYTES
from nnxfuzz.checker.intercept import INTERCEPTION
from nnxfuzz.checker.report import Report
from nnxfuzz.checker.tolerance import Tolerance
from nnxfuzz.checker.watch import MAX_CALLS, MAX_SECONDS, Checker, Modes
from nnxfuzz.programs.case import MODES


@contextlib.contextmanager
def checking(
    modes: Modes = "used",
    *,
    rtol: float | None = None,
    atol: float | None = None,
    max_calls: int | None = MAX_CALLS,
    max_bytes: int = MAX_BYTES,
    max_seconds: float = MAX_SECONDS,
) -> Iterator[Report]:
    """Judge the outermost NNX transform calls that the code within makes.

    `modes="all"` also makes each call in the modes that are not in use, on the same objects, which
    are put back; the name of a mode does so in that one.  `rtol` and `atol` override the table of
    tolerances.  Of each call site the first `max_calls` calls in each mode and with each function
    are judged (None: all).  At most `max_bytes` bytes of arrays that can change are copied.  A call
    that takes more than `max_seconds` of processor time to judge in a mode is given up.  Raises
    ValueError for other `modes`.

    >>> import jax.numpy as jnp
    >>> from flax import nnx
    >>> import nnxfuzz
    >>> with nnxfuzz.checking() as report:
    ...     counter = nnx.fori_loop(0, 3, lambda i, n: n + i, jnp.array(0))
    >>> int(counter), report.ok, report.calls
    (3, True, 1)
    """
    if modes not in (known := ("used", "all", *MODES)):
        raise ValueError(f"modes is {modes!r}; give one of {', '.join(map(repr, known))}")
    tolerance = Tolerance(rtol, atol)
    with Checker(Report(), modes, tolerance, max_calls, max_bytes, max_seconds) as report:
        yield report


def check(
    fn: Callable[..., Any], *args: Any, modes: Modes = "all", times: int = 2, **kwargs: Any
) -> Report:
    """Call `fn(*args, **kwargs)` `times` times, and judge each outermost transform call in it.

    `fn` may be what a transform returns.  The second call finds what the first does not: a compiled
    function that is not traced again, or reads by closure what has changed since.  An exception of
    `fn` comes out as it is.  Raises ValueError for other `modes`, and for `times` below 1, and
    TypeError for what cannot be called.

    >>> import jax.numpy as jnp
    >>> from flax import nnx
    >>> import nnxfuzz
    >>> def train(x):
    ...     return nnx.jit(lambda x: x + 1)(x)
    >>> nnxfuzz.check(train, jnp.array(1)).ok
    True
    """
    if times < 1:
        raise ValueError(f"times is {times}; give a number from 1 on")
    if not callable(fn):
        raise TypeError(f"fn is {fn!r}; give a function, or run `nnxfuzz check` on a script")
    with checking(modes, max_calls=None) as report:
        for _ in range(times):
            fn(*args, **kwargs)
    return report


def assert_same(transform: Callable[..., Any], /, f: Any, *args: Any, **options: Any) -> Any:
    """Call a transform of `flax.nnx` with `f`, and raise AssertionError unless it does as Python.

    The options go to the transform, the arguments to what it returns; a transform that does its
    work at once (`nnx.cond`) gets both.  Returns what the call returned.  A documented deviation,
    a refusal and a call that cannot be judged are errors as well.

    >>> import jax.numpy as jnp
    >>> from flax import nnx
    >>> import nnxfuzz
    >>> def step(total, x):
    ...     return total + x, total
    >>> total, _ = nnxfuzz.assert_same(
    ...     nnx.scan, step, jnp.array(0), jnp.arange(3),
    ...     in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))
    >>> int(total)
    3
    """
    __tracebackhide__ = True
    with checking(max_calls=None) as report:
        result = _called_once(transform, f, args, options)
    if report.failures or set(report.counts()) != {"same"}:
        raise AssertionError(f"the call is not the same as in plain Python\n{report}")
    return result


def _called_once(transform: Any, f: Any, args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """A call of a transform of Flax with `f`, seen even if the transform was named before.

    Raises TypeError if it is none that `plain` has.
    """
    __tracebackhide__ = True
    ours = transform if transform in INTERCEPTION.stand_ins() else None
    ours = ours or INTERCEPTION.in_place_of(transform)
    if ours is None:
        known = ", ".join(sorted(INTERCEPTION.real))
        raise TypeError(
            f"{transform!r} is no transform that can be checked; give one of {known}, or call "
            "nnxfuzz.check with what a transform returned"
        )
    return ours(f, **options)(*args) if returns_function(ours) else ours(f, *args, **options)
