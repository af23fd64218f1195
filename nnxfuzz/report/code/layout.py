"""Breaks long lines of emitted source the way `ruff format` would, so that they stay readable."""

from nnxfuzz.programs.text import indented
from nnxfuzz.report.code.helpers import Lines

LIMIT = 88


def laid_out(lines: Lines) -> Lines:
    """The lines, the long ones broken at a bracket where that is safe."""
    return [part for line in lines for part in _broken(line)]


def _broken(line: str) -> Lines:
    group = _widest_group(line) if len(line) > LIMIT and "  #" not in line else None
    if group is None:
        return [line]
    start, end = group
    indent = line[: len(line) - len(line.lstrip())]
    inner = line[start + 1 : end].rstrip(",")
    parts = _split(inner)
    together = ", ".join(parts)
    fits = len(parts) > 1 and len(indent) + 4 + len(together) <= LIMIT
    body = [together] if fits else [f"{part}," for part in parts]
    opened = [indent + part for part in indented(body)]
    return [line[: start + 1], *laid_out(opened), indent + line[end:]]


def _widest_group(line: str) -> tuple[int, int] | None:
    """The widest outermost bracket pair in which a trailing comma changes nothing."""
    groups = [group for group in _groups(line) if _is_safe(line, *group)]
    return max(groups, key=lambda group: group[1] - group[0], default=None)


def _is_safe(line: str, start: int, end: int) -> bool:
    before, inner = line[:start][-1:], line[start + 1 : end]
    called = before.isalnum() or before in ("_", ")")
    if not inner or any(" for " in part for part in _split(inner)):
        return False
    if line[start] == "[":
        return not called and before != "]"
    return line[start] == "{" or called or len(_split(inner)) > 1


def _groups(line: str) -> list[tuple[int, int]]:
    """The outermost bracket pairs, outside of strings."""
    found: list[tuple[int, int]] = []
    depth, start = 0, 0
    for at, char in _code(line):
        if char in "([{":
            start = start if depth else at
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth == 0:
                found.append((start, at))
    return found


def _split(text: str) -> list[str]:
    """`text` at its outermost commas."""
    cuts, depth = [-1], 0
    for at, char in _code(text):
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            cuts.append(at)
    ends = [*cuts[1:], len(text)]
    return [text[a + 1 : b].strip() for a, b in zip(cuts, ends, strict=True)]


def _code(text: str) -> list[tuple[int, str]]:
    """The characters outside of string literals, with their positions."""
    found: list[tuple[int, str]] = []
    quote, escaped = "", False
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote and not escaped else quote
            escaped = char == "\\" and not escaped
        elif char in "\"'":
            quote = char
        else:
            found.append((at, char))
    return found
