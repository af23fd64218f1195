"""What `transform_metadata` does to the metadata of Variables, beside their partition names."""

from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx

from nnxfuzz import nnx_api, plain

METADATA = {getattr(nnx, "PARTITION_NAME", "partition_name"): "layers", "nickname": "nick"}


def weight(*shape: int, **metadata: Any) -> Any:
    return nnx.Param(jnp.ones(shape), **metadata)


def seen_by(transforms: Any, axis: int, **metadata: Any) -> tuple[Any, ...]:
    """The metadata inside of a `vmap`, after it, and of what it makes."""
    told = []

    def f(v: Any) -> Any:
        told.append(nnx_api.metadata(v))
        nnx_api.assign(v, nnx_api.read(v) + 1)
        return weight(2, 3, nickname=("in", "out"))

    v = weight(2, 3, 4, **metadata)
    made = transforms.vmap(f, in_axes=axis, out_axes=axis, transform_metadata=METADATA)(v)
    return told[0], nnx_api.metadata(v), nnx_api.metadata(made), nnx_api.get_raw(made).shape


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_tuple_that_is_named_follows_the_axis(axis: int) -> None:
    own = ["in", "mid", "out"]
    own[axis] = "nick"
    wanted = seen_by(plain, axis, nickname=tuple(own))
    assert seen_by(nnx, axis, nickname=tuple(own)) == wanted
    follows = nnx_api.AXES_IN_METADATA
    assert wanted[0]["nickname"] == tuple(x for x in own if x != "nick" or not follows)
    assert wanted[2]["nickname"].count("nick") == follows


@pytest.mark.parametrize("nickname", ["nick", None, 3])
def test_what_is_no_tuple_stays(nickname: Any) -> None:
    wanted = seen_by(plain, 0, nickname=nickname)
    assert seen_by(nnx, 0, nickname=nickname) == wanted
    assert wanted[0] == wanted[1]


def test_a_scan_gives_it_back() -> None:
    for transforms in (nnx, plain):

        def f(carry: Any, v: Any) -> Any:
            assert "nick" not in nnx_api.metadata(v)["nickname"] or not nnx_api.AXES_IN_METADATA
            return carry, nnx_api.read(v).sum()

        v = weight(2, 3, nickname=("nick", "out"))
        transforms.scan(f, transform_metadata=METADATA)(0, v)
        assert nnx_api.metadata(v)["nickname"] == ("nick", "out")


def named(*names: str) -> Any:
    """A weight with partition names."""
    return weight(3, sharding=names, eager_sharding=False)


@pytest.mark.parametrize("name", ["layers", None])
def test_an_axis_has_an_entry_in_the_names_with_a_name_or_without(name: str | None) -> None:
    metadata = {getattr(nnx, "PARTITION_NAME", "partition_name"): name}
    for transforms in (nnx, plain):

        def make(_: Any) -> Any:
            return named("embed")

        made = transforms.vmap(make, transform_metadata=metadata)(jnp.arange(2))
        assert nnx_api.metadata(made)["names"] == (name, "embed")
        transforms.vmap(lambda v: None, transform_metadata=metadata)(made)
        assert nnx_api.metadata(made)["names"] == (name, "embed")


def test_the_only_name_comes_back() -> None:
    """Flax loses it from 0.11.0 on: cause only-partition-name-lost."""
    v = named("layers")
    plain.scan(lambda carry, v: (carry, None), transform_metadata=METADATA)(0, v)
    assert nnx_api.metadata(v)["names"] == ("layers",)


def heard_of_axes(transforms: Any) -> list[Any]:
    """What the hooks of Variables hear of their axes."""
    heard: list[Any] = []

    def hooked(*shape: int) -> Any:
        return weight(
            *shape,
            on_add_axis=lambda v, axis, name: heard.append(("add", axis, name)),
            on_remove_axis=lambda v, axis, name: heard.append(("remove", axis, name)),
        )

    def f(v: Any) -> Any:
        nnx_api.assign(v, nnx_api.read(v) + 1)
        return hooked(2, 3)

    transforms.vmap(f, in_axes=1, out_axes=0, transform_metadata=METADATA)(hooked(2, 3))
    transforms.vmap(f)(hooked(2, 3))  # its axis has no name
    scanned = transforms.scan(lambda c, v: (c, None), transform_metadata=METADATA)
    scanned(0, hooked(2, 3))
    return heard


@pytest.mark.skipif(not nnx_api.AXES_IN_METADATA, reason="this release has other hooks")
def test_the_hooks_of_a_variable_hear_of_its_axis_once() -> None:
    gone, first = ("remove", 1, "layers"), ("add", 0, "layers")
    wanted = [gone, ("add", 1, "layers"), first, ("remove", 0, "layers"), first]
    assert heard_of_axes(nnx) == wanted
    assert heard_of_axes(plain) == wanted
