"""Programs that raise, that ask for a mode at the call, or read what has changed since."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from live import bump, held


class Noisy(nnx.Module):  # type: ignore[misc]
    """A layer with a stream, whose counter is an integer."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        self.linear = nnx.Linear(2, 2, rngs=rngs)
        self.drop = nnx.Dropout(0.5, rngs=rngs)

    def __call__(self, x: Any) -> Any:
        return self.drop(self.linear(x))


def gradient_of_a_stream_in_tree_mode() -> Any:
    """The call itself asks for tree mode, in which the counter of the stream cannot be had."""
    return nnx.grad(lambda m: m(jnp.ones((1, 2))).sum(), graph=False)(Noisy(nnx.Rngs(0)))


class Masked(nnx.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        self.mask = np.array([True, False])
        self.w = nnx.Param(jnp.ones(2))


def gradient_of_a_mask_in_tree_mode() -> Any:
    """A mask of numpy is no Variable, and the gradient is by it, too."""

    def loss(m: Any) -> Any:
        return jnp.sum(jnp.where(m.mask, m.w[...], 0.0))

    return nnx.jit(lambda m: nnx.grad(loss)(m))(Masked())


def gradient_of_integers() -> Any:
    """A Param that holds an integer has no derivative in any mode."""
    return nnx.grad(lambda p: p[...] * 2.0, graph=False)(nnx.Param(jnp.array(3)))


def two_failures() -> Any:
    """Flax refuses what stands before the line that fails in Python, too, with the same type."""
    model = nnx.Linear(2, 2, rngs=nnx.Rngs(0))

    def train(model: Any, x: Any) -> Any:
        def one(i: Any, total: Any) -> Any:
            return total + nnx.grad(lambda m: m(x).sum())(model).bias[...]

        jax.tree.map(jnp.add, nnx.fori_loop(0, 1, one, jnp.zeros(2)), {"not": "alike"})

    return nnx.jit(train)(model, jnp.ones((1, 2)))


class Rate:
    """A number that a program changes as it trains."""

    now = 0.5


def rate_read_by_closure() -> Any:
    """A compiled function keeps the number that it was compiled with, in each mode."""
    rate = Rate()
    step = nnx.jit(lambda x: x * rate.now)
    step(jnp.ones(()))
    rate.now = 0.25
    return step(jnp.ones(()))


class Counter(nnx.Module):  # type: ignore[misc]
    """Counts."""

    def __init__(self) -> None:
        self.n = nnx.Variable(jnp.array(1))


def variable_read_by_a_loop() -> Any:
    """The loop runs once more after a Variable that it reads by closure has changed."""
    counter = Counter()

    def trip(i: Any, x: Any) -> Any:
        return x + held(counter.n)

    for _ in range(2):
        total = nnx.fori_loop(0, 2, trip, jnp.array(0))
        bump(counter.n)
    return total


def module_that_is_static() -> Any:
    """A module is static, and is trained between two calls."""
    counter = Counter()
    step = nnx.jit(lambda counter, x: x + held(counter.n), static_argnums=0, graph=False)
    for _ in range(2):
        total = step(counter, jnp.array(0))
        bump(counter.n)
    return total


def dropout_switched_on() -> Any:
    """A dropout that is reached by closure was off when the function was compiled.  Traced anew,
    the call would be refused.
    """
    drop = nnx.Dropout(0.5, deterministic=True, rngs=nnx.Rngs(0))
    predict = nnx.jit(lambda x: drop(x))
    predict(jnp.ones(8))
    drop.deterministic = False
    return predict(jnp.ones(8))


class Trainer:
    """Holds what it trains, and is the static argument of its own step."""

    def __init__(self) -> None:
        self.model = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
        self.steps = nnx.Variable(jnp.array(0))
        self.rate = nnx.Variable(jnp.array(1.0))

    def count(self, x: Any) -> Any:
        bump(self.steps)
        return x

    def gradient(self, x: Any) -> Any:
        return nnx.grad(lambda model: model(x).sum(), graph=True)(self.model).bias[...]

    def scale(self, x: Any) -> Any:
        return x * held(self.rate)


def write_by_a_static_argument() -> Any:
    """The module that the function writes to is held by an argument that is static."""
    return nnx.jit(Trainer.count, static_argnums=0)(Trainer(), jnp.ones(2))


def write_by_a_static_argument_of_lanes() -> Any:
    """`nnx.pmap` has an option of its own for what is static."""
    axes = {"static_broadcasted_argnums": 0, "in_axes": (None, 0)}
    return nnx.pmap(Trainer.count, **axes)(Trainer(), jnp.ones((1, 2)))


def gradient_by_a_static_argument() -> Any:
    """The module that is differentiated by is held by a static argument, given by name.  The
    gradient asks for graph=True alone, so that it has graph updates where the default says so.
    """
    step = nnx.jit(lambda trainer, x: trainer.gradient(x), static_argnames="trainer")
    return step(x=jnp.ones((1, 2)), trainer=Trainer())


def change_in_a_static_argument() -> Any:
    """A Variable that a static argument holds changes between two calls."""
    trainer = Trainer()
    scale = nnx.jit(Trainer.scale, static_argnums=0)
    scale(trainer, jnp.ones(2))
    trainer.rate[...] = 3.0
    return scale(trainer, jnp.ones(2))


class Scaler(nnx.Module):  # type: ignore[misc]
    """A module without Variables."""

    by = 1

    def __call__(self, x: Any) -> Any:
        return x * self.by


def module_left_in_a_trace() -> Any:
    """The inner transform only reads the module; afterwards no attribute of it can be set."""
    scaler = Scaler()
    return nnx.jit(lambda x: nnx.remat(Scaler.__call__)(scaler, x))(jnp.ones(2))


def module_left_in_a_trace_before() -> Any:
    """The second call leaves it as it was."""
    scaler = Scaler()
    nnx.jit(lambda x: nnx.remat(Scaler.__call__, graph=True)(scaler, x), graph=True)(jnp.ones(2))
    return nnx.jit(lambda x: nnx.remat(Scaler.__call__)(scaler, x))(jnp.ones(2))


def module_that_is_an_argument() -> Any:
    scaler = Scaler()
    return nnx.jit(lambda s, x: nnx.remat(Scaler.__call__)(s, x))(scaler, jnp.ones(2))


class Caching(nnx.Module):  # type: ignore[misc]
    """Computes what it needs once, and keeps it."""

    @functools.cached_property
    def mask(self) -> Any:
        return jnp.arange(2.0) + 1

    def __call__(self, x: Any) -> Any:
        return x * self.mask


def tracer_left_before() -> Any:
    """A tracer is in the module since an earlier call; the second is not to blame for it."""
    caching = Caching()
    call = nnx.jit(lambda caching, x: caching(x))
    call(caching, jnp.ones(2))
    return nnx.jit(lambda caching, x: caching(x))(caching, jnp.ones(2))


class Keeping(nnx.Module):  # type: ignore[misc]
    """Keeps what it has computed, in a way that Flax does not see."""

    def __init__(self) -> None:
        self.w, self.last = nnx.Param(jnp.ones(2)), nnx.data(None)

    def __call__(self, x: Any) -> Any:
        y = x * held(self.w)
        self.__dict__["last"] = y
        return y


def tracer_beside_what_is_read() -> Any:
    """The second call reads another attribute of the module that holds the tracer."""
    keeping = Keeping()
    jax.jit(lambda x: keeping(x))(jnp.ones(2))
    return nnx.jit(lambda x: x * held(keeping.w))(jnp.ones(2))


def tracer_in_an_argument() -> Any:
    """The module with the tracer is an argument, so that jax meets it."""
    keeping = Keeping()
    jax.jit(lambda x: keeping(x))(jnp.ones(2))
    return nnx.jit(lambda keeping, x: x * held(keeping.w))(keeping, jnp.ones(2))


#: What each program comes to in graph, graph-frozen and tree; the calls of its last site.
VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    gradient_of_a_stream_in_tree_mode: ("same", "refused", "refused"),
    gradient_of_a_mask_in_tree_mode: ("same", "refused", "refused"),
    gradient_of_integers: ("same", "same", "same"),
    two_failures: ("refused", "same", "same"),
    rate_read_by_closure: ("different", "different", "different"),
    variable_read_by_a_loop: ("same", "different", "different"),
    module_that_is_static: ("refused", "refused", "different"),
    dropout_switched_on: ("different", "different", "different"),
    write_by_a_static_argument: ("refused", "refused", "refused"),
    write_by_a_static_argument_of_lanes: ("refused", "refused", "refused"),
    gradient_by_a_static_argument: ("refused", "same", "same"),
    change_in_a_static_argument: ("different", "different", "different"),
    module_left_in_a_trace: ("different", "same", "same"),
    module_left_in_a_trace_before: ("same", "same", "same"),
    module_that_is_an_argument: ("same", "same", "same"),
    tracer_left_before: ("refused", "refused", "refused"),
    tracer_beside_what_is_read: ("same", "same", "same"),
    tracer_in_an_argument: ("refused", "refused", "refused"),
}

#: What the report says in a mode.
SENTENCES: dict[Callable[[], Any], tuple[str, str]] = {
    gradient_of_a_stream_in_tree_mode: ("tree", "`m.drop.rngs.count` holds no floats"),
    gradient_of_a_mask_in_tree_mode: ("tree", "`args[0].mask` holds no floats"),
    two_failures: ("graph", "hands `model`, which it reaches by closure, to another transform"),
    rate_read_by_closure: ("tree", "was compiled before something that it reaches by closure"),
    variable_read_by_a_loop: ("tree", "was compiled before something that it reaches by closure"),
    module_that_is_static: (
        "tree",
        "it reaches by closure or as a static argument changed: result",
    ),
    dropout_switched_on: (
        "graph",
        "changed (`drop.deterministic` was True and is False), and raises TraceContextError where",
    ),
    write_by_a_static_argument: ("tree", "writes to `self.steps`, which it reaches by a static"),
    write_by_a_static_argument_of_lanes: ("graph", "writes to `self.steps`, which it reaches by a"),
    gradient_by_a_static_argument: ("graph", "hands `trainer.model`, which it reaches by a static"),
    change_in_a_static_argument: ("graph", "changed (`self.rate` was 1.0 and is 3.0): result"),
    module_left_in_a_trace: ("graph", "scaler is an object of a trace that is over with Flax"),
    tracer_left_before: ("graph", "`caching.mask` holds a tracer, which was left there"),
    tracer_in_an_argument: ("tree", "`keeping.last` holds a tracer, which was left there"),
}
