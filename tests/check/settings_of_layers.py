"""Programs that hand a transform the sizes and settings of a layer, and what each comes to."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx


class Heads(nnx.Module):  # type: ignore[misc]
    """A layer that is made and called for several heads at once."""

    def __init__(self, size: int, rngs: nnx.Rngs) -> None:
        @nnx.split_rngs(splits=4)  # type: ignore[untyped-decorator]
        def make(rngs: nnx.Rngs, size: int) -> Any:
            return nnx.vmap(lambda rngs, size: nnx.Linear(size, 2, rngs=rngs), in_axes=(0, None))(
                rngs, size
            )

        self.query = make(rngs, size)


def a_size_for_all_lanes() -> Any:
    """The size of the layer has no axis: jax gives it to each lane as the int that it is."""
    return Heads(3, nnx.Rngs(0)).query.in_features


def a_setting_for_all_lanes() -> Any:
    """The lanes run at once, for there is a collective; each has the same number to keep."""

    class Scale(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.w = nnx.Param(jnp.ones(3))
            self.steps = 1

    def scaled(scale: Scale, steps: int, x: Any) -> Any:
        scale.steps = steps
        return scale.w[...] * jax.lax.psum(x, "lanes")

    return nnx.vmap(scaled, in_axes=(None, None, 0), axis_name="lanes")(Scale(), 3, jnp.ones(4))


VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    a_size_for_all_lanes: ("same", "same", "same"),
    a_setting_for_all_lanes: ("same", "deviates", "deviates"),
}

SENTENCES: dict[Callable[[], Any], tuple[str, str]] = {
    a_setting_for_all_lanes: ("tree", "drops the change of `scale.steps`"),
}
