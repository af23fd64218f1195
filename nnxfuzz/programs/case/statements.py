"""The body of a case: operands and statements."""

from typing import Literal

from nnxfuzz.programs.case.arms import How
from nnxfuzz.programs.case.base import DType, Tagged, TreePath
from nnxfuzz.programs.case.objects import Attribute

# --- operands -------------------------------------------------------------------------------


class Const(Tagged, frozen=True):
    """The number `value` in the dtype of the target."""

    value: int = 1


class Index(Tagged, frozen=True):
    """The loop's index i."""


class Read(Tagged, frozen=True):
    """What the Variable or array at `at` holds; its sum if `total`."""

    at: TreePath
    total: bool = False


class Call(Tagged, frozen=True):
    """The layer at `layer` applied to what `at` holds; its sum if `total`.

    A Linear takes what `at` holds as it is.  Any other layer takes an input of its own shape that
    counts up from the sum of what `at` holds, and `total` has to be set.
    """

    layer: TreePath
    at: TreePath
    total: bool = False


class Draw(Tagged, frozen=True):
    """A number (int32, shape (), below 2**16) made of the next key of the stream at `stream`.

    `fork` draws it from a fork of the stream's `nnx.Rngs` instead, which is then thrown away.
    """

    stream: TreePath
    fork: bool = False


Operand = Const | Index | Read | Call | Draw


# --- statements -----------------------------------------------------------------------------


class Update(Tagged, frozen=True):
    """`at <- op(at, operand)`, where `at` is a Variable, a raw array attribute or a carry array.

    The result has the dtype of the target, or `dtype` if given (which breaks the loop's rules
    when it differs).  `style` is how a Variable is written: `assign` (`v.value = x`, or
    `v.set_value(x)` on releases that have it), `setitem` (`v[...] = x`).
    """

    at: TreePath
    op: Literal["set", "add", "mul"] = "add"
    operand: Operand = Const()
    style: Literal["assign", "setitem"] = "assign"
    dtype: DType | None = None


class Swap(Tagged, frozen=True):
    """Exchange what two places hold.  At the carry: the body returns it permuted."""

    at: TreePath
    other: TreePath


class Bind(Tagged, frozen=True):
    """Let `at` hold the very object that `source` holds: aliasing."""

    at: TreePath
    source: TreePath


class Make(Tagged, frozen=True):
    """Let `at` hold a newly built `what`: un-aliasing, replacing, adding, changing a static."""

    at: TreePath
    what: Attribute


class Drop(Tagged, frozen=True):
    """Delete an attribute, or an entry of a list or dict of the carry."""

    at: TreePath


class Raise(Tagged, frozen=True):
    """Raise the program's own exception."""


class Everywhere(Tagged, frozen=True):
    """Add `value` to every number below `at`, all at once, as functional code does it.

    `via="update"`: `nnx.update(m, jax.tree.map(f, nnx.state(m)))`.  `via="merge"`: split, map,
    merge, and give the merged copy's state back with `nnx.update`.  At a state slot, `via` means
    nothing: the slot gets `jax.tree.map(f, state)`.
    """

    at: TreePath
    value: int = 1
    via: Literal["update", "merge"] = "update"


class Sow(Tagged, frozen=True):
    """`module.sow(nnx.Intermediate, name, operand)` on the module at `at`.

    `total` sows with a reduction that adds, so that a second sow keeps the structure.
    """

    at: TreePath
    name: str
    operand: Operand = Const()
    total: bool = False


class Pop(Tagged, frozen=True):
    """`nnx.pop(module, nnx.Intermediate)` of the module at `at`.

    With `named` there are two filters, and a state for each: the first is of the Intermediates of
    that name, the second of all that are left.
    """

    at: TreePath
    named: str | None = None


class Train(Tagged, frozen=True):
    """One step of training: the gradient of `sum(model(x) ** 2) / 2`, and `optimizer.update`.

    `x` has the model's input features and counts up from the sum of what `at` holds.
    """

    optimizer: TreePath
    model: TreePath
    at: TreePath


class Within(Tagged, frozen=True):
    """Run the statements of `blocks[block]` over the same carry inside of another transform.

    A loop runs them `times` times.  `jit` and `remat` run them once.  `cond` and `switch` run
    `block` if the sum of what `at` holds is positive, and `otherwise` (nothing, if None) if not.

    The transform is given the carry and, as further arguments, what stands at `args`: places below
    the inputs or the closure.  Whatever else the blocks name there they reach by closure.
    """

    block: int
    how: How = "fori_loop"
    times: int = 1
    at: TreePath | None = None
    otherwise: int | None = None
    args: tuple[TreePath, ...] = ()


Statement = Update | Swap | Bind | Make | Drop | Raise | Everywhere | Sow | Pop | Train | Within
