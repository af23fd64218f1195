"""Parts of a call program, and programs that are made of it, by which more is known of it."""

import re
import traceback

import msgspec

from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.walk import as_data
from nnxfuzz.programs.calls.writer import text
from nnxfuzz.transforms import REGISTRY

#: The file that tracebacks name for the text of a program.
FILE = "<call program>"


def lines_up_to(program: d.CallProgram, error: BaseException) -> list[str]:
    """The text of the program up to the line of its own that raised an exception."""
    frames = traceback.extract_tb(error.__traceback__)
    at = [f.lineno for f in frames if (f.filename, f.name) == (FILE, "program") and f.lineno]
    return text(program, REGISTRY).splitlines()[: at[-1]] if at else []


def first_of_two(program: d.CallProgram, error: BaseException) -> d.CallProgram | None:
    """The program with its first call alone, where it makes two and the second raises `error`;
    else None.
    """
    call = program.call
    *earlier, last = lines_up_to(program, error) or [""]
    called = earlier[-1].strip().partition("(")[0] if earlier else ""  # arguments may differ
    if not (call.options.get("twice") and called and re.search(rf" {called}[(.]", last)):
        return None
    left_out = dict.fromkeys({"twice", "ahead"} & call.options.keys(), False)
    once = msgspec.structs.replace(call, options=call.options | left_out)
    return msgspec.structs.replace(program, call=once)


def texts_of_each_function(program: d.CallProgram) -> list[str]:
    """The texts of programs in which each function runs at least once; none that is the program."""
    calls = _each_function(program.call)
    programs = [msgspec.structs.replace(program, call=call) for call in calls]
    return [*dict.fromkeys(text(p, REGISTRY) for p in programs if programs != [program])]


def _each_function(call: d.Call) -> list[d.Call]:
    """The call with options by which one of its functions runs at least once, and so each call in
    that: as many of these as it takes for each function to run in one of them.
    """
    row, found = REGISTRY[call.transform], []
    for k, block in enumerate(call.blocks):
        options = as_data(row.tried(row.read(call.options), k))
        inside = [_each_function(s) if isinstance(s, d.Call) else [s] for s in block.body]
        for n in range(max(map(len, inside), default=1)):
            body = tuple(each[n % len(each)] for each in inside)
            block = msgspec.structs.replace(block, body=body)
            blocks = (*call.blocks[:k], block, *call.blocks[k + 1 :])
            found.append(msgspec.structs.replace(call, options=options, blocks=blocks))
    return found
