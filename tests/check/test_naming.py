"""Which of the observed objects a message names: the words of one release each."""

import pytest

from nnxfuzz.checker.naming import is_about
from nnxfuzz.plain.observations import Kind, Observation


def duplicate(one: str, other: str, by: str) -> str:
    """What 0.12.6 says of one Variable at two places."""
    places = f"found at paths:\n\n  - {one}\n  - {other}\n"
    return f"Duplicate Param( # 1\n)\n{places}\nnnx.{by} with graph_updates=False does not"


#: A message of 0.12.6, the transform, and where the plain run saw the object: where the message
#: is about it, and where it is about another one.
NAMED = {
    "the leaves of an argument": (
        duplicate(".args[0].leaves[0]", ".args[1].leaves[0]", "jit"),
        ("aliased", "jit_partial"),
        ("args[0].a.step", "args[1].step"),
        ("args[0].a.step", "args[2].step"),
    ),
    "the states of an argument": (
        duplicate(".args[0].leaves[0].states[0]", ".out.states[0]['b']", "jit"),
        ("argument-returned", "jit_partial"),
        ("args[0].b", "out.b"),
        ("args[1].b", "out.b"),
    ),
    "the carry among the arguments": (
        duplicate(".args[0][0].w", ".args[0][1].w", "scan"),
        ("aliased", "scan"),
        ("carry[0].w", "carry[1].w"),
        ("carry[0].w", "carry[2].w"),
    ),
    "the carry that is the only result": (
        duplicate(".out.a", ".out.b", "scan"),
        ("returned-twice", "scan"),
        ("carry.a", "carry.b"),
        ("carry.a", "carry.c"),
    ),
    "an argument of a custom_vjp": (
        "Variables in differentiable argument were mutated inside custom_vjp at "
        "[1].states[0]['kernel'].\nThis is not supported",
        ("argument-written", "custom_vjp"),
        ("args[1].kernel",),
        ("args[0].kernel",),
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_message_is_about_the_object_at_the_place_that_it_names(name: str) -> None:
    message, (kind, transform), its_own, of_another = NAMED[name]
    error = ValueError(message)

    def seen(paths: tuple[str, ...]) -> Observation:
        observed: Kind = kind  # type: ignore[assignment]
        return Observation(observed, transform, 0, 0, paths, "Param")

    assert is_about(seen(its_own), error)
    assert not is_about(seen(of_another), error)
