"""The well-formedness of a case: `check(case)` passes, or says which rule is broken and where.

A well-formed case can be built, run and printed by every other part without a further question;
whether Flax *accepts* the program is not asked here, since contract-breaking programs are wanted.
The checker is handed whatever has the shape of the schema, so it must not fail, and not take
long, on any of it.

This file states the rules and their order; the files `check_*` hold the code, `limits` the numbers.

+-- The rules -------------------------------------------------------------------------------+
| W0   the document is JSON and has the shape of the schema (`codec`)                        |
|      -- each row by itself --                                                              |
| W1   no table or block has more rows than `limits` says; the carry has at least its root   |
| W2   nodes and carry slots have at most MAX_ENTRIES entries, inputs MAX_PARTS parts        |
| W3   names of attributes, keys and streams are short ASCII identifiers, no keyword, no     |
|      leading underscore, and no method of the class that gets them                         |
| W4   arrays are small, and 'nan' and 'inf' fill float arrays only                          |
| W5   numbers are finite and small; tags, partition names and static strings are short and  |
|      printable; a Variable with partition names has one for each axis                      |
| W6   the loop's bounds, trips, unroll and until.limit, and form.length, are within limits  |
|      -- rows together --                                                                   |
| W7   every index names a row that exists                                                   |
| W8   the carry is a tree: each row but the root is named once, by a smaller-numbered row   |
| W9   all arrays together have at most MAX_TOTAL elements                                   |
| W10  what is scanned over has the trip count as the length of that axis: an array, every   |
|      Variable below; layers and streams are stacked for it, axis 0, and nowhere else       |
|      -- the body --                                                                        |
| W11  a path starts with 'carry', 'inputs' or 'closure', is short, and leads to something:  |
|      in the initial structure, or to what an earlier 'make' put there                      |
| W12  what is read holds an array, what is updated can be, what is called is a layer; keys  |
|      are drawn from a stream, an optimizer trains its own model, a module sows and pops,   |
|      'everywhere' has Variables only below it                                              |
| W13  a called linear layer gets float32 with its in_features as the last dimension; a call |
|      of any other layer is a total                                                         |
| W14  until something moves, an operand broadcasts to its target's shape                    |
| W15  'swap' and 'bind' name two places, no roots, nothing below inputs, neither inside of  |
|      the other; no statement moves a record of the carry, nor what holds one               |
| W16  'make' names a place, or a new attribute of a module; 'drop' an attribute of a        |
|      module, or an entry of a list or dict of the carry; 'sow' a name that is free or a    |
|      total's; none of it below inputs                                                      |
| W17  until.at is under 'carry'                                                             |
| W18  some transform has all that the case asks of its loop                                 |
|      -- inputs, layers, states, blocks and outputs --                                      |
| W19  parts are for nodes, the last is the rest, each Variable has one axis, several are    |
|      not for layers and streams; no raw array and no optimizer is cut                      |
| W20  what is stacked stands below inputs only                                              |
| W21  an optimizer's model is a single linear layer                                         |
| W22  a state is made of modules, mappings, linear layers, Variables and statics: a tree    |
|      that has no place elsewhere                                                           |
| W23  the positions of the carry are there, and it is 'alone' or not at all where there is  |
|      nothing beside, or nothing in it; 'wrong' has what it is about, and a form that is    |
|      the simplest one beside; 'keyword' and 'method' have inputs for the carry; a          |
|      length may contradict the trips only where something is scanned over; parts are those |
|      of a prefix where all objects have the same, none is carried, and no output has some  |
| W24  blocks hold updates and 'everywhere' only; 'cond' and 'switch' ask what `at` holds,   |
|      and nothing else does; an inner transform's `args` are nodes, Variables or arrays     |
|      that are inputs, below 'inputs' or 'closure', none inside of another                  |
| W25  outputs are numbers, Variables or acyclic nodes without raw arrays and optimizers,    |
|      along an axis that is there; the parts of a node are by type, each with an axis       |
| W26  a body that is no function takes nothing by keyword; where an earlier loop has it too |
|      it is steady, and if that is in another mode there is no closure                      |
| W27  what the closure reaches has no place in the carry or the inputs                      |
| W28  a Variable with a reference stands below what is scanned over along axis 0, in some   |
|      trips, or below the closure, nowhere else; it has no names and no hook, and all that  |
|      is done to it is 'update' by 'setitem'                                                |
+--------------------------------------------------------------------------------------------+

A place is a slot below the carry's root, an input, or an attribute or item of a node.
"""

from nnxfuzz.programs.case import (
    check_body,
    check_call_style,
    check_inputs,
    check_outputs,
    check_refs,
    check_rows,
    check_tables,
)
from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.problem import CaseError, Problem

__all__ = ["CaseError", "Problem", "check", "problems"]

#: A stage is asked only when the ones before hold, so that its rules may rely on them.
STAGES = (
    (check_rows.table_sizes,),
    (
        check_rows.row_sizes,
        check_rows.names,
        check_rows.array_values,
        check_rows.texts,
        check_rows.partition_names,
        check_rows.numbers,
        check_rows.layers,
        check_rows.loop,
    ),
    (check_tables.indices,),
    (check_tables.carry_tree, check_tables.total_elements, check_tables.optimizers),
    (
        check_tables.stacks,
        check_tables.states,
        check_tables.closures,
        check_inputs.inputs,
        check_inputs.form,
    ),
    (check_body.body, check_outputs.outputs, check_body.until, check_body.transform),
    (check_call_style.call_style, check_refs.references),
)


def problems(case: t.Case) -> list[Problem]:
    """All broken rules of the first stage that finds any; empty if the case is well formed."""
    for stage in STAGES:
        found = [problem for rule in stage for problem in rule(case)]
        if found:
            return found
    return []


def check(case: t.Case) -> None:
    """Raise `CaseError` for the first broken rule, if any."""
    for problem in problems(case)[:1]:
        raise CaseError(problem.path, problem.reason, problem.remedy, problem.rule)
