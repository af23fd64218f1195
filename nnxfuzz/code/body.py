"""The body of a case as Python statements; the meaning is that of `nnxfuzz.body`.

One trip takes the carry's containers apart into named places, lets the statements act on them, and
returns the same containers put together again.
"""

from typing import assert_never

from nnxfuzz.case import (
    Bind,
    Call,
    Case,
    Const,
    DictSlot,
    Drop,
    Index,
    Input,
    ListSlot,
    Make,
    NoneSlot,
    Operand,
    Path,
    Raise,
    Read,
    Slot,
    Statement,
    Swap,
    TupleSlot,
    Update,
)
from nnxfuzz.code.names import Names, is_prefix, row_at
from nnxfuzz.code.objects import Lines, Objects, bare, joined
from nnxfuzz.code.scene import PROMOTION, Scene, Thing

#: The exception that a `Raise` raises; a script that needs it defines it.
BODY_ERROR = ["class BodyError(RuntimeError):", '    """What the body raises."""']

OPERATORS = {"add": "+", "mul": "*"}


class BodyCode:
    """Writes the body of one case."""

    def __init__(self, case: Case, names: Names) -> None:
        self.case = case
        self.names = names
        self.objects = Objects(case, names)
        self.scene = Scene(case)

    def lines(self) -> Lines:
        """The statements, without the taking apart and the return; ends at a `raise`."""
        found: Lines = []
        for statement in self.case.body:
            found += self.statement(statement)
            self.scene.play(statement)
            if isinstance(statement, Raise):
                break
        return found

    def raises(self) -> bool:
        """Whether every trip ends in a `raise`."""
        return any(isinstance(s, Raise) for s in self.case.body)

    # --- the carry --------------------------------------------------------------------------

    def pattern(self, source: str) -> tuple[str, Lines]:
        """What to unpack the carry into, and lines for the dicts, which have no pattern.

        A pattern that is `source` itself needs no unpacking.
        """
        lines: Lines = []
        text = self._pattern(0, ("carry",), source, lines)
        return text, lines

    def _pattern(self, row: int, path: Path, source: str, lines: Lines) -> str:
        """The pattern of one row; appends to `lines` what has to be done after it."""
        slot = self.case.carry[row]
        name = self.names.slots.get(path)
        if name is not None:
            lines += [self._copied(p) for p in self.names.edited if is_prefix(path, p)]
            return "_" if isinstance(slot, NoneSlot) and not self._mentioned(path) else name
        match slot:
            case TupleSlot(items) | ListSlot(items):
                later: Lines = []
                parts = [
                    self._pattern(item, (*path, k), f"part{item}", later)
                    for k, item in enumerate(items)
                ]
                lines += later
                kind = "list" if isinstance(slot, ListSlot) else "tuple"
                return joined(parts, kind) if parts else "_"
            case DictSlot(entries):
                for key, item in entries.items():
                    later = []
                    part = self._pattern(item, (*path, key), f"part{item}", later)
                    lines += [f'{bare(part)} = {source}["{key}"]', *later] if part != "_" else []
                return source if entries else "_"
            case _:
                raise AssertionError(f"a leaf of the carry has no name: {path}")

    def _copied(self, path: Path) -> str:
        """A container of the carry as one that may be changed without changing the caller's."""
        row = row_at(self.case, path)
        slot = None if row is None else self.case.carry[row]
        place, kind = self.names.place(path), "dict" if isinstance(slot, DictSlot) else "list"
        return f"{place} = {kind}({place})  # a copy, to change it"

    def _mentioned(self, path: Path) -> bool:
        """Whether the body names the place at all (`None`s usually go unnamed)."""
        paths = [p for s in self.case.body for p in _places(s)]
        return any(is_prefix(path, p) for p in paths)

    def rebuilt(self) -> str:
        """The carry, put together again."""
        return self._rebuilt(0, ("carry",))

    def _rebuilt(self, row: int, path: Path) -> str:
        slot: Slot = self.case.carry[row]
        name = self.names.slots.get(path)
        if name is not None:
            if isinstance(slot, NoneSlot) and not self._mentioned(path):
                return "None"
            listed = path in self.names.edited and isinstance(slot, TupleSlot)
            return f"tuple({name})" if listed else name
        match slot:
            case TupleSlot(items) | ListSlot(items):
                kind = "list" if isinstance(slot, ListSlot) else "tuple"
                return joined([self._rebuilt(i, (*path, k)) for k, i in enumerate(items)], kind)
            case DictSlot(entries):
                pairs = [f'"{k}": {self._rebuilt(i, (*path, k))}' for k, i in entries.items()]
                return "{" + ", ".join(pairs) + "}"
            case _:
                raise AssertionError(f"a leaf of the carry has no name: {path}")

    def ys(self) -> str:
        """What a trip of scan emits, as a tuple."""
        return joined([self._emitted(operand) for operand in self.case.ys])

    def _emitted(self, operand: Operand) -> str:
        # A Const has no target to take its dtype from, so here it is an array of its own.
        if isinstance(operand, Const):
            return f"jnp.array({operand.value}, jnp.int32)"
        return self.operand(operand)

    # --- statements -------------------------------------------------------------------------

    def statement(self, statement: Statement) -> Lines:
        """One statement as lines."""
        place = self.names.place
        match statement:
            case Update():
                return [self._update(statement)]
            case Swap(at, other):
                return [f"{place(at)}, {place(other)} = {place(other)}, {place(at)}"]
            case Bind(at, source):
                return [f"{place(at)} = {place(source)}"]
            case Make(at, what):
                lines, made = self.objects.fresh(what)
                return [*lines, f"{place(at)} = {made}"]
            case Drop(at):
                return [f"del {place(at)}"]
            case Raise():
                return ['raise BodyError("raised by the body")']
            case other:
                assert_never(other)

    def value(self, path: Path) -> str:
        """What the Variable or array at `path` holds."""
        variable = self.scene.get(path).kind == "variable"
        return self.names.place(path) + (".value" if variable else "")

    def operand(self, operand: Operand) -> str:
        """The operand in its own dtype."""
        match operand:
            case Const(value):
                return str(value)
            case Index():
                return "i"
            case Read(at, total):
                text = self.value(at)
            case Input(x, total):
                text = input_names(self.case)[x]
            case Call(layer, at, total):
                text = f"{self.names.place(layer)}({self.value(at)})"
            case other:
                assert_never(other)
        return f"jnp.sum({text})" if total else text

    def _update(self, update: Update) -> str:
        target = self.scene.get(update.at)
        dtype = update.dtype or target.dtype
        if update.op == "set":
            result = self._set(update, target, dtype)
        else:
            result = self._combined(update, target, dtype)
        place = self.names.place(update.at)
        if target.kind != "variable":
            return f"{place} = {result}"
        return f"{place}{'[...]' if update.style == 'setitem' else '.value'} = {result}"

    def _set(self, update: Update, target: Thing, dtype: str) -> str:
        """The operand in the target's shape and the result's dtype."""
        operand = self.scene.operand(update.operand)
        text, current = self.operand(update.operand), self.value(update.at)
        if operand.kind == "array" and operand.shape == target.shape:
            return text if operand.dtype == dtype else f"{text}.astype({_jnp(dtype)})"
        if operand.shape == ():
            cast = "" if dtype == target.dtype else f", {_jnp(dtype)}"
            return f"jnp.full_like({current}, {text}{cast})"
        cast = "" if operand.dtype == dtype else f".astype({_jnp(dtype)})"
        return f"jnp.broadcast_to({text}{cast}, {target.shape})"

    def _combined(self, update: Update, target: Thing, dtype: str) -> str:
        """The sum or product, with casts only where jax would promote to another dtype."""
        current = self._cast(self.value(update.at), target, dtype, always=target.dtype != dtype)
        if isinstance(update.operand, Const) and update.op == "add" and update.operand.value < 0:
            return f"{current} - {-update.operand.value}"
        operand = self.scene.operand(update.operand)
        text = self.operand(update.operand)
        if not isinstance(update.operand, Const | Index):
            weak = target.kind == "number" and operand.dtype != dtype
            text = self._cast(text, operand, dtype, always=weak)
        return f"{current} {OPERATORS[update.op]} {text}"

    def _cast(self, text: str, thing: Thing, dtype: str, always: bool) -> str:
        if not always and PROMOTION.index(thing.dtype) <= PROMOTION.index(dtype):
            return text
        if thing.kind == "number":
            return f"jnp.asarray({text}, {_jnp(dtype)})"
        return f"{text}.astype({_jnp(dtype)})"


def input_names(case: Case) -> list[str]:
    """The names of this trip's slices of `xs`."""
    return ["x"] if len(case.xs) == 1 else [f"x{k}" for k in range(len(case.xs))]


def _jnp(dtype: str) -> str:
    return "jnp.bool_" if dtype == "bool" else f"jnp.{dtype}"


def _places(statement: Statement) -> list[Path]:
    """Every place that the statement names."""
    match statement:
        case Update(at, _, Read(source)):
            return [at, source]
        case Update(at, _, Call(layer, source)):
            return [at, layer, source]
        case Update(at) | Make(at) | Drop(at):
            return [at]
        case Swap(at, other) | Bind(at, other):
            return [at, other]
        case Raise():
            return []
        case other:
            assert_never(other)
