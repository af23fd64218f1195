"""What a gate came to, in the forms that continuous integration reads: JUnit XML, annotations of
GitHub, SARIF.
"""

import json
import xml.etree.ElementTree as ET
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
    """A test for each entry, one for the search, and one for each of its finds."""
    suite = ET.Element("testsuite", name="nnxfuzz gate")
    for one in came.entries:
        _case(suite, "corpus", one)
    if came.fuzzed is not None:
        ET.SubElement(suite, "testcase", classname="fuzz", name=f"seed {came.fuzzed.seed}")
    for one in came.finds:
        _case(suite, "fuzz", one)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in suite)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in suite)))
    return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True))


def _case(suite: ET.Element, name: str, one: Compared) -> None:
    case = ET.SubElement(suite, "testcase", classname=name, name=one.path.stem)
    if one.brought:
        failure = ET.SubElement(case, "failure", message=one.seen)
        failure.text = sentence(one)
    elif one.after.outcome == "not applicable":
        ET.SubElement(case, "skipped", message=one.after.detail)


def github(came: Came) -> list[str]:
    """A workflow command for each regression, which GitHub shows as an annotation."""
    return [
        f"::error title={_escaped(f'nnxfuzz: {one.seen}', ':,')}::{_escaped(sentence(one))}"
        for one in came.brought
    ]


def _escaped(text: str, more: str = "") -> str:
    """Text as workflow commands want it."""
    return "".join(f"%{ord(c):02X}" if c in "%\r\n" + more else c for c in text)


def sarif(came: Came) -> bytes:
    """The regressions as SARIF 2.1.0, each at the file of its entry."""
    found = came.brought
    kinds = dict.fromkeys(one.kind for one in found)
    rules = [{"id": kind, "shortDescription": {"text": _RULES[kind]}} for kind in kinds]
    driver = {"name": "nnxfuzz", "semanticVersion": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "results": [_result(one) for one in found]}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    whole = {"$schema": schema, "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, indent=2).encode() + b"\n"


def _result(one: Compared) -> dict[str, Any]:
    path = one.path.as_uri() if one.path.is_absolute() else Path(one.path).as_posix()
    return {
        "ruleId": one.kind,
        "level": "error",
        "message": {"text": sentence(one)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": path}}}],
    }
