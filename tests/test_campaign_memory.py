"""A worker gives memory back once it has grown."""

from collections.abc import Iterator

import pytest

from nnxfuzz import nnx_api
from nnxfuzz.campaign import memory


@pytest.fixture
def emptied(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is noted each time that the caches are emptied."""
    times: list[str] = []
    monkeypatch.setattr(nnx_api, "forget", lambda: times.append("emptied"))
    monkeypatch.setattr(memory, "_MARK", [0])
    yield times


def test_memory_is_given_back_after_it_has_grown(
    emptied: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = iter([500, 700, 801, 550, 840, 851, 600])
    monkeypatch.setattr(memory, "held_mb", lambda: next(held))
    seen = []
    for _ in range(5):
        memory.give_back()
        seen.append(len(emptied))
    assert seen == [0, 0, 1, 1, 2]


def test_where_the_system_does_not_say_it_calls_are_counted(
    emptied: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "held_mb", lambda: 0)
    for _ in range(401):
        memory.give_back()
    assert len(emptied) == 2


def test_a_process_holds_something() -> None:
    if not memory._STATM.exists():
        pytest.skip("the system does not say it")
    assert 20 < memory.held_mb() < 100_000
