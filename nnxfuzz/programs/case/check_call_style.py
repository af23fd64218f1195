"""Rule W26: how the transform is called.

The rule is stated in the box of `check`.
"""

from collections.abc import Iterator

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.problem import Problem
from nnxfuzz.programs.case.wrappers import steady


def call_style(case: t.Case) -> Iterator[Problem]:
    asked = case.call_style
    if asked.body != "function" and case.form.style == "keyword":
        reason = f"a body of the kind '{asked.body}' has no names for its parameters"
        remedy = "let it be a 'function', or call it by 'style' 'call'"
        yield Problem(26, "$.call_style.body", reason, remedy)
    if asked.earlier == "none":
        return
    if not steady(case):
        reason = "the body breaks a rule, so that the earlier loop may be refused"
        remedy = "leave it out, or keep to statements that only update"
        yield Problem(26, "$.call_style.earlier", reason, remedy)
    elif asked.earlier == "mode" and case.closure:
        reason = "the earlier loop has objects of its own, and the body has a closure"
        yield Problem(26, "$.call_style.earlier", reason, "use 'chained', or empty the closure")
