"""How Flax and jax word their refusals, by who raises them, and what each names."""

from nnxfuzz.oracle.contract import naming as n
from nnxfuzz.oracle.contract.records import Wording

#: `nnx.while_loop` (and `fori_loop` up to 0.12.2), about the reference or pytree structure.
REFERENCE_STRUCTURE = Wording(
    "ValueError", "to have the same reference and pytree structure", n.a_key_path
)
#: Graph mode's `scan`.
CARRY_REFERENCES = Wording(
    "ValueError", "Carry references must be the same between iterations", n.a_place_of_the_carry
)
#: The modes without graph updates.
IDENTITY = Wording(
    "ValueError", "Variable identity must be preserved across iterations", n.what_it_was_handed
)
#: `jax.tree.map` over two structures, which Flax lets through; jax reworded it in 0.10.2.
TREES = Wording(
    "ValueError",
    r"(arity|key|type) mismatch|^Expected (None|tuple|named tuple|list|dict), got |"
    r"[Cc]ustom (node|dataclasss? node)|"
    r"[Cc]ustom node data|pytree structure error",
    n.a_key_path,
)
JAX_STRUCTURE = Wording(
    "TypeError", "carry output must have the same pytree structure", n.a_component
)
#: An array that the body adds under the trace is a new *static* attribute (see
#: `nnx_api.as_data`), and jax cannot compare the structures.  Whether this or the plain refusal is
#: raised depends on what jax has cached.
UNCOMPARABLE = Wording(
    "ValueError", "checking equality of metadata fields of pytree", n.what_it_was_handed
)
JAX_TYPES = Wording("TypeError", "carry output must have equal types", n.a_component)
#: `cond` or `switch` inside of the body.
BRANCH_TYPES = Wording("TypeError", "branches must have equal output types", n.an_inner_transform)
TRACE_LEVEL = Wording("TraceContextError", "from (a )?different trace level", n.a_class)
DUPLICATE = Wording("ValueError", r"^Duplicate ", n.two_places)
#: The same of `nnx.jit` in 0.12.5.
SEEN_TWICE = Wording("ValueError", "was already seen at .* does not support shared", n.two_places)
BROADCAST_WRITTEN = Wording(
    "ValueError", r"^Broadcast \(None axis\) Variable at", n.a_place_of_the_inputs
)
TREE_AXES = Wording("ValueError", "tree-mode scan only supports", n.the_call)
CAPTURED = Wording(
    "ValueError",
    "Cannot extract graph node from different trace level|Cannot return captured",
    n.a_class,
)
UNROLL = Wording(
    "ValueError", "Can only use `unroll` in `fori_loop` if the loop bounds", n.the_call
)
#: The modes without graph updates have no `StateAxes`.
STATE_AXES = Wording("ValueError", "cannot contain `StateAxes` objects", n.the_call)
#: `scan` in graph mode, and in the two others.
INCONSISTENT = Wording("ValueError", "Inconsistent aliasing", n.places_with_prefixes)
LENGTH = Wording("ValueError", "scan got `length` argument of", n.the_call)
PARTITION = Wording("ValueError", "Expected to remove|Expected axis", n.the_call)
#: Axes that may not be asked for.
CARRY_TWICE = Wording("ValueError", "Found multiple Carry", n.the_call)
CARRY_IN_ONE = Wording("ValueError", "If one of in_axes or out_axes has Carry", n.the_call)
CARRY_NESTED = Wording("ValueError", "Carry must (be a top|at the top)", n.the_call)
CARRY_OF_SEVERAL = Wording("ValueError", "must take exactly one argument", n.the_call)
OUTPUT_BROADCAST = Wording("ValueError", "Cannot broadcast output state", n.the_call)
OUTPUT_CARRIED = Wording("ValueError", "Cannot carry output state", n.the_call)
ARRAY_WITH_PARTS = Wording("ValueError", "Cannot use StateAxes on non-graph nodes", n.the_call)
BOUND = Wording("ValueError", "does not support bound methods", n.the_call)
