"""Objects that stand at more than one place of a call."""

from collections.abc import Iterator
from typing import Any

from nnxfuzz import nnx_api
from nnxfuzz.checker.worlds import name_of
from nnxfuzz.oracle.world import Walk
from nnxfuzz.programs.case import TreePath


def shared_objects(walked: Walk, roots: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The type and the paths of each object that stands at more than one place, the outermost
    only.
    """
    places: dict[int, list[TreePath]] = {}
    for path, value in _objects(walked, roots):
        places.setdefault(id(value), []).append(path)
    shared = [paths for paths in places.values() if len(paths) > 1]
    nodes = {path for paths in shared for path in paths}
    top = [p for p in shared if not all(_is_below(path, nodes) for path in p)]
    kinds = {path: nnx_api.class_of(value).__name__ for path, value in _objects(walked, roots)}
    return [(kinds[paths[0]], *(name_of(path) for path in paths)) for paths in top]


def _is_below(path: TreePath, paths: set[TreePath]) -> bool:
    return any(path[:end] in paths for end in range(1, len(path)))


def _objects(walked: Walk, roots: tuple[str, ...]) -> Iterator[tuple[TreePath, Any]]:
    """Each node and Variable by each path that leads to it from these roots; a Variable of a State
    too, which may be that of a module.
    """
    for path, value in walked.objects.items():
        if path[0] in roots:
            yield path, value
            if path in walked.again:  # what is below stands where the node was met first
                first = next(p for p, v in walked.objects.items() if v is value)
                for below, held in walked.objects.items():
                    if len(below) > len(first) and below[: len(first)] == first:
                        yield (*path, *below[len(first) :]), held
    yield from ((path, value) for path, value in walked.in_states.items() if path[0] in roots)
