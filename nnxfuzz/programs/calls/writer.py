"""The text of a call program: Python source, which both runs execute and people read.

It is a module with two functions.  `objects()` makes the objects by name, and `program(**objects)`
makes the outermost call.  It takes `nnx`, `jax`, `jnp`, `optax`, `dataclasses`, `functools`,
`inspect` and `mode` (the keyword arguments that put a transform into a mode) from its globals.

The writer keeps the type of each name as it goes, so that it also tells which programs are well
formed: it raises Unfit for any other.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.calls.objects import written_objects
from nnxfuzz.programs.calls.places import INDENT, CallText, argument, bind, fitted, found
from nnxfuzz.programs.calls.statements import HELPERS, written
from nnxfuzz.programs.calls.tables import Tables
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.text import indented

#: The rows of `nnxfuzz.transforms`, by name.
Registry = Mapping[str, Any]


class Entered(NamedTuple):
    """A call whose arguments are known: its row, options, and what each function is given.

    `given` are the arguments that the transform gets, `bound` one that the function has already.
    """

    row: Any
    options: Any
    given: tuple[t.Type, ...]
    bound: tuple[t.Type, ...]

    def parameters(self, block: int) -> tuple[t.Type, ...]:
        """The types of a function's parameters."""
        inner = self.row.enter(self.options, self.given, block)
        return (*self.bound, *self.row.leading, *inner)


#: Styles whose function has the first argument already.
BINDING = ("method", "instance", "partial")

#: Styles whose function stands in the class of the first argument.
METHODS = ("method", "instance", "decorated")


def text(program: d.CallProgram, registry: Registry) -> str:
    """The text of a program; raises Unfit if it is not well formed."""
    return Writer(registry).program(program)


def needs(program: d.CallProgram, registry: Registry) -> frozenset[c.Feature]:
    """What a release has to have for a program; raises Unfit if it is not well formed."""
    writer = Writer(registry)
    writer.program(program)
    return writer.needs


class Writer:
    """Writes programs with the transforms of a registry."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._functions = 0
        #: What a release has to have for the calls that were written.
        self.needs: frozenset[c.Feature] = frozenset()
        #: By row of a module's class: its methods.
        self.methods: dict[int, list[str]] = {}

    def program(self, program: d.CallProgram) -> str:
        """The whole text."""
        tables = Tables(program.variables, program.nodes)
        if any(variable.hijax for variable in program.variables):  # also one that is captured
            self.needs |= {"hijax"}
        scope: dict[str, t.Type] = {}
        for name, held in program.objects.items():
            bind(scope, name, tables.of(held))
        names = ", ".join(program.objects)
        lines, _ = self.call(program.call, scope, 0)
        body = [f"def program({names}):", *indented(lines)]
        if program.call.name in scope:
            body.append(f"{INDENT}return {program.call.name}")
        whole = "\n".join(body)
        made = written_objects(program, self.methods, whole, HELPERS)
        return "\n\n\n".join([*made, whole]) + "\n"

    # --- statements -------------------------------------------------------------------------

    def statements(
        self, body: Sequence[d.Statement], scope: dict[str, t.Type], depth: int
    ) -> list[str]:
        """Statements as lines; the scope has their names afterwards."""
        lines: list[str] = []
        for statement in body:
            lines += self.statement(statement, scope, depth)
        return lines

    def statement(self, one: d.Statement, scope: dict[str, t.Type], depth: int) -> list[str]:
        """One statement as lines."""
        match one:
            case d.Call():
                return self.call(one, scope, depth)[0]
            case d.Fork():
                self.needs |= {"rng-fork"}
            case d.TreeMap(_, place) if getattr(found(place, scope), "kind", "state") != "state":
                self.needs |= {"tree-modules"}
        return written(one, scope)

    # --- calls ------------------------------------------------------------------------------

    def entered(self, call: d.Call, scope: t.Scope, depth: int) -> tuple[Entered, list[str]]:
        """What a call's functions are given, and its arguments as text; raises Unfit."""
        row = self.registry.get(call.transform)
        if row is None:
            raise Unfit(f"there is no transform {call.transform}")
        if depth >= d.DEPTH:
            raise Unfit(f"calls stand more than {d.DEPTH} deep")
        arguments = [argument(operand, scope) for operand in call.args]
        types = tuple(type_ for _, type_ in arguments)
        first = 1 if call.style in BINDING else 0
        if len(arguments) < first:
            raise Unfit(f"a {call.style} needs an argument")
        options = row.read(call.options)
        given = types[first:]
        if row.needs_arguments and not given:
            raise Unfit(f"{row.name} needs an argument")
        if call.style == "factory" and not row.factory:
            raise Unfit(f"{row.name} makes no decorator of its options")
        row.check(options, given, depth)
        if call.keywords > (len(given) - row.placed(options, given) if row.named else 0):
            raise Unfit(f"{call.keywords} arguments cannot be given by name")
        self.needs = self.needs.union(row.features(options), *map(t.needs, types))
        return Entered(row, options, given, types[:first]), [text for text, _ in arguments]

    def call(self, call: d.Call, scope: dict[str, t.Type], depth: int) -> tuple[list[str], Any]:
        """A call as lines, and the type of its result, which is bound in the scope."""
        entered, given = self.entered(call, scope, depth)
        row = entered.row
        if not row.blocks[0] <= len(call.blocks) <= row.blocks[1]:
            raise Unfit(f"{row.name} does not take {len(call.blocks)} functions")
        lines: list[str] = []
        functions: list[str] = []
        returned: list[tuple[t.Type, ...]] = []
        for k, block in enumerate(call.blocks):
            alike = returned[0] if row.returned(k) == "alike" and returned else None
            name, more, types = self._function(call, k, block, entered, scope, depth, alike)
            functions.append(name)
            returned.append(types)
            lines += more
        if call.style in BINDING:
            functions, given = [self._bound(call, f, given[0]) for f in functions], given[1:]
        at = len(given) - call.keywords
        named = call.blocks[0].params[-call.keywords :] if call.keywords else ()
        given = [*given[:at], *map("{}={}".format, named, given[at:])]
        if call.style == "decorated":
            source = f"{given[0]}.{functions[0]}({', '.join(given[1:])})"
        else:
            options, types = entered.options, entered.given
            written = CallText(options, types, functions, given, call.name, call.style)
            *more, source = row.lines(written)
            lines += more
        result = row.leave(entered.options, entered.given, returned[0])
        if result is None:
            return [*lines, source], None
        bind(scope, call.name, result)
        return [*lines, f"{call.name} = {source}"], result

    def _bound(self, call: d.Call, function: str, first: str) -> str:
        if call.style == "partial":
            return f"functools.partial({function}, {first})"
        return first if function == "__call__" else f"{first}.{function}"

    def _function(
        self,
        call: d.Call,
        k: int,
        block: d.Block,
        entered: Entered,
        scope: t.Scope,
        depth: int,
        alike: tuple[t.Type, ...] | None,
    ) -> tuple[str, list[str], tuple[t.Type, ...]]:
        """The name of a function, the lines that define it, and the types of what it returns."""
        types = entered.parameters(k)
        if len(types) != len(block.params):
            raise Unfit(f"a function has {len(block.params)} parameters and gets {len(types)}")
        is_method = call.style in METHODS
        inner: dict[str, t.Type] = {} if is_method else dict(scope)
        for name, type_ in zip(block.params, types, strict=True):
            bind(inner, name, type_)
        own = block.params[len(entered.bound) :]
        signature, unpacking = entered.row.parameters(entered.options, k, own)
        signature = ", ".join([*block.params[: len(entered.bound)], *filter(None, [signature])])
        body = unpacking + self.statements(block.body, inner, depth + 1)
        results, kinds = self._returned(block, k, entered, inner, own, alike)
        value = entered.row.block(entered.options, k, own, results)
        if call.style == "lambda":
            if body:
                raise Unfit("a lambda has no statements")
            together = f"({value})" if ", " in value else value
            return f"lambda {signature}: {together}", [], kinds
        self._functions += 1
        calls = call.style == "instance" and k == 0  # a class has one such method
        name = "__call__" if calls else f"f{self._functions}"
        lines = [f"def {name}({signature}):", *indented([*body, f"return {value}"])]
        if call.style == "decorated":
            if not entered.row.decorates or not entered.given:
                raise Unfit(f"{entered.row.name} decorates no method")
            lines = [f"@{entered.row.decorator(entered.options, entered.given)}", *lines]
        if is_method:
            self._add_method((*entered.bound, *entered.given)[0], calls, lines)
            return name, [], kinds
        return name, lines, kinds

    def _add_method(self, of: t.Type, calls: bool, lines: list[str]) -> None:
        if not isinstance(of, t.Node) or of.kind != "module":
            raise Unfit("only a module has methods")
        methods = self.methods.setdefault(of.row, [])
        if calls and any(m.startswith("def __call__") for m in methods):
            raise Unfit("a class has one __call__")
        methods.append("\n".join(lines))

    def _returned(
        self,
        block: d.Block,
        k: int,
        entered: Entered,
        scope: t.Scope,
        names: Sequence[str],
        alike: tuple[t.Type, ...] | None,
    ) -> tuple[list[str], tuple[t.Type, ...]]:
        """What a block returns, as text and by type."""
        row, options, wanted = entered.row, entered.options, entered.row.returned(k)
        results = [argument(operand, scope) for operand in block.returns]
        types = [type_ for _, type_ in results]
        t.no_hijax(*types[row.carried(options, entered.given) if wanted == "carry" else 0 :])
        texts = [text for text, _ in results]
        is_float = bool(types) and isinstance(types[0], t.Array) and t.is_float(types[0])
        if wanted in ("float", "loss") and not is_float:
            raise Unfit("what is differentiated is a float")
        if wanted == "loss":
            texts[0] = f'jnp.sum({texts[0]}).astype("float32")'
            types[0] = t.Array(())
        elif wanted == "number":
            texts = [fitted(operand, scope, t.Array(())) for operand in block.returns]
            if len(texts) != 1:
                raise Unfit("a condition returns one number")
        elif wanted == "carry":
            count, first = row.carried(options, entered.given), len(row.leading)
            if len(results) < count:
                raise Unfit("a carry is missing")
            for at in range(count):
                name, was = names[first + at], scope[names[first + at]]
                if isinstance(was, t.Array):
                    texts[at] = fitted(block.returns[at], scope, was, whole=True)
                elif block.returns[at] != d.Read(d.Place(name)):
                    raise Unfit("an object of the carry is returned as itself")
                types[at] = was
        elif wanted == "alike" and alike is not None:
            if len(alike) != len(types):
                raise Unfit("branches return equally many")
            for at, want in enumerate(alike):
                if isinstance(want, t.Array):
                    texts[at] = fitted(block.returns[at], scope, want, whole=True)
                elif not t.same_form(types[at], want):
                    raise Unfit("branches return objects of one form")
            types = list(alike)
        return texts, tuple(types)
