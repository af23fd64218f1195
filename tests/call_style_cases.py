"""Cases for the tests of `script`: the ways in which a transform is called."""

from typing import get_args

import msgspec
from script_cases import X0, X1, outputs
from wider_cases import AROUND, INPUTS, MIXED, WITHIN, WRITES, scanned

from nnxfuzz.programs.case import (
    CallStyle,
    Case,
    Form,
    Index,
    OfNode,
    Output,
    Part,
    Read,
    TupleSlot,
    Update,
    Wrong,
)

#: How the transform is called.
MANNERS: dict[str, Case] = {
    f"{call_style.asked} {call_style.body} {call_style.earlier} {kind}": msgspec.structs.replace(
        case, call_style=call_style
    )
    for kind, case in {
        "mixed": MIXED,
        "traced": AROUND["mixed traced"],
        "scanned": INPUTS["carry in the middle"],
    }.items()
    for call_style in (
        CallStyle("config"),
        CallStyle("context"),
        CallStyle(body="partial"),
        CallStyle(body="object", earlier="chained"),
        CallStyle("config", "module"),
        CallStyle("context", earlier="mode"),
    )
}
MANNERS["decorator"] = scanned(*WRITES, form=Form(style="decorator"))
MANNERS["carry alone"] = msgspec.structs.replace(
    MIXED, body=MIXED.body[:1] + MIXED.body[2:], form=Form(carry="alone")
)
MANNERS["no carry"] = scanned(
    Update((*X1, "p"), "add", Read(X0)),
    carry=(TupleSlot(),),
    form=Form(carry="none"),
    ys=outputs(Read((*X1, "p")), Index()),
)
MANNERS["no carry, one output"] = scanned(
    carry=(TupleSlot(),), form=Form(carry="none"), ys=outputs(Read(X0, total=True))
)
MANNERS["outputs by parts"] = msgspec.structs.replace(
    INPUTS["objects emitted"],
    ys=(Output(OfNode(1), (Part(1, "Cache"), Part(0))), *INPUTS["objects emitted"].ys[1:]),
)
_BOTH = scanned(*WRITES, ys=outputs(Read(X0)))
MANNERS |= {
    str(wrong): msgspec.structs.replace(_BOTH, form=Form(wrong=wrong)) for wrong in get_args(Wrong)
}
MANNERS["nested out, no outputs"] = scanned(*WRITES, form=Form(wrong="carry nested out"))
MANNERS["inner"] = msgspec.structs.replace(
    next(iter(WITHIN.values())), call_style=CallStyle("config", "object")
)
