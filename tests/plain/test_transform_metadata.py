"""`transform_metadata`: what becomes of partition names, and that it has no graph updates."""

from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx

from nnxfuzz import nnx_api, plain

if not hasattr(nnx, "transform_metadata"):
    pytest.skip("Flax has it from 0.12.6 on", allow_module_level=True)

BOTH = pytest.mark.parametrize("transforms", [nnx, plain], ids=["flax", "plain"])
FORMS = pytest.mark.parametrize("graph", [True, False], ids=["graph", "tree"])


class Layer(nnx.Module):  # type: ignore[misc]
    """A weight with partition names, and a count without."""

    def __init__(self, *names: str | None) -> None:
        self.w = nnx.Param(jnp.ones((2, 3)), sharding=names, eager_sharding=False)
        self.count = nnx.BatchStat(jnp.zeros(2))


def names(layer: Any) -> Any:
    return nnx_api.metadata(layer.w)["names"]


def named(transforms: Any, f: Any, **options: Any) -> Any:
    given = {"in_axes": 0, "out_axes": 0, "partition": "layers"}
    return transforms.transform_metadata(f, **given | options)


@BOTH
@FORMS
@pytest.mark.parametrize(
    ("axis", "inside", "outside"),
    [
        (0, ("in", None), ("layers", "in", None)),
        (1, ("in", None), ("in", "layers", None)),
        (None, ("layers",), ("layers",)),
    ],
)
def test_the_name_is_away_in_the_function(
    transforms: Any, graph: bool, axis: Any, inside: Any, outside: Any
) -> None:
    layer, told = Layer(*outside), []

    def f(layer: Any) -> Any:
        told.append(names(layer))
        layer.count.value = layer.count.value + 1
        return nnx.Param(jnp.ones(3), sharding=("out",), eager_sharding=False)

    with plain.meaning("asked"):
        made = named(transforms, f, in_axes=axis, out_axes=axis, graph=graph)(layer)
    assert (told, names(layer)) == ([inside], outside)
    assert layer.count.value.tolist() == [1, 1]
    new = {0: ("layers", "out"), 1: ("out", "layers"), None: ("out",)}[axis]
    assert nnx_api.metadata(made)["names"] == new


@BOTH
def test_another_name_at_the_axis_is_refused_and_nothing_is_changed(transforms: Any) -> None:
    one, other = Layer("layers", "out"), Layer("in", "out")
    with pytest.raises(ValueError, match="Expected to remove 'layers' at index 0 from"):
        named(transforms, lambda one, other: None)(one, other)
    assert (names(one), names(other)) == (("layers", "out"), ("in", "out"))


@BOTH
@pytest.mark.parametrize("axis", [0, 5, -1])
def test_an_axis_without_a_name_is_none_of_the_names(transforms: Any, axis: int) -> None:
    layer = Layer()
    with pytest.raises(IndexError, match=r"^pop "):
        named(transforms, lambda layer: None, in_axes=axis, partition=None)(layer)
    assert names(layer) == ()


@BOTH
def test_hooks_hear_of_the_axis(transforms: Any) -> None:
    heard: list[Any] = []
    v = nnx.Param(
        jnp.ones(2),
        on_add_axis=lambda v, axis, name: heard.append(("add", axis, name)),
        on_remove_axis=lambda v, axis, name: heard.append(("remove", axis, name)),
    )
    named(transforms, lambda v: None)(v)
    assert heard == [("remove", 0, "layers"), ("add", 0, "layers")]


@BOTH
def test_an_exception_leaves_the_arguments_as_they_were(transforms: Any) -> None:
    layer = Layer("layers", "out")

    def f(layer: Any) -> None:
        layer.count.value = layer.count.value + 1
        raise KeyError("mine")

    with plain.meaning("asked"), pytest.raises(KeyError, match="mine"):
        named(transforms, f)(layer)
    assert names(layer) == ("layers", "out")
    assert layer.count.value.tolist() == [0, 0]


@BOTH
def test_in_a_mode_an_attribute_that_is_set_does_not_reach_the_caller(transforms: Any) -> None:
    layer = Layer("layers", "out")

    def f(layer: Any) -> None:
        layer.more = nnx.Param(jnp.ones(2))

    with plain.meaning("asked"):
        named(transforms, f)(layer)
    assert not hasattr(layer, "more")


def test_in_python_it_does_and_an_object_given_twice_is_named_once() -> None:
    """Flax names the axis of the weight twice then: cause transform-metadata-names-twice."""
    layer = Layer("layers", "out")

    def f(layer: Any, again: Any) -> None:
        assert layer is again
        layer.more = nnx.Param(jnp.ones(2))

    named(plain, f)(layer, layer)
    assert hasattr(layer, "more")
    assert names(layer) == ("layers", "out")


def test_a_write_to_a_reference_reaches_the_caller() -> None:
    """Flax loses it: cause transform-metadata-loses-references."""
    v = nnx.Param(jnp.zeros(2), ref=True)

    def f(v: Any) -> None:
        v[...] += 1

    named(plain, f)(v)
    assert v[...].tolist() == [1, 1]
