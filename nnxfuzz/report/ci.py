"""What a gate came to, in the forms that continuous integration reads: JUnit XML, annotations of
GitHub, SARIF.
"""

import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnxfuzz import __version__
from nnxfuzz.releases.gate import Came, Compared

#: What each kind of finding means, as the rule of a tool.
_RULES = {
    "wrong-world": "Accepted, but what is left behind differs from what plain Python leaves",
    "spurious-refusal": "Refused, though no documented reason to refuse holds",
    "internal-error": "Failed with something that is no documented refusal",
    "poisoned-state": "After a refusal or an exception the caller's objects are damaged",
    "crash": "The process died",
    "hang": "The program ran past its time",
}


def sentence(one: Compared) -> str:
    """A regression in one line."""
    return f"{one.seen}; baseline: {one.told()}; see nnxfuzz show {one.path}"


def junit(came: Came) -> bytes:
    """A test for each entry, one for the search, and one for each of its finds; what fails for one
    cause names the first of it.
    """
    first = {one.path: ones[0] for ones in came.causes for one in ones}
    suite = ET.Element("testsuite", name="nnxfuzz gate")
    for one in came.entries:
        _case(suite, "corpus", one, first.get(one.path))
    if came.fuzzed is not None:
        case = ET.SubElement(suite, "testcase", classname="fuzz", name=f"seed {came.fuzzed.seed}")
        if came.too_few:
            ET.SubElement(case, "error", message=came.too_few)
    for one in came.finds:
        _case(suite, "fuzz", one, first.get(one.path))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in suite)))
    suite.set("errors", str(sum(case.find("error") is not None for case in suite)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in suite)))
    return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True))


def _case(suite: ET.Element, name: str, one: Compared, first: Compared | None) -> None:
    case = ET.SubElement(suite, "testcase", classname=name, name=one.path.stem)
    if first is not None:
        failure = ET.SubElement(case, "failure", message=one.seen)
        like = f"; like {first.path}" if first is not one else ""
        failure.text = sentence(one) + like
    elif one.after.outcome == "not applicable":
        ET.SubElement(case, "skipped", message=one.after.detail)


def github(came: Came) -> list[str]:
    """A workflow command for each cause of regressions, which GitHub shows as an annotation."""
    return [
        f"::error title={_escaped(f'nnxfuzz: {one.seen}', ':,')}::"
        f"{_escaped(sentence(one) + _and(more))}"
        for one, *more in came.causes
    ]


def _and(more: Sequence[Compared]) -> str:
    """Those that are like the one that is told."""
    return f"; like it: {', '.join(other.path.stem for other in more)}" if more else ""


def _escaped(text: str, more: str = "") -> str:
    """Text as workflow commands want it."""
    return "".join(f"%{ord(c):02X}" if c in "%\r\n" + more else c for c in text)


def sarif(came: Came) -> bytes:
    """The regressions as SARIF 2.1.0: a result for each cause, at the files of its entries."""
    kinds = dict.fromkeys(one.kind for one, *_ in came.causes)
    rules = [{"id": kind, "shortDescription": {"text": _RULES[kind]}} for kind in kinds]
    driver = {"name": "nnxfuzz", "semanticVersion": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "results": [_result(*ones) for ones in came.causes]}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    whole = {"$schema": schema, "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, indent=2).encode() + b"\n"


def _result(one: Compared, *more: Compared) -> dict[str, Any]:
    return {
        "ruleId": one.kind,
        "level": "error",
        "message": {"text": sentence(one) + _and(more)},
        "locations": [_location(one)],
        "relatedLocations": [_location(other) for other in more],
    }


def _location(one: Compared) -> dict[str, Any]:
    path = one.path.as_uri() if one.path.is_absolute() else Path(one.path).as_posix()
    return {"physicalLocation": {"artifactLocation": {"uri": path}}}
