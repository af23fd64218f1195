"""Cases for the tests of `script`: the ways in which a transform is called."""

import msgspec
from wider_cases import AROUND, INPUTS, MIXED, WITHIN, WRITES, scanned

from nnxfuzz.case import Case, Form, Manner

#: How the transform is called.
MANNERS: dict[str, Case] = {
    f"{manner.asked} {manner.body} {manner.earlier} {kind}": msgspec.structs.replace(
        case, manner=manner
    )
    for kind, case in {
        "mixed": MIXED,
        "traced": AROUND["mixed traced"],
        "scanned": INPUTS["carry in the middle"],
    }.items()
    for manner in (
        Manner("config"),
        Manner("context"),
        Manner(body="partial"),
        Manner(body="object", earlier="chained"),
        Manner("config", "module"),
        Manner("context", earlier="mode"),
    )
}
MANNERS["decorator"] = scanned(*WRITES, form=Form(style="decorator"))
MANNERS["inner"] = msgspec.structs.replace(
    next(iter(WITHIN.values())), manner=Manner("config", "object")
)
