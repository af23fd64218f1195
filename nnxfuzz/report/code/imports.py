"""The imports of an emitted program, as far as it uses them."""

import re

STANDARD = ("contextlib", "functools", "inspect", "sys", "types", "typing", "warnings")


def imports(body: str, *further: str) -> str:
    """The imports that the program uses, in the usual order, and `further` lines."""
    used = {
        name: re.search(rf"(?<![\w.]){name}\.", body)
        for name in (*STANDARD, "flax", "jax", "jnp", "np", "optax")
    }
    standard = [f"import {name}" for name in STANDARD if used[name]]
    lines = {"flax": "import flax", "jax": "import jax", "jnp": "import jax.numpy as jnp"}
    third = [line for name, line in lines.items() if used[name]]
    third += ["import numpy as np"] * bool(used["np"]) + ["import optax"] * bool(used["optax"])
    third += [*further, "from flax import nnx"]
    return "\n".join([*standard, *([""] if standard else []), *third])
