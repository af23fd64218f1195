"""Judge scripts one after the other, to make one smaller: texts in, verdicts out, as JSON lines.

Runs in a process of its own, which may die of a script.
"""

import json
import os
import sys
from typing import Any


def main() -> None:
    """Answer each line of standard input."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        out.write(json.dumps(verdict_on(json.loads(line))) + "\n")
        out.flush()


def verdict_on(text: str) -> dict[str, Any]:
    """What the one call of a script comes to: transform, mode and verdict; or an error."""
    import nnxfuzz

    names: dict[str, Any] = {"__name__": "repro"}
    try:
        exec(compile(text, "<repro>", "exec"), names)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    with nnxfuzz.checking(modes="used") as report:
        try:
            names["call"]()
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
        else:
            told = ""
    return single(json.loads(report.json())) or {"error": told or "no call was judged"}


def single(report: dict[str, Any]) -> dict[str, Any] | None:
    """The verdict of a report on one call; None if there is not one."""
    if len(report["sites"]) != 1:
        return None
    (site,) = report["sites"]
    pairs = [(mode, verdict) for mode, found in site["verdicts"].items() for verdict in found]
    if len(pairs) != 1:
        return None
    ((mode, verdict),) = pairs
    return {"transform": site["transform"], "mode": mode, **verdict}


if __name__ == "__main__":
    main()
