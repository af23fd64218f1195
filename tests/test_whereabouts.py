"""Where a function stands in the installed Flax: the line is that of its definition."""

import importlib.util
from pathlib import Path

import pytest

from nnxfuzz.report import whereabouts


def line_at(place: whereabouts.Definition) -> str:
    spec = importlib.util.find_spec("flax")
    assert spec is not None and spec.origin is not None
    source = Path(spec.origin).parent.parent / place.file
    return source.read_text().splitlines()[place.line - 1]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("iter_graph", "def iter_graph("),
        ("ForiLoopBodyFn", "class ForiLoopBodyFn"),
        ("ForiLoopBodyFn.__call__", "def __call__("),
        ("vmap.<locals>.vmap_wrapper", "def vmap_wrapper("),
        ("spmd.add_axis", "def add_axis("),
    ],
)
def test_a_name_leads_to_its_definition(name: str, head: str) -> None:
    place = whereabouts.located(name)
    assert place is not None
    assert head in line_at(place)


def test_a_name_of_nothing_or_of_several_things_leads_nowhere() -> None:
    assert whereabouts.located("no_such_function_anywhere") is None
    assert whereabouts.located("__call__") is None
    assert whereabouts.located("no_such_module.add_axis") is None


def test_the_names_of_a_text_are_those_in_backticks() -> None:
    text = "`nnx.fori_loop` and `iter_graph`, not merge, `x + 1` or `no_such_function`"
    assert list(whereabouts.named_in(text)) == ["nnx.fori_loop", "iter_graph"]
