"""The changes: each makes one small mistake in a syntax tree, as a tired programmer might.

`mutations` lists them in the order of the source; an id counts the changes of one operator within
one function, so that it outlives edits elsewhere in the file.  Texts are left alone: messages (all
of a `raise`), names, annotations, assertions and how objects are printed.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from nnxfuzz.programs.case import Data

Replace = Callable[[ast.AST], None]
#: The operator's name, what it did in words, and the deed itself.
Change = tuple[str, str, Callable[[], object]]

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_PRINTING = {"__repr__", "__str__", "__nnx_repr__", "__treescope_repr__"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Site(Data, frozen=True):
    """One mutant: `lines` are those of the source that have to run for it to matter."""

    id: str
    file: str
    function: str
    operator: str
    line: int
    lines: tuple[int, int]
    #: Whether the change takes place while the module is imported.
    at_import: bool
    told: str


def mutations(tree: ast.Module, file: str) -> Iterator[tuple[Site, Callable[[], object]]]:
    """Every mutant of the file, and what makes it of `tree`."""
    counts: Counter[tuple[str, str]] = Counter()
    for function, place, node, replace in _walk(tree, "", None, lambda new: None):
        for operator, told, apply in changes(node, replace):
            number = counts[function, operator] = counts[function, operator] + 1
            name = f"{file}:{function}:{number}:{operator}"
            line = getattr(node, "lineno", place.lines[0])
            told = f"{told} in {function}, line {line}"
            yield (
                Site(name, file, function, operator, line, place.lines, place.at_import, told),
                apply,
            )


def mutated(source: str, file: str, name: str) -> str:
    """The source with the mutant `name` in it."""
    tree = ast.parse(source)
    for site, apply in mutations(tree, file):
        if site.id == name:
            apply()
            return ast.unparse(ast.fix_missing_locations(tree))
    raise LookupError(f"{file} has no mutant {name}")


# --- where --------------------------------------------------------------------------------------


class _Place(Data, frozen=True):
    """The lines of the innermost statement, or of its head if it has a body."""

    lines: tuple[int, int]
    at_import: bool


def _walk(
    node: ast.AST, function: str, place: _Place | None, replace: Replace
) -> Iterator[tuple[str, _Place, ast.AST, Replace]]:
    """Every node inside of a function that may be changed: function, place, node, replacing it."""
    if isinstance(node, ast.Raise):
        if place is not None:
            yield function, _head(node), node, replace
        return
    if isinstance(node, ast.Assert | ast.JoinedStr) or _left_alone(node):
        return
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        function = f"{function}.{node.name}" if function else node.name
    if isinstance(node, ast.stmt):
        place = _head(node)
    if function and place is not None:
        yield function, place, node, replace
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "bases", "decorator_list"):
            continue
        if isinstance(value, list):
            for k, child in enumerate(value):
                if isinstance(child, ast.AST):
                    yield from _walk(child, function, place, partial(value.__setitem__, k))
        elif isinstance(value, ast.AST):
            yield from _walk(value, function, place, partial(setattr, node, name))


def _left_alone(node: ast.AST) -> bool:
    if not isinstance(node, _FUNCTIONS):
        return False
    only = node.body[-1]
    abstract = isinstance(only, ast.Expr) and isinstance(only.value, ast.Constant)
    return abstract or node.name in _PRINTING


def _head(node: ast.stmt) -> _Place:
    """A change to the head of a function counts as soon as any of its lines runs."""
    end = node.end_lineno or node.lineno
    match node:
        case ast.FunctionDef():
            return _Place((node.body[0].lineno, end), at_import=False)
        case ast.ClassDef():
            return _Place((node.lineno, end), at_import=True)
        case ast.If(test=head) | ast.While(test=head) | ast.For(iter=head):
            return _Place((node.lineno, head.end_lineno or end), at_import=False)
        case ast.With(items=items):
            return _Place((node.lineno, items[-1].context_expr.end_lineno or end), at_import=False)
    return _Place((node.lineno, end), at_import=False)


# --- what ---------------------------------------------------------------------------------------


def changes(node: ast.AST, replace: Replace) -> Iterator[Change]:
    """What may be done to a node."""
    match node:
        case ast.If() | ast.IfExp():
            yield from _condition(node.test, partial(setattr, node, "test"), (True, False))
        case ast.While():
            yield from _condition(node.test, partial(setattr, node, "test"), (False,))
        case ast.comprehension(ifs=ifs):
            for k, test in enumerate(ifs):
                yield from _condition(test, partial(ifs.__setitem__, k), (True, False))
        case ast.Compare(ops=[op, *_]):
            other = _COMPARISONS[type(op)]
            told = f"{type(op).__name__} made {other.__name__}"
            yield "comparison-swapped", told, partial(node.ops.__setitem__, 0, other())
        case ast.BoolOp(op=op):
            swapped = ast.Or() if isinstance(op, ast.And) else ast.And()
            told = f"'{type(op).__name__.lower()}' made '{type(swapped).__name__.lower()}'"
            yield "boolean-swapped", told, partial(setattr, node, "op", swapped)
        case ast.UnaryOp(op=ast.Not()):
            yield "not-dropped", "'not' dropped", partial(replace, node.operand)
        case ast.BinOp(op=ast.Add() | ast.Sub()) if not _text(node):
            yield from _arithmetic(node)
        case ast.Constant(value=bool() | int() as value):
            new = not value if isinstance(value, bool) else value + 1
            yield "constant-changed", f"{value} made {new}", partial(replace, ast.Constant(new))
        case ast.Call(keywords=keywords):
            yield from _keywords(keywords)
        case ast.Return(value=value) if value is not None:
            yield from _returns(node, value)
        case ast.Assign(targets=[ast.Tuple(elts=elts)]) if len(elts) > 1:
            told = "the first two names of an assignment swapped"
            yield "elements-swapped", told, partial(_swap, elts)
        case ast.FunctionDef(decorator_list=decorators) | ast.ClassDef(decorator_list=decorators):
            for k, decorator in enumerate(decorators):
                told = f"decorator {ast.unparse(decorator).partition('(')[0]} removed"
                yield "decorator-removed", told, partial(decorators.pop, k)
    if _droppable(node):
        told = f"{type(node).__name__} statement dropped"
        yield "statement-dropped", told, partial(replace, ast.Pass())


def _condition(test: ast.expr, replace: Replace, constants: tuple[bool, ...]) -> Iterator[Change]:
    """A negation that another operator makes of the same test is left to that one."""
    simple = isinstance(test, ast.Compare) and not isinstance(test.ops[0], _ORDERED)
    if not simple and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
        negated = partial(replace, ast.UnaryOp(ast.Not(), test))
        yield "condition-negated", "condition negated", negated
    for value in constants:
        told = str(value).lower()
        yield f"condition-{told}", f"condition made {told}", partial(replace, ast.Constant(value))


def _arithmetic(node: ast.BinOp) -> Iterator[Change]:
    new = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    told = f"{type(node.op).__name__} made {type(new).__name__}"
    yield "arithmetic-swapped", told, partial(setattr, node, "op", new)


def _text(node: ast.BinOp) -> bool:
    """Whether it is strings that are added."""
    parts = [n for n in ast.walk(node) if isinstance(n, ast.JoinedStr | ast.Constant)]
    return any(isinstance(n, ast.JoinedStr) or isinstance(n.value, str) for n in parts)


def _keywords(keywords: list[ast.keyword]) -> Iterator[Change]:
    for k, keyword in enumerate(keywords):
        if keyword.arg is not None:
            told = f"keyword {keyword.arg} dropped"
            yield "keyword-dropped", told, partial(keywords.pop, k)


def _returns(node: ast.Return, value: ast.expr) -> Iterator[Change]:
    if not (isinstance(value, ast.Constant) and value.value is None):
        nothing = partial(setattr, node, "value", ast.Constant(None))
        yield "return-none", "None returned", nothing
    if isinstance(value, ast.Tuple) and len(value.elts) > 1:
        told = "the first two elements returned swapped"
        yield "elements-swapped", told, partial(_swap, value.elts)


def _swap(elements: list[ast.expr]) -> None:
    elements[0], elements[1] = elements[1], elements[0]


def _droppable(node: ast.AST) -> bool:
    """Statements whose loss is no plain NameError."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return False  # a docstring
        case ast.Assign(targets=[target]):
            return isinstance(target, ast.Subscript | ast.Attribute) or _again(target, node)
    return isinstance(
        node, ast.Expr | ast.AugAssign | ast.Delete | ast.Raise | ast.Continue | ast.Break
    )


def _again(target: ast.expr, node: ast.Assign) -> bool:
    """Whether a name is given a new value that is made of its old one."""
    names = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
    return bool(names & {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)})
