"""Places in the documentation that several records name."""

LOOPS_DOC = (
    'Docstrings of `nnx.fori_loop` and `nnx.while_loop`, 0.10.2 to 0.12.12: "you cannot change '
    'the variable reference structure of `init_val` inside `body_fun`"; "both data and modules '
    'of `T` must have the same reference structure between inputs and outputs" (no mode is '
    "excepted). Tests: `TestWhileLoop.test_ref_changed`, `test_structure_changed`."
)
SCAN_DOC = (
    'docs_nnx/guides/transforms.md, "Graph updates propagation": "`scan` only allows a fixed '
    '`carry` structure, so adding/removing sub-states declared as carry will cause an error". '
    "Tests: `TestScan.test_all_carry_new_reference_error`, `test_scan_carry_identity_error`."
)
JAX_DOC = (
    'Docstrings of `jax.lax.scan`, `while_loop` and `fori_loop`: the loop-carried value "must '
    'hold a fixed shape and dtype across all iterations [...] with a fixed structure".'
)
FLIP = 'docs_nnx/flip/5310-tree-mode-nnx.md (FLIP 5310, "Proposal")'
