"""The well-formedness of a case: `check(case)` passes, or says which rule is broken and where.

A well-formed case can be built, run and printed by every other part without a further question;
whether Flax *accepts* the program is not asked here, since contract-breaking programs are wanted.
The checker is handed whatever has the shape of the schema, so it must not fail, and not take
long, on any of it.

This file states the rules and their order; `check_rows` and `check_body` hold the code, `limits`
the numbers.

+-- The rules -------------------------------------------------------------------------------+
| W0   the document is JSON and has the shape of the schema (`codec`)                        |
|      -- each row by itself --                                                              |
| W1   no table has more rows than `limits.ROWS`; the carry has at least its root            |
| W2   modules, sequences and carry slots have at most MAX_ENTRIES entries                   |
| W3   names of attributes and keys are short ASCII identifiers, no keyword, no leading      |
|      underscore, and no method of `nnx.Module`                                             |
| W4   arrays are small, and 'nan' and 'inf' fill float arrays only                          |
| W5   numbers are finite and small; tags and static strings are short and printable         |
| W6   the loop's bounds, trips, unroll and until.limit are within their limits              |
|      -- rows together --                                                                   |
| W7   every index names a row that exists                                                   |
| W8   the carry is a tree: each row but the root is named once, by a smaller-numbered row   |
| W9   all arrays together have at most MAX_TOTAL elements                                   |
| W10  each of xs has the trip count as its leading dimension                                |
|      -- the body --                                                                        |
| W11  a path starts with 'carry' or 'closure', is short, and leads to something: in the     |
|      initial structure, or to what an earlier 'make' put there                             |
| W12  what is read holds an array, what is updated can be, what is called is a layer        |
| W13  a called layer gets float32 with its in_features as the last dimension                |
| W14  until something moves, an operand broadcasts to its target's shape                    |
| W15  'swap' and 'bind' name two places, no roots, neither inside of the other              |
| W16  'make' names a place, or a new attribute of a module; 'drop' an attribute of a        |
|      module, or an entry of a list or dict of the carry                                    |
| W17  until.at is under 'carry'                                                             |
| W18  some transform has all that the case asks of its loop                                 |
+--------------------------------------------------------------------------------------------+

A place is a slot below the carry's root, or an attribute or item of a node.
"""

from nnxfuzz.case import check_body, check_rows
from nnxfuzz.case.problem import CaseError, Problem
from nnxfuzz.case.types import Case

__all__ = ["CaseError", "Problem", "check", "problems"]

#: A stage is asked only when the ones before hold, so that its rules may rely on them.
STAGES = (
    (check_rows.table_sizes,),
    (
        check_rows.row_sizes,
        check_rows.names,
        check_rows.array_values,
        check_rows.texts,
        check_rows.numbers,
        check_rows.layers,
        check_rows.loop,
    ),
    (check_rows.indices,),
    (check_rows.carry_tree, check_rows.total_elements, check_rows.xs_lengths),
    (check_body.body, check_body.until, check_body.transform),
)


def problems(case: Case) -> list[Problem]:
    """All broken rules of the first stage that finds any; empty if the case is well formed."""
    for stage in STAGES:
        found = [problem for rule in stage for problem in rule(case)]
        if found:
            return found
    return []


def check(case: Case) -> None:
    """Raise `CaseError` for the first broken rule, if any."""
    for problem in problems(case)[:1]:
        raise CaseError(problem.path, problem.reason, problem.remedy, problem.rule)
