"""What a traced function leaves in a cache, or in a module that it imports."""

import functools
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from inner_refusals import Scale
from live import held

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.report import Report
from nnxfuzz.checker.verdicts import Verdict


def verdicts_of(report: Report) -> list[Verdict]:
    """Those of all modes, in the order of the calls."""
    assert not report.failures
    return [v for row in report.rows.values() for every in row.verdicts.values() for v in every]


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_tracer_that_a_cache_keeps_is_told(asked_before: bool) -> None:
    @functools.cache
    def mask(size: int) -> Any:
        return jnp.tril(jnp.ones((size, size)))

    if asked_before:
        mask(2)
    with nnxfuzz.checking() as report:
        nnx.jit(lambda x: mask(2) @ x)(jnp.ones(2))
    (verdict,) = verdicts_of(report)
    told = "" if asked_before else "keeps in the cache of `mask` a tracer"
    assert (verdict.kind == "same") == asked_before
    assert told in verdict.told
    assert report.ok


@pytest.mark.skipif(len(nnx_api.modes()) == 1, reason="there is one mode")
@pytest.mark.parametrize("most", [None, 4])
def test_a_call_that_meets_a_tracer_in_a_cache_is_not_judged(most: int | None) -> None:
    """Where a cache has a `maxsize`, no run after Flax's own can do without the tracer."""

    @functools.lru_cache(maxsize=most)
    def masks(size: int) -> Any:
        return [jnp.tril(jnp.ones((size, size)))]

    with nnxfuzz.checking(modes="all") as report:
        jitted = nnx.jit(lambda x: masks(2)[0] @ x)
        jitted(jnp.ones(2))
        jitted(jnp.ones(2))
    verdicts = verdicts_of(report)
    right = 1 if most else len(nnx_api.modes())
    assert [v.kind for v in verdicts].count("deviates") == right
    others = [v for v in verdicts if v.kind != "deviates"]
    assert {v.kind for v in others} == {"not judged"}
    assert all("cache of `masks` keeps a tracer" in v.told for v in others)
    assert report.ok


@pytest.mark.parametrize("most", [None, 4])
def test_a_cached_module_is_reached_by_closure(most: int | None) -> None:
    @functools.lru_cache(maxsize=most)
    def model() -> Scale:
        return Scale(jnp.array(2.0))

    def step(x: Any) -> Any:
        model().w[...] += 1.0
        return x * held(model().w)

    model()
    with nnxfuzz.checking() as report, pytest.raises(Exception, match="trace level"):
        nnx.jit(step)(jnp.ones(()))
    (verdict,) = verdicts_of(report)
    assert (verdict.kind, verdict.record) == ("refused", "closure-written")
    assert verdict.paths == ("model().w",)
    assert held(model().w) == 2.0


@pytest.mark.parametrize("most", [None, 4])
def test_a_cached_list_is_put_back_and_told(most: int | None) -> None:
    @functools.lru_cache(maxsize=most)
    def log() -> list[int]:
        return []

    def step(x: Any) -> Any:
        log().append(1)
        return x * len(log())

    compiled = nnx.jit(step)
    log()
    with nnxfuzz.checking(modes="all") as report:
        compiled(jnp.ones(()))
    assert {v.kind for v in verdicts_of(report)} == {"same"}
    assert log() == [1]


def test_a_dictionary_that_keeps_a_tracer_is_named() -> None:
    """Plain Python cannot do without the tracer, and jax refuses it where it traces anew."""
    tables: dict[int, Any] = {}

    def step(x: Any) -> Any:
        if 2 not in tables:
            tables[2] = jnp.arange(2.0)
        return tables[2] * x

    with nnxfuzz.checking() as report:
        compiled = nnx.jit(step)
        for _ in range(2):
            compiled(jnp.ones(()))
        with pytest.raises(jax.errors.UnexpectedTracerError):
            compiled(jnp.ones(2))
    written, unjudged, refused = verdicts_of(report)
    assert (written.kind, written.record) == ("deviates", "effects-when-traced")
    assert (unjudged.kind, unjudged.paths) == ("not judged", ("tables[2]",))
    assert (refused.kind, refused.record) == ("refused", "tracer-before")
    assert refused.paths == ("tables[2]",)


@pytest.mark.parametrize("kind", ["traced", "of numpy"])
def test_a_module_that_is_imported_while_it_is_traced(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its constants are tracers, which the plain run cannot use; those of numpy are as ever."""
    library = "jax.numpy" if kind == "traced" else "numpy"
    name = f"constants_{kind.partition(' ')[0]}"
    (tmp_path / f"{name}.py").write_text(f"import {library} as lib\nSCALE = lib.arange(2.0) * 2\n")
    monkeypatch.syspath_prepend(tmp_path)

    def step(x: Any) -> Any:
        return x * __import__(name).SCALE

    with nnxfuzz.checking() as report:
        nnx.jit(step)(jnp.ones(2))
    sys.modules.pop(name)
    (verdict,) = verdicts_of(report)
    if kind == "traced":
        assert (verdict.kind, verdict.paths) == ("deviates", (f"{name}.SCALE",))
        assert "imports a module while it is traced" in verdict.told
    else:
        assert verdict.kind == "same"
