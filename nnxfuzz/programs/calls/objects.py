"""The objects of a call program as text: the classes of its modules, and the function that makes
them.
"""

from collections.abc import Iterator, Mapping

from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.places import INDENT as _INDENT
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.layers import FUNCTIONS, LAYERS
from nnxfuzz.programs.text import array_code, literal, variable_code

#: What the text has before all else where it names it.
_NAMED = {
    "Custom(": "class Custom(nnx.Variable):\n    pass",
    "List(": 'List = getattr(nnx, "List", list)',
    "stacked(": """\
def stacked(make, size):
    return nnx.split_rngs(splits=size)(nnx.vmap(make))(nnx.Rngs(0))""",
    "add_one": "def add_one(variable, value):\n    return value + 1",
    "double": "def double(variable, value):\n    return value * 2",
    ", labels)": """\
def labels(params):
    def label(path, _):
        return "kernel" if "kernel" in jax.tree_util.keystr(path) else "rest"

    return jax.tree_util.tree_map_with_path(label, params)""",
} | {f"{name}(": "\n".join(lines) for name, lines in FUNCTIONS.items()}

_RULES = {
    "sgd": "optax.sgd(0.5)",
    "momentum": "optax.sgd(0.5, momentum=0.5)",
    "adam": "optax.adam(0.5)",
    "chain": "optax.chain(optax.clip(4.0), optax.trace(0.5), optax.scale(-0.5))",
    "partition": 'optax.partition({"kernel": optax.sgd(0.5), "rest": optax.adam(0.5)}, labels)',
    "masked": "optax.masked(optax.sgd(0.5), lambda p: jax.tree.map(lambda x: x.ndim > 1, p))",
    "second": "optax.MultiSteps(optax.sgd(0.5), 2).gradient_transformation()",
}


def written_objects(
    program: d.CallProgram, methods: Mapping[int, list[str]], body: str, helpers: Mapping[str, str]
) -> list[str]:
    """What `body` and the objects need, the classes, and the function `objects`; `methods` are
    those of the classes by row.
    """
    classes, making = list(_classes(program, methods)), "\n".join(_making(program))
    whole = "\n".join([*classes, making, body])
    needed = [text for name, text in (_NAMED | dict(helpers)).items() if name in whole]
    return [*needed, *classes, making]


def _classes(program: d.CallProgram, methods: Mapping[int, list[str]]) -> Iterator[str]:
    for row, node in enumerate(program.nodes):
        if isinstance(node, c.Module):
            parts = ["\n".join(_INDENT + x for x in m.split("\n")) for m in methods.get(row, [])]
            body = "\n\n".join(parts) or f"{_INDENT}pass"
            yield f"class M{row}(nnx.Module):\n{body}"


def _making(program: d.CallProgram) -> Iterator[str]:
    yield "def objects():"
    for row, variable in enumerate(program.variables):
        yield f"{_INDENT}v{row} = {variable_code(variable)}"
    done: set[int] = set()
    for row in range(len(program.nodes)):
        yield from _node(program, row, done)
    held = ", ".join(f"{name}={_attribute(a)}" for name, a in program.objects.items())
    yield f"{_INDENT}return dict({held})"


def _node(program: d.CallProgram, row: int, done: set[int]) -> Iterator[str]:
    """The lines that make a node, after those that make what it holds."""
    if row in done:
        return
    done.add(row)
    node = program.nodes[row]
    for held in _held(node).values():
        if isinstance(held, c.OfNode):
            yield from _node(program, held.node, done)
    match node:
        case c.Module(attributes):
            yield f"{_INDENT}n{row} = M{row}()"
            for name, held in attributes.items():
                yield f"{_INDENT}n{row}.{name} = {_attribute(held)}"
        case c.Sequence(items):
            yield f"{_INDENT}n{row} = List([{', '.join(map(_attribute, items))}])"
        case c.Mapping(items):
            named = ", ".join(f"{name}={_attribute(held)}" for name, held in items.items())
            yield f"{_INDENT}n{row} = nnx.Dict({named})"
        case _:
            yield f"{_INDENT}n{row} = {layer_text(node)}"


def _held(node: c.Node) -> Mapping[str, c.Attribute]:
    match node:
        case c.Module(attributes) | c.Mapping(attributes):
            return attributes
        case c.Sequence(items):
            return {str(k): held for k, held in enumerate(items)}
        case c.Optimizer(model):
            return {"model": c.OfNode(model)}
        case _:
            return {}


def layer_text(node: c.Node) -> str:
    """A new layer, streams, an optimizer or a metric."""
    match node:
        case c.Linear(stack=int(size)):
            return f"stacked(lambda rngs: nnx.Linear(2, 2, rngs=rngs), {size})"
        case c.Linear():
            ones = "nnx.initializers.ones"
            return f"nnx.Linear(2, 2, kernel_init={ones}, bias_init={ones}, rngs=nnx.Rngs(0))"
        case c.Layer("BatchNorm"):
            return "nnx.BatchNorm(2, momentum=0.5, rngs=nnx.Rngs(0))"
        case c.Layer("LayerNorm"):
            return "nnx.LayerNorm(2, rngs=nnx.Rngs(0))"
        case c.Layer("Dropout", seed):
            return f"nnx.Dropout(0.5, rngs=nnx.Rngs({seed}))"
        case c.Layer("MultiMetric"):
            return 'nnx.MultiMetric(loss=nnx.metrics.Average("loss"))'
        case c.Optimizer(model, rule, wrt):
            return f"nnx.Optimizer(n{model}, {_RULES[rule]}, wrt={wrt})"
        case c.Layer(kind, seed):
            return LAYERS[kind].make.format(rngs=f"nnx.Rngs({seed})")
        case c.Streams(seeds):
            return f"nnx.Rngs({', '.join(f'{name}={seed}' for name, seed in seeds.items())})"
        case _:
            raise Unfit(f"a call program has no {type(node).__name__}")


def _attribute(held: c.Attribute) -> str:
    match held:
        case c.OfVariable(row):
            return f"v{row}"
        case c.OfNode(row):
            return f"n{row}"
        case c.OfArray(array):
            return array_code(array)
        case c.OfStatic(value):
            return literal(value)
