"""What users of Flax write, and what each program comes to in graph, graph-frozen and tree."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from live import bump, held, write


class Logged(nnx.Module):  # type: ignore[misc]
    """A layer that sows what it returns, and keeps the last of it in an attribute."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        self.linear = nnx.Linear(2, 2, rngs=rngs)

    def __call__(self, x: Any) -> Any:
        y = self.linear(x)
        self.seen = nnx.Intermediate(y)
        return y


def sown_in_a_scan() -> Any:
    """Each layer of a stack keeps an intermediate value."""
    layers = nnx.vmap(Logged)(_streams(3))
    scanned = nnx.scan(lambda x, layer: layer(x), in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)
    return scanned(jnp.ones(2), layers)


def sown_in_the_carry() -> Any:
    """The first step of a loop makes the intermediate value."""
    layer = Logged(nnx.Rngs(0))

    def step(i: Any, carry: Any) -> Any:
        layer, x = carry
        return layer, layer(x)

    return nnx.fori_loop(0, 2, step, (layer, jnp.ones(2)))


def _streams(n: int) -> Any:
    """Rngs whose streams have keys for n layers; made without a transform."""
    rngs = nnx.Rngs(0)
    stream = rngs.default
    write(stream.key, jax.random.split(held(stream.key), n))
    write(stream.count, jnp.zeros(n, jnp.uint32))
    return rngs


def one_stream_for_all_lanes() -> Any:
    """Every lane draws from a stream that is broadcast."""
    axes = nnx.StateAxes({"params": 0, ...: None})
    rngs = nnx.Rngs(params=0, noise=1)
    write(rngs.params.key, jax.random.split(held(rngs.params.key), 3))
    write(rngs.params.count, jnp.zeros(3, jnp.uint32))

    def lane(rngs: nnx.Rngs) -> Any:
        return jax.random.normal(rngs.params()) + jax.random.normal(rngs.noise())

    return nnx.vmap(lane, in_axes=(axes,))(rngs)


def arguments_kept() -> Any:
    """The model is given to the compiled step once and for all."""
    model = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
    return nnx.cached_partial(nnx.jit(lambda model, x: model(x)), model)(jnp.ones(2))


def a_flag_set_after_caching() -> Any:
    """`cached_partial` clones the model, and the clone does not see `eval()`."""
    model = nnx.Sequential(nnx.Dropout(0.5, rngs=nnx.Rngs(0)), nnx.BatchNorm(2, rngs=nnx.Rngs(0)))
    cached = nnx.cached_partial(nnx.jit(lambda model, x: model(x)), model)
    model.eval()
    return cached(jnp.arange(8.0).reshape(4, 2))


def gradient_of_what_is_captured() -> Any:
    """The loss works on the model by closure, not on its argument."""
    model = nnx.Linear(2, 1, rngs=nnx.Rngs(0))
    return nnx.grad(lambda _: jnp.sum(model(jnp.ones(2))))(model)


def gradient_of_a_helper() -> Any:
    """The loss calls a helper that has the model of the step, and not the argument of the loss."""
    model = nnx.Linear(2, 1, rngs=nnx.Rngs(0))

    def step(model: Any) -> Any:
        def helper(x: Any) -> Any:
            return jnp.sum(model(x))

        return nnx.grad(lambda mine: helper(jnp.ones(2)) + jnp.sum(mine(jnp.ones(2))))(model)

    return nnx.jit(step)(model)


def noise_of_a_frozen_critic() -> Any:
    """The loss of the generator runs the critic, an argument of the step, with its dropout."""
    critic = nnx.Dropout(0.5, rngs=nnx.Rngs(0))
    generator = nnx.Linear(2, 2, rngs=nnx.Rngs(1))

    def step(generator: Any, critic: Any) -> Any:
        return nnx.grad(lambda mine: jnp.sum(critic(mine(jnp.ones(2)))))(generator)

    return nnx.jit(step)(generator, critic)


def by_name_only() -> Any:
    """An argument that has no position."""

    def scaled(x: Any, *, by: Any) -> Any:
        return x * by

    return nnx.remat(scaled)(jnp.ones(2), by=2.0)


class Counting(nnx.Module):  # type: ignore[misc]
    """A module that counts its calls."""

    def __init__(self) -> None:
        self.n = nnx.Variable(jnp.array(0))

    def __call__(self, x: Any) -> Any:
        bump(self.n)
        return x


def a_module_as_the_function() -> Any:
    """The module itself is handed to the transform."""
    return nnx.jit(Counting())(jnp.ones(2))


class Normed(nnx.Module):  # type: ignore[misc]
    """A layer and statistics, which a call writes."""

    def __init__(self) -> None:
        rngs = nnx.Rngs(0)
        self.linear = nnx.Linear(2, 2, rngs=rngs)
        self.norm = nnx.BatchNorm(2, use_running_average=False, rngs=rngs)

    def __call__(self, x: Any) -> Any:
        return self.norm(self.linear(x))


def statistics_by_closure() -> Any:
    """The loss has the Params as its argument, and the statistics of the split by closure."""
    graphdef, params, rest = nnx.split(Normed(), nnx.Param, ...)

    def loss(params: Any) -> Any:
        return nnx.merge(graphdef, params, rest)(jnp.ones((3, 2))).sum()

    return nnx.grad(loss)(params)


def model_of_a_trainer() -> Any:
    """The model is an attribute of an object that is none of Flax's."""

    class Trainer:
        def __init__(self) -> None:
            self.model, self.scale = Normed(), nnx.Param(jnp.ones(2))

        def step(self, x: Any) -> Any:
            return nnx.grad(lambda p: (self.model(x) * held(p)).sum())(self.scale)

    return Trainer().step(jnp.ones((3, 2)))


def target_replaced_in_a_loop() -> Any:
    """One branch of a cond in the body returns a copy, the other the module that it was given."""

    def step(i: Any, carry: Any) -> Any:
        model, target = carry
        return model, nnx.cond(i % 2 == 0, lambda m, t: nnx.clone(m), lambda m, t: t, model, target)

    return nnx.fori_loop(0, 2, step, (Normed(), Normed()))


def numbers_as_params() -> Any:
    """The Params of a dict are made of Python numbers, and one stands in it twice."""
    one, other = nnx.Param(10.0), nnx.Param(20.0)
    params = {"a": [one, other], "b": one, "n": nnx.Variable(3)}
    return nnx.grad(lambda p: p["a"][0][...] + p["a"][1][...] * p["b"][...], graph=True)(params)


class Stepping(nnx.Module):  # type: ignore[misc]
    """A layer that counts its calls in an attribute which is no Variable."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.array(2.0))
        self.steps = 0

    def __call__(self, x: Any) -> Any:
        self.steps += 1
        return x * held(self.w)


def counted_in_the_carry() -> Any:
    """The layer is the carry of a scan."""
    scanned = nnx.scan(lambda m, x: (m, m(x)), in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))
    return scanned(Stepping(), jnp.ones(3))


def counted_in_a_broadcast() -> Any:
    """The layer is broadcast in a scan."""
    scanned = nnx.scan(lambda x, m: m(x), in_axes=(nnx.Carry, None), out_axes=nnx.Carry, length=3)
    return scanned(jnp.array(1.0), Stepping())


def drawn_within() -> Any:
    """A compiled step scans, and draws from a stream that is broadcast to the trips."""

    def step(model: Any, xs: Any) -> Any:
        def micro(total: Any, model: Any, x: Any) -> Any:
            return total + jax.random.normal(model.rngs.noise()) * x

        total = nnx.scan(micro, in_axes=(nnx.Carry, None, 0), out_axes=nnx.Carry)(0.0, model, xs)
        write(model.last, total)

    class Noisy(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.rngs = nnx.Rngs(noise=0)
            self.last = nnx.Variable(jnp.array(0.0))

    return nnx.jit(step)(Noisy(), jnp.ones(3))


def a_static_default() -> Any:
    """The argument that is static is left to its default."""

    def forward(layer: Any, x: Any, train: bool = True) -> Any:
        return layer(x) if train else x

    layer = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
    return nnx.remat(forward, static_argnums=2)(layer, jnp.ones(2))


def sown_in_a_gradient() -> Any:
    """A compiled step logs what the model sows while its gradient is taken."""
    layer = Logged(nnx.Rngs(0))

    def step(layer: Logged, x: Any) -> Any:
        grads = nnx.grad(lambda layer: layer(x).sum())(layer)
        return grads.linear.bias, nnx.state(layer, nnx.Intermediate)

    return nnx.jit(step)(layer, jnp.ones(2))


class Scaling(nnx.Module):  # type: ignore[misc]
    """A layer that keeps the largest number it was given in an attribute."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.arange(3.0))
        self.largest = nnx.Variable(jnp.zeros(3))

    def scaled(self, x: Any) -> Any:
        self.largest = nnx.Variable(x)
        return x * held(self.w)


def made_before_it_is_called() -> Any:
    """A compiled step calls what was mapped before."""
    scale = nnx.vmap(lambda layer, x: layer.scaled(x))
    return nnx.jit(lambda m, x: scale(m, x) + held(m.largest))(Scaling(), jnp.ones(3))


def gradient_of_a_stream() -> Any:
    """A compiled step takes the gradient of a model that has counters and keys."""
    layer = nnx.Dropout(0.5, rngs=nnx.Rngs(0))
    model = nnx.Sequential(nnx.Linear(2, 2, rngs=nnx.Rngs(0)), layer)

    def step(x: Any, model: Any) -> Any:
        grads = nnx.grad(lambda model: model(x).sum())(model)
        nnx.update(model, jax.tree.map(lambda p, g: p - g, nnx.state(model, nnx.Param), grads))

    return nnx.jit(step)(jnp.ones(2), model)


class Pair(nnx.Module):  # type: ignore[misc]
    """Two layers, and a cache."""

    def __init__(self) -> None:
        self.one = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
        self.two = nnx.Linear(2, 2, rngs=nnx.Rngs(1))
        self.cache = nnx.Variable(jnp.zeros(2))


def layers_swapped() -> Any:
    """A compiled function swaps two layers."""

    def swap(pair: Pair) -> None:
        pair.one, pair.two = pair.two, pair.one

    return nnx.jit(swap)(Pair())


def another_name() -> Any:
    """A compiled function gives a layer a second name, which comes before the first."""

    def name(pair: Pair) -> None:
        pair.alias = pair.one

    return nnx.jit(name)(Pair())


def cache_made_anew() -> Any:
    """A compiled function puts a larger cache in the place of the old one."""

    def grow(pair: Pair) -> None:
        pair.cache = nnx.Variable(jnp.zeros(5))

    return nnx.jit(grow)(Pair())


def gradient_by_a_derivative_of_graph_mode() -> Any:
    """The `bwd` gets a pair in graph mode, and so it does when all other calls have moved."""
    scaled = nnx.custom_vjp(lambda x: x)
    scaled.defvjp(lambda x: (x, None), lambda residual, g: (3 * g[1],))
    layer = nnx.Linear(2, 1, rngs=nnx.Rngs(0))
    return nnx.grad(lambda layer: jnp.sum(scaled(layer(jnp.ones(2)))))(layer)


def jit_of_a_custom_derivative() -> Any:
    """What is compiled has a derivative of its own."""
    square = nnx.custom_vjp(lambda x: x * x)
    square.defvjp(lambda x: (square(x), x), lambda x, g: (2 * g * x,))
    return nnx.jit(square)(jnp.array(3.0))


#: What each program comes to in graph, graph-frozen and tree; the calls of its last site.
def averages_of_a_state() -> Any:
    """The body makes a State of the carry anew, as jax does with a dict."""
    state = nnx.state(nnx.Linear(2, 2, rngs=nnx.Rngs(0)))
    return nnx.fori_loop(0, 2, lambda i, state: jax.tree.map(lambda a: a + 1, state), state)


def averages_in_a_while_loop() -> Any:
    """The same in a `while_loop`, whose graph mode still refuses it."""
    state = nnx.state(nnx.Linear(2, 2, rngs=nnx.Rngs(0)))

    def body(carry: Any) -> Any:
        return carry[0] + 1, jax.tree.map(lambda a: a + 1, carry[1])

    return nnx.while_loop(lambda carry: carry[0] < 2, body, (0, state))


def a_weak_reference_written_and_read() -> Any:
    """With jax 0.10.2 what is read is of a weak type in Python alone."""

    def count(total: Any) -> Any:
        total[...] += 1
        return total[...]

    return nnx.jit(count)(nnx.Variable(jnp.array(0.0), ref=True))


def gradients_added_to_what_is_donated() -> Any:
    """A State that is donated by name is deleted in every mode."""
    grads = nnx.state(nnx.Linear(2, 2, rngs=nnx.Rngs(0)))

    def add(total: Any, grads: Any) -> Any:
        return jax.tree.map(jnp.add, total, grads)

    return nnx.jit(add, donate_argnames="total")(jax.tree.map(jnp.zeros_like, grads), grads)


def arguments_kept_and_donated() -> Any:
    """The step that is called donates what is kept, as the guide on performance has it."""
    layer = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
    step = nnx.jit(lambda layer: bump(layer.kernel), donate_argnums=0)
    kept = nnx.cached_partial(step, layer)
    kept()
    return held(layer.kernel)


def references_made_in_lanes() -> Any:
    """The result holds references, too."""
    return nnx.vmap(lambda x: nnx.Variable(x * 2, ref=True))(jnp.arange(3.0))


def drawn_from_a_stream_with_references() -> Any:
    """The key of a stream is in a reference."""
    with nnx.var_defaults(ref=True):
        rngs = nnx.Rngs(0)
    return nnx.jit(lambda rngs: rngs.normal((2,)))(rngs)


def a_layer_with_references_is_trained() -> Any:
    """No gradient of a reference can be taken."""
    with nnx.var_defaults(ref=True):
        layer = nnx.BatchNorm(3, use_running_average=True, rngs=nnx.Rngs(0))
    return nnx.grad(lambda layer: layer(jnp.ones((2, 3))).sum())(layer)


class Cached(nnx.Module):  # type: ignore[misc]
    """A module that has nothing in its cache, which jax takes for static."""

    def __init__(self) -> None:
        self.w = nnx.Param(jnp.ones(2))
        self.cache = None


def fill(model: Any) -> Any:
    """Fill the cache, and say that it is data now."""
    model.cache = nnx.data(nnx.BatchStat(model.w[...] * 2.0))
    return model.w[...].sum()


def cache_filled_in_a_gradient() -> Any:
    """What is data and what is static is what the function makes of it."""
    return nnx.grad(fill)(Cached())


def cache_filled_in_lanes() -> Any:
    """The same, in each lane."""
    return nnx.vmap(fill)(Cached())


def count(model: Any) -> Any:
    """Set an attribute to a number that is data."""
    model.cache = nnx.data(3)
    return model.w[...].sum()


def counted_in_remat() -> Any:
    """`jax.checkpoint` of jax 0.12 makes a `TypedInt` of the number."""
    return nnx.remat(count)(Cached())


def counted_in_lanes() -> Any:
    """`jax.vmap` makes an array of it."""
    return nnx.vmap(count)(Cached())


VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    counted_in_remat: ("same", "deviates", "deviates"),
    counted_in_lanes: ("same", "deviates", "deviates"),
    cache_filled_in_a_gradient: ("same", "deviates", "deviates"),
    cache_filled_in_lanes: ("same", "deviates", "deviates"),
    sown_in_a_scan: ("same", "deviates", "deviates"),
    sown_in_the_carry: ("refused", "refused", "refused"),
    one_stream_for_all_lanes: ("deviates", "refused", "refused"),
    arguments_kept: ("same", "refused", "refused"),
    a_flag_set_after_caching: ("same", "refused", "refused"),
    gradient_of_what_is_captured: ("deviates", "deviates", "deviates"),
    gradient_of_a_helper: ("deviates", "deviates", "deviates"),
    gradient_by_a_derivative_of_graph_mode: ("same", "same", "same"),
    by_name_only: ("refused", "same", "same"),
    averages_of_a_state: ("same", "refused", "refused"),
    averages_in_a_while_loop: ("unexplained refusal", "refused", "refused"),
    a_module_as_the_function: ("refused", "refused", "refused"),
    statistics_by_closure: ("refused", "refused", "refused"),
    noise_of_a_frozen_critic: ("refused", "refused", "refused"),
    target_replaced_in_a_loop: ("refused", "refused", "refused"),
    model_of_a_trainer: ("refused", "refused", "refused"),
    numbers_as_params: ("same", "same", "refused"),
    counted_in_the_carry: ("deviates", "refused", "refused"),
    jit_of_a_custom_derivative: ("same", "same", "same"),
    layers_swapped: ("same", "deviates", "deviates"),
    another_name: ("same", "deviates", "deviates"),
    cache_made_anew: ("same", "deviates", "deviates"),
    gradient_of_a_stream: ("same", "refused", "refused"),
    sown_in_a_gradient: ("same", "deviates", "deviates"),
    made_before_it_is_called: ("same", "deviates", "deviates"),
    a_static_default: ("same", "refused", "refused"),
    a_weak_reference_written_and_read: ("same", "same", "same"),
    gradients_added_to_what_is_donated: ("same", "same", "same"),
    arguments_kept_and_donated: ("same", "refused", "refused"),
    references_made_in_lanes: ("same", "same", "same"),
    drawn_from_a_stream_with_references: ("same", "same", "same"),
    a_layer_with_references_is_trained: ("refused", "refused", "refused"),
    counted_in_a_broadcast: ("deviates", "deviates", "deviates"),
}

#: What the report says in a mode.
SENTENCES: dict[Callable[[], Any], tuple[str, str]] = {
    sown_in_a_scan: ("tree", "drops the new `layer.seen`"),
    sown_in_the_carry: ("graph", "the structure of the carry at `carry[0].seen`"),
    one_stream_for_all_lanes: ("graph", "leaves another value in `rngs.noise.count`"),
    arguments_kept: ("tree", "`cached_partial` works with graph updates only"),
    a_layer_with_references_is_trained: (
        "graph",
        "`layer.bias` and `layer.mean` and `layer.scale` and 1 more holds a reference",
    ),
    gradient_of_what_is_captured: ("tree", "by closure, which is a constant to the gradient"),
    gradient_of_a_helper: ("graph", "in the body, the function reads `helper.model.bias` by"),
    by_name_only: ("graph", "the function takes `by` by name"),
    a_module_as_the_function: ("graph", "Counting.n"),
    target_replaced_in_a_loop: (
        "graph",
        "what the other does not at `operands[1].",
    ),
    statistics_by_closure: ("graph", "the function writes to `rest['norm']['mean']"),
    noise_of_a_frozen_critic: ("graph", "in the body, a function writes to `critic.rngs.count`"),
    model_of_a_trainer: ("graph", "the function writes to `self.model.norm.mean`"),
    a_static_default: ("tree", "`train` is static and not given by position"),
    sown_in_a_gradient: ("tree", "does not return `result[1].seen`"),
    made_before_it_is_called: ("tree", "returns another `result`"),
    gradient_of_a_stream: ("tree", "by all Variables, and `args[0].layers[1].rngs.count` holds no"),
    layers_swapped: ("tree", "keeps the old `pair.one`, `pair.two`, which Python replaces"),
    another_name: ("tree", "drops the new `pair.alias`"),
    cache_made_anew: ("tree", "keeps the old `pair.cache`, which Python replaces"),
    counted_in_the_carry: ("graph", "leaves another value in `m.steps`"),
    counted_in_a_broadcast: ("tree", "drops the change of `m.steps`"),
    drawn_within: (
        "graph",
        "drops the update of `model.rngs.noise.count`; leaves another value in `model.last`",
    ),
}
