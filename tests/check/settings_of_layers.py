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


LINEAR = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
XS = jnp.ones((3, 2))


def scaled(linear: Any, x: Any, scale: Any = 2.0) -> Any:
    """A function with a default, which `in_axes` may leave out."""
    return linear(x) * scale


def summed(total: Any, x: Any, scale: Any = 2.0) -> Any:
    """The body of a scan with a default."""
    return total + (LINEAR(x) * scale).sum(), x


def a_default_without_an_axis() -> Any:
    """With graph updates each default is an argument, which needs an axis; else it is none."""
    return nnx.vmap(scaled, in_axes=(None, 0))(LINEAR, XS)


def a_keyword_only_default() -> Any:
    """With graph updates the default has no position, whether it is given or not."""

    def keyword(linear: Any, x: Any, *, scale: Any = 2.0) -> Any:
        return linear(x) * scale

    return nnx.vmap(keyword, in_axes=(None, 0))(LINEAR, XS)


def an_axis_for_a_keyword() -> Any:
    """Without graph updates `in_axes` has the arguments by position alone."""
    return nnx.vmap(scaled, in_axes=(None, 0, None))(LINEAR, XS, scale=3.0)


def a_default_in_a_scan() -> Any:
    """The default of the body is an argument of the scan with graph updates alone."""
    return nnx.scan(summed)(0.0, XS)


def a_keyword_in_a_scan() -> Any:
    """Without graph updates a scan takes no keywords (corpus/), though the body has a default."""
    return nnx.scan(summed)(0.0, x=XS)


def a_keyword_for_a_branch() -> Any:
    """A branch gets its operands by position."""
    return nnx.cond(jnp.array(True), scaled, scaled, LINEAR, XS, scale=3.0)


VERDICTS: dict[Callable[[], Any], tuple[str, str, str]] = {
    a_size_for_all_lanes: ("same", "same", "same"),
    a_setting_for_all_lanes: ("same", "deviates", "deviates"),
    a_default_without_an_axis: ("same", "same", "same"),
    a_keyword_only_default: ("same", "same", "same"),
    an_axis_for_a_keyword: ("same", "refused", "refused"),
    a_default_in_a_scan: ("same", "same", "same"),
    a_keyword_in_a_scan: ("same", "unexplained refusal", "unexplained refusal"),
    a_keyword_for_a_branch: ("same", "same", "same"),
}

SENTENCES: dict[Callable[[], Any], tuple[str, str]] = {
    a_setting_for_all_lanes: ("tree", "drops the change of `scale.steps`"),
}
