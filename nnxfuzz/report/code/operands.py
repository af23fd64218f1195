"""Operands and updates of a body as Python expressions."""

from typing import assert_never

from nnxfuzz.programs.case import Call, Case, Const, Draw, Index, Operand, Read, TreePath, Update
from nnxfuzz.report.code import layers
from nnxfuzz.report.code.names import Names
from nnxfuzz.report.code.scene import PROMOTION, Scene, Thing

OPERATORS = {"add": "+", "mul": "*"}


class Operands:
    """Writes the operands of one body, of which `scene` knows what stands where."""

    def __init__(self, case: Case, names: Names, scene: Scene) -> None:
        self.case = case
        self.names = names
        self.scene = scene

    def value(self, path: TreePath) -> str:
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
            case Call(layer, at, total):
                text = self._call(layer, at)
            case Draw(stream, fork):
                streams, name = self.names.place(stream[:-1]), stream[-1]
                return f"key_number({streams}{'.fork()' if fork else ''}.{name}())"
            case other:
                assert_never(other)
        return f"jnp.sum({text})" if total else text

    def _call(self, layer: TreePath, at: TreePath) -> str:
        kind = self.scene.get(layer).layer
        called, value = self.names.place(layer), self.value(at)
        if kind is None:
            return f"{called}({value})"
        return layers.called(kind, called, value, self.scene.get(at).dtype)

    def array(self, operand: Operand) -> str:
        """The operand as an array even where it is a Python number in a plain loop."""
        match operand:
            case Const(value):
                return f"jnp.array({value}, jnp.int32)"
            case Index():
                return "jnp.asarray(i, jnp.int32)"
            case _:
                return self.operand(operand)

    def row(self, at: TreePath, features: int) -> str:
        """What a model is trained on: a row that counts up."""
        thing = self.scene.get(at)
        return layers.counting(self.value(at), (1, features), thing.dtype, "float32")

    def update(self, update: Update) -> str:
        """An update as an assignment."""
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


def _jnp(dtype: str) -> str:
    return "jnp.bool_" if dtype == "bool" else f"jnp.{dtype}"
