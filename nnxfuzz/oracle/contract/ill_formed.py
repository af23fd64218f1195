"""Refusals of axes that may not be asked for: one record for each kind, in its own words."""

from nnxfuzz.oracle.contract import wordings as w
from nnxfuzz.oracle.contract.records import Refusal, Where, Wording
from nnxfuzz.programs.case import MODES, SCANS, WRAPPERS, Wrong
from nnxfuzz.programs.versions import OLDEST


def _record(id: str, when: str, wrong: tuple[Wrong, ...], wording: Wording, source: str) -> Refusal:
    return Refusal(
        id=id,
        when=when,
        reasons=lambda e: e.case.form.wrong in wrong,
        wordings=(wording,),
        source=source,
        where=Where(SCANS, MODES, WRAPPERS, OLDEST, None),
    )


_ITSELF = "The error's own text."

ILL_FORMED: tuple[Refusal, ...] = (
    _record(
        "carry-twice",
        "`nnx.Carry` is in `in_axes` or in `out_axes` twice",
        ("carry twice", "carry twice out"),
        w.CARRY_TWICE,
        f"Test: `test_double_carry_error`. For `out_axes` {_ITSELF.lower()}",
    ),
    _record(
        "carry-in-one",
        "`nnx.Carry` is in only one of `in_axes` and `out_axes`",
        ("carry in alone", "carry out alone"),
        w.CARRY_IN_ONE,
        "Test: `test_input_output_carry_mismatch_error`.",
    ),
    _record(
        "carry-nested",
        "`nnx.Carry` is inside of a container in `in_axes` or `out_axes`",
        ("carry nested", "carry nested out"),
        w.CARRY_NESTED,
        "Tests: `test_nested_carry_rejected`, `test_nested_carry_in_out_axes_rejected`.",
    ),
    _record(
        "carry-of-several",
        "`in_axes` is `nnx.Carry` and the function takes more than the carry",
        ("carry of several",),
        w.CARRY_OF_SEVERAL,
        _ITSELF,
    ),
    _record(
        "output-broadcast",
        "an output, or a part of one, is broadcast",
        ("output broadcast", "output part broadcast"),
        w.OUTPUT_BROADCAST,
        "Tests: `test_broadcast_in_output_error`, `test_broadcast_in_output_state_axes_error`.",
    ),
    _record(
        "output-carried",
        "a part of an output is carried",
        ("output part carried",),
        w.OUTPUT_CARRIED,
        _ITSELF,
    ),
    _record(
        "array-with-parts",
        "an array has an `nnx.StateAxes`",
        ("parts of an array",),
        w.ARRAY_WITH_PARTS,
        _ITSELF,
    ),
)
