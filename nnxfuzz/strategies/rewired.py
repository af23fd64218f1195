"""Versions of a user's own arguments: `rewired`.

A step that works on the modules that its author tried may break on others of the same types: two
submodules that are one, a Variable that two modules hold, a batch of one row, a loop of no trip.
`rewired` draws such versions.  Each choice comes to "as it was made" when Hypothesis shrinks it, so
that what is left is the smallest rewiring under which a step breaks.
"""

from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis import strategies as st

from nnxfuzz.programs.errors import Misuse


def rewired(
    args: Callable[[], Any],
    *,
    sharing: bool = True,
    numbers: bool = True,
    seeds: bool = True,
    sizes: bool = True,
    trips: bool = True,
) -> st.SearchStrategy[Any]:
    """A strategy of versions of the arguments that `args()` makes, usually a tuple.

    - `sharing`: a submodule or a Variable becomes one with an earlier one of the same type, shapes
      and dtypes; one that stands at two places becomes two that hold the same.
    - `numbers`: Variables and arrays hold small integers in their own dtype.  A `Param` or an array
      of floats outside of modules has some of -2 to 2, another Variable of floats 0 to 2 (a
      variance is not negative).  Integers stay between the least and the largest that were there,
      as tokens have to.
    - `seeds`: keys of random streams are others.
    - `sizes`: arrays outside of modules that have the same leading size get another one (0, 1, 2
      or 3 rows), unless a Variable has that leading size too.
    - `trips`: an int outside of modules, such as a trip count, becomes 0, 1, 2 or 3.

    The default of each choice is what `args()` made, and Hypothesis shrinks to it.  A failing
    example comes with a note that says what was rewired.  `args` is called once for each example.

    Raises Misuse if `args` is no function, fails, returns nothing that can be rewired, or returns
    the same modules each time.

    >>> import hypothesis
    >>> from flax import nnx
    >>> from nnxfuzz.strategies import rewired
    >>> def pair():
    ...     return nnx.Embed(3, 2, rngs=nnx.Rngs(0)), nnx.Embed(3, 2, rngs=nnx.Rngs(1))
    >>> one, other = hypothesis.find(rewired(pair), lambda args: args[0] is args[1])
    """
    if not callable(args):
        kind = type(args).__name__
        raise Misuse(
            f"rewired needs a function that makes the arguments, not a {kind}; "
            "write rewired(lambda: ...)"
        )
    options = {
        "sharing": sharing,
        "numbers": numbers,
        "seeds": seeds,
        "sizes": sizes,
        "trips": trips,
    }
    wanted = {name for name, on in options.items() if on}
    checked: list[bool] = []

    @st.composite
    def versions(draw: st.DrawFn) -> Any:
        from nnxfuzz.strategies.rewiring import Version

        if not checked:
            _check_new(args)
            checked.append(True)
        drawn = Version(draw, _made(args), wanted)
        if hypothesis.currently_in_test_context():
            hypothesis.note("rewired: " + ("; ".join(drawn.told) or "as it was made"))
        return drawn.value

    return versions()


def _made(args: Callable[[], Any]) -> Any:
    """What the user's function makes.  Raises Misuse."""
    try:
        return args()
    except Exception as error:
        told = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
        raise Misuse(
            f"the function given to rewired raised {told}; it has to return the arguments"
        ) from error


def _check_new(args: Callable[[], Any]) -> None:
    """Raises Misuse if the function makes no new objects each time."""
    from nnxfuzz.strategies.rewiring import held_by_both

    both = held_by_both(_made(args), _made(args))
    if both is not None:
        raise Misuse(
            f"the function given to rewired returns the same {type(both).__name__} each time, "
            "which an example may change; make it in the function"
        )
