"""The source of a user's functions and classes, and the names that it mentions."""

import ast
import inspect
import itertools
import textwrap
import types
from collections.abc import Mapping
from typing import Any, NamedTuple

from nnxfuzz.plain.names import names_of


class CannotCarry(Exception):
    """What a call reaches that no script can make; the message is a sentence."""


class Text(NamedTuple):
    """A definition as text, the name that it has there, the names that it mentions, and what those
    of its defaults hold.
    """

    text: str
    name: str
    mentions: frozenset[str]
    defaults: Mapping[str, Any] = {}


def of_function(function: types.FunctionType, decorated: bool) -> Text:
    """A function, with its decorators if `decorated`; of one that wraps another (`functools.wraps`
    gives it the name of that) its own source.  Raises CannotCarry.
    """
    name = function.__code__.co_name
    if name == "<lambda>":
        return _lambda(function)
    tree, text = _parsed(function.__code__, name)
    node = tree.body[0]
    if not isinstance(node, ast.FunctionDef):
        raise CannotCarry(f"the source of {name} is no function")
    if any(isinstance(n, ast.Nonlocal) for n in ast.walk(node)):
        raise CannotCarry(f"{name} writes to a variable of the function around it (nonlocal)")
    text, defaults = _with_named_defaults(text, node.args, function)
    if not decorated and node.decorator_list:
        text = "\n".join(text.splitlines()[node.lineno - 1 :])
    return Text(text.rstrip(), name, _mentioned(text), defaults)


def _with_named_defaults(
    text: str, args: ast.arguments, function: types.FunctionType
) -> tuple[str, dict[str, Any]]:
    """The text of a function whose defaults have names, and what these hold."""
    named = _named_defaults(args, function)
    text = _replaced(text, [(default, new) for new, (default, _) in named.items()])
    return text, {new: value for new, (_, value) in named.items()}


def _named_defaults(
    args: ast.arguments, function: types.FunctionType
) -> dict[str, tuple[ast.expr, Any]]:
    """Defaults that are no constants, and their values, by a name for each: what they mention is of
    the time at which the function was made (`k=k`).
    """
    names = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    last = names[len(names) - len(args.defaults) :]
    found = [*zip(last, args.defaults, function.__defaults__ or (), strict=False)]
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if default is not None:
            found.append((arg.arg, default, (function.__kwdefaults__ or {}).get(arg.arg)))
    return {
        f"default_{name}": (default, value)
        for name, default, value in found
        if not isinstance(default, ast.Constant)
    }


def _replaced(text: str, names: list[tuple[ast.expr, str]]) -> str:
    """The text with names in the place of expressions; `ast` counts columns in bytes."""
    data = text.encode()
    starts = [0, *itertools.accumulate(len(line) for line in data.splitlines(keepends=True))]

    def place(node: ast.expr) -> tuple[int, int]:
        line, column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return starts[node.lineno - 1] + node.col_offset, starts[line - 1] + column

    for node, name in sorted(names, key=lambda each: place(each[0]), reverse=True):
        begin, end = place(node)
        data = data[:begin] + name.encode() + data[end:]
    return data.decode()


def of_class(kind: type) -> Text:
    """A class with its decorators.  Raises CannotCarry."""
    _, text = _parsed(kind, kind.__name__)
    return Text(text.rstrip(), kind.__name__, _mentioned(text))


def _parsed(thing: Any, name: str) -> tuple[ast.Module, str]:
    try:
        text = textwrap.dedent(inspect.getsource(thing))
        return ast.parse(text), text
    except (OSError, TypeError, SyntaxError):
        raise CannotCarry(f"the source of {name} cannot be had") from None


def _lambda(function: types.FunctionType) -> Text:
    """A lambda: that of its line whose code is the same."""
    try:
        lines, _ = inspect.findsource(function)
        tree = ast.parse("".join(lines))
    except (OSError, TypeError, SyntaxError):
        raise CannotCarry("the source of a lambda cannot be had") from None
    line = function.__code__.co_firstlineno
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and node.lineno == line:
            text = ast.unparse(node)
            code = compile(text, "<lambda>", "eval").co_consts[0]
            if isinstance(code, types.CodeType) and _alike(code, function.__code__):
                found.add(text)
    if len(found) != 1:
        raise CannotCarry(f"the lambda of line {line} cannot be told from others of its line")
    (text,) = found
    alone = ast.parse(text, mode="eval").body
    assert isinstance(alone, ast.Lambda)
    text, defaults = _with_named_defaults(text, alone.args, function)
    return Text(text, "", _mentioned(text), defaults)


def _alike(one: types.CodeType, other: types.CodeType) -> bool:
    """Whether two codes mention the same names, variables and numbers."""
    consts = [
        [c for c in code.co_consts if not isinstance(c, types.CodeType)] for code in (one, other)
    ]
    names = [set(code.co_names + code.co_freevars) for code in (one, other)]
    return one.co_varnames == other.co_varnames and consts[0] == consts[1] and names[0] == names[1]


def _mentioned(text: str) -> frozenset[str]:
    return names_of(compile(text, "<source>", "exec")).globals


def namespace_of(thing: Any) -> Mapping[str, Any]:
    """What the names in a function or a class mean: its globals, and what it closes over."""
    if isinstance(thing, type):
        import sys

        found: dict[str, Any] = dict(vars(sys.modules.get(thing.__module__, types)))
        for held in vars(thing).values():
            if isinstance(inspect.unwrap(held) if callable(held) else held, types.FunctionType):
                found |= _closed(inspect.unwrap(held))
        return found
    return dict(thing.__globals__) | _closed(thing)


def _closed(function: types.FunctionType) -> dict[str, Any]:
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if name == "__class__":
            continue
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not bound yet
            continue
    return found
