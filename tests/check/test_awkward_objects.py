"""Objects whose own methods fail, or do much: a check looks at what they hold, and calls none."""

import contextlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from inner_refusals import Scale
from live import held

import nnxfuzz
from nnxfuzz import nnx_api


class Lazy(dict[str, int]):
    """A dictionary that would load all that it has."""

    def items(self) -> Any:
        raise RuntimeError("it loads all")

    values = keys = __iter__ = __len__ = items


class Sealed(list[int]):
    """A list that is not to be read as one."""

    def __iter__(self) -> Any:
        raise RuntimeError("read it by its methods")

    __len__ = __iter__


class Remote:
    """Has no attribute that it could tell, and raises what it likes."""

    __slots__ = ("name",)

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


class Settings(dict[str, Any]):
    """A dictionary whose items are attributes, as many programs have one."""

    __getattr__ = dict.__getitem__


class Silent:
    """Has no text, no truth and no equal."""

    def __repr__(self) -> str:
        raise RuntimeError("no text")

    def __bool__(self) -> bool:
        raise RuntimeError("neither")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not to be compared")

    def __hash__(self) -> int:
        return 1


OBJECTS: dict[str, Callable[[], Any]] = {
    "lazy": lambda: Lazy(a=1),
    "sealed": lambda: Sealed([1]),
    "remote": Remote,
    "settings": lambda: Settings(rate=1.0),
    "silent": Silent,
    "large": lambda: 10**400,
    "nested": lambda: [(Lazy(a=1), {"b": Remote()}), Settings(c=Silent())],
}


@pytest.mark.parametrize("name", OBJECTS)
def test_what_a_step_reaches_may_be_awkward(name: str) -> None:
    thing, calls = OBJECTS[name](), []

    def step(m: Any, x: Any) -> Any:
        calls.append(thing is not None)
        return x * held(m.w)

    with nnxfuzz.checking(modes="all") as report:
        compiled = nnx.jit(step)
        for _ in range(2):
            compiled(Scale(jnp.array(2.0)), jnp.ones(()))
    assert report.failures == []
    ((first, second),) = [[v for _, v in row.used] for row in report.rows.values()]
    assert (first.kind, second.kind, second.paths) == ("same", "deviates", ("calls",))


@pytest.mark.parametrize("name", ["settings", "large", "remote"])
def test_a_static_attribute_may_be_awkward(name: str) -> None:
    m = Scale(jnp.array(2.0))
    m.own = nnx.static(OBJECTS[name]()) if hasattr(nnx, "static") else OBJECTS[name]()
    with nnxfuzz.checking(modes="all") as report:
        nnx.fori_loop(0, 2, lambda i, m: m, m)
    assert report.failures == []
    ((verdict,),) = [[v for _, v in row.used] for row in report.rows.values()]
    assert verdict.kind == "same"


@pytest.mark.skipif(not hasattr(nnx.Variable, "set_metadata"), reason="its metadata is fixed")
def test_metadata_may_be_awkward() -> None:
    m = Scale(jnp.array(2.0))
    m.w.set_metadata(settings=Settings(rate=1.0))
    with nnxfuzz.checking() as report:
        nnx.jit(lambda m: held(m.w) * 2)(m)
    assert report.failures == []
    assert report.ok


class Wordless(Exception):
    """Fails to tell what it is about."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize("traced_alone", [True, False])
def test_an_exception_may_have_no_text(traced_alone: bool) -> None:
    def step(x: Any) -> Any:
        if not traced_alone or isinstance(x, jax.core.Tracer):
            raise Wordless
        return x

    with nnxfuzz.checking(modes="all") as report, pytest.raises(Wordless):
        nnx.jit(step)(jnp.ones(()))
    assert report.failures == []
    ((verdict,),) = [[v for _, v in row.used] for row in report.rows.values()]
    assert verdict.kind == ("refused" if traced_alone else "same")


BRANCHES: dict[str, Callable[[list[Any]], Any]] = {
    "values": lambda branches: dict(enumerate(branches)).values(),
    "dictionary": lambda branches: dict(enumerate(branches)),
    "tuple": tuple,
    "none": lambda branches: [],
}


@pytest.mark.parametrize("name", BRANCHES)
def test_branches_may_stand_in_any_container(name: str) -> None:
    """Flax goes through them: of a dictionary it gets the keys, and fails as Python does."""
    branches = BRANCHES[name]([lambda m, x: x, lambda m, x: x * held(m.w)])
    with nnxfuzz.checking(modes="all") as report, contextlib.suppress(TypeError, ValueError):
        nnx.switch(1, branches, Scale(jnp.array(2.0)), jnp.ones(()))
    assert report.failures == []
    ((verdict,),) = [[v for _, v in row.used] for row in report.rows.values()]
    assert verdict.kind == "same"


@pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")
def test_branches_that_have_no_hash_are_judged() -> None:
    branches = nnx.List([nnx.Dropout(0.5, deterministic=True), nnx.Dropout(0.0)])
    with nnxfuzz.checking() as report:
        nnx.switch(1, branches, jnp.ones(2), graph=False)
        with pytest.raises(TypeError, match="not iterable"):
            nnx.switch(1, branches, jnp.ones(2))
    assert report.failures == []
    ((right,), (wrong,)) = [[v for _, v in row.used] for row in report.rows.values()]
    assert (right.kind, wrong.kind) == ("same", "unexplained refusal")
    assert "a module (`List`) is a branch" in wrong.told
