"""How Flax and jax word their refusals, by who raises them."""

from nnxfuzz.contract.records import Wording

#: `nnx.while_loop` (and `fori_loop` up to 0.12.2), about the reference or pytree structure.
REFERENCE_STRUCTURE = Wording("ValueError", "to have the same reference and pytree structure")
#: Graph mode's `scan`.
CARRY_REFERENCES = Wording("ValueError", "Carry references must be the same between iterations")
#: The modes without graph updates.
IDENTITY = Wording("ValueError", "Variable identity must be preserved across iterations")
#: `jax.tree.map` over two structures, which Flax lets through; jax reworded it in 0.10.2.
TREES = Wording(
    "ValueError",
    r"(arity|key|type) mismatch|^Expected (None|tuple|named tuple|list|dict), got |"
    r"[Cc]ustom (node|dataclasss? node)|"
    r"[Cc]ustom node data|pytree structure error",
)
JAX_STRUCTURE = Wording("TypeError", "carry output must have the same pytree structure")
#: An array that the body adds under the trace is a new *static* attribute (see
#: `compat.as_data`), and jax cannot compare the structures.  Whether this or the plain refusal is
#: raised depends on what jax has cached.
UNCOMPARABLE = Wording("ValueError", "checking equality of metadata fields of pytree")
JAX_TYPES = Wording("TypeError", "carry output must have equal types")
TRACE_LEVEL = Wording("TraceContextError", "from (a )?different trace level")
DUPLICATE = Wording("ValueError", r"^Duplicate ")
#: `nnx.jit` of 0.12.5.
SHARED = Wording("ValueError", "does not support shared Variable references")
BROADCAST_WRITTEN = Wording("ValueError", r"^Broadcast \(None axis\) Variable .* was mutated")
TREE_AXES = Wording("ValueError", "tree-mode scan only supports")
CAPTURED = Wording(
    "ValueError", "Cannot extract graph node from different trace level|Cannot return captured"
)
UNROLL = Wording("ValueError", "Can only use `unroll` in `fori_loop` if the loop bounds")
#: The modes without graph updates have no `StateAxes`.
STATE_AXES = Wording("ValueError", "cannot contain `StateAxes` objects")
#: `scan` in graph mode, and in the two others.
INCONSISTENT = Wording("ValueError", "Inconsistent aliasing")
LENGTH = Wording("ValueError", "scan got `length` argument of")
PARTITION = Wording("ValueError", "Expected to remove|Expected axis")
#: Axes that may not be asked for.
CARRY_TWICE = Wording("ValueError", "Found multiple Carry")
CARRY_IN_ONE = Wording("ValueError", "If one of in_axes or out_axes has Carry")
CARRY_NESTED = Wording("ValueError", "Carry must (be a top|at the top)")
CARRY_OF_SEVERAL = Wording("ValueError", "must take exactly one argument")
OUTPUT_BROADCAST = Wording("ValueError", "Cannot broadcast output state")
OUTPUT_CARRIED = Wording("ValueError", "Cannot carry output state")
ARRAY_WITH_PARTS = Wording("ValueError", "Cannot use StateAxes on non-graph nodes")
BROADCAST_LEAVES = Wording("ValueError", "Scan does not support broadcast outputs")
BOUND = Wording("ValueError", "does not support bound methods")
