"""Programs as a script has them: what their functions reach stands in names of the module."""

import functools
import types
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from flax import nnx


def _norm() -> nnx.BatchNorm:
    return nnx.BatchNorm(2, rngs=nnx.Rngs(0))


class Trainer:
    def __init__(self) -> None:
        self.model = _norm()


X = jnp.arange(8.0).reshape((4, 2))
TRAINER = Trainer()
CONFIG = types.SimpleNamespace(model=_norm())
LAYER = functools.partial(nnx.BatchNorm.__call__, _norm())
METHOD = _norm().__call__
GRAPHDEF, PARAMS, REST = nnx.split(_norm(), nnx.Param, ...)


def attribute_of_a_trainer() -> Any:
    return nnx.jit(lambda x: TRAINER.model(x))(X)


def attribute_of_a_namespace() -> Any:
    return nnx.jit(lambda x: CONFIG.model(x))(X)


def partial_of_a_layer() -> Any:
    return nnx.jit(lambda x: LAYER(x))(X)


def method_of_a_layer() -> Any:
    return nnx.jit(lambda x: METHOD(x))(X)


def statistics_of_a_split() -> Any:
    return nnx.jit(lambda params, x: nnx.merge(GRAPHDEF, params, REST)(x))(PARAMS, X)


#: In graph mode, in graph mode without graph updates, and in tree mode.
VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = dict.fromkeys(
    (
        attribute_of_a_trainer,
        attribute_of_a_namespace,
        partial_of_a_layer,
        method_of_a_layer,
        statistics_of_a_split,
    ),
    ("refused", "refused", "refused"),
)

SENTENCES = {
    attribute_of_a_trainer: ("graph", "the function writes to `TRAINER.model.mean`"),
    attribute_of_a_namespace: ("tree", "the function writes to `CONFIG.model.mean`"),
    partial_of_a_layer: ("graph", "the function writes to `LAYER.self.mean`"),
    method_of_a_layer: ("tree", "the function writes to `METHOD.self.mean`"),
    statistics_of_a_split: ("graph", "the function writes to `REST['mean']`"),
}
