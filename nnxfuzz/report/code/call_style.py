"""How a transform is called, as source: the mode's defaults, and what the body is."""

from nnxfuzz.programs.case import CallStyle, Mode
from nnxfuzz.programs.text import indented
from nnxfuzz.report.code.helpers import Lines

#: The keyword arguments that select a mode.
MODE_ARGUMENTS: dict[Mode, str] = {
    "graph": "",
    "graph-frozen": "graph=True, graph_updates=False",
    "tree": "graph=False",
}

#: The argument that a release has to know to run in a mode.
NEEDED: dict[Mode, str] = {"graph": "", "graph-frozen": "graph_updates", "tree": "graph"}

#: The defaults of the configuration that are others than Flax's own.
_FLAGS: dict[Mode, str] = {
    "graph": "",
    "graph-frozen": "nnx_graph_updates=False",
    "tree": "nnx_graph_mode=False",
}

_CONTEXTS: dict[Mode, str] = {
    "graph": "nnx.set_graph_mode(True), nnx.set_graph_updates(True)",
    "graph-frozen": "nnx.set_graph_mode(True), nnx.set_graph_updates(False)",
    "tree": "nnx.set_graph_mode(False)",
}

#: The body by the name of what it is called, for each kind that is no function.
_MADE = {
    "partial": 'functools.partial({}, "tag")',
    "object": "Step({})",
    "wrapper": "Wrapped({})",
    "module": "StepModule({})",
}


#: What those are, in a line for people.
_TOLD = {
    "object": "# Step(f) is an object whose __call__ is f, called with the object first.",
    "wrapper": "# Wrapped(f) keeps f as its attribute f; its __call__ is f, called with it first.",
    "module": "# StepModule(f) is an nnx.Module whose __call__ is f, called with it first.",
}


def body_note(call_style: CallStyle) -> Lines:
    """What stands for the body, where its name does not say it."""
    return [_TOLD[call_style.body]] if call_style.body in _TOLD else []


def within_defaults(calls: Lines, mode: Mode, call_style: CallStyle) -> Lines:
    """The calls, with the defaults set around them where the keywords are left out."""
    match call_style.asked:
        case "config" if _FLAGS[mode]:
            return [f"with flags({_FLAGS[mode]}):", *indented(calls)]
        case "context":
            return [f"with {_CONTEXTS[mode]}:", *indented(calls)]
        case _:
            return calls


def made(function: str, name: str, call_style: CallStyle) -> Lines:
    """The line that makes the body of a function, under a name."""
    if call_style.body == "function":
        return []
    return ["", "", f"{name} = {_MADE[call_style.body].format(function)}"]
