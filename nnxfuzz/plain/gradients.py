"""`grad` and `value_and_grad`: derivatives by the Variables and arrays of the arguments.

`jax.grad` runs the function under a trace, where Flax forbids writing a Variable from outside.  So
the function runs on copies of its arguments, and of what else it reaches, which are made inside of
the trace; afterwards the originals are given what the copies hold (`tracing`).

What a gradient of a module is depends on the mode that the call asks for, as Flax documents it.  In
graph mode it is an `nnx.State` with the derivatives by the Params, or by what an `nnx.DiffState`
selects.  In the other modes it is a module of the same class with the derivatives by all that the
module holds.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.plain.arguments import in_order, optional
from nnxfuzz.plain.frame import call
from nnxfuzz.plain.modes import asks_for_updates, entered_untraced, mode_of, numbers_unchanged
from nnxfuzz.plain.objects import Copies, Keys, entries, held_by, is_array, is_data, is_object
from nnxfuzz.plain.tracing import Traced


@optional
def grad(
    f: Callable[..., Any],
    *,
    argnums: Any = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    allow_int: bool = False,
    reduce_axes: Sequence[Any] = (),
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Callable[..., Any]:
    """As `nnx.grad`: the derivatives of what `f` returns, and its second result if `has_aux`."""
    differentiated = value_and_grad(
        f,
        argnums=argnums,
        has_aux=has_aux,
        holomorphic=holomorphic,
        allow_int=allow_int,
        reduce_axes=reduce_axes,
        graph=graph,
        graph_updates=graph_updates,
    )

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, grads = differentiated(*args, **kwargs)
        return (grads, value[1]) if has_aux else grads

    return gradient


@optional
def value_and_grad(
    f: Callable[..., Any],
    *,
    argnums: Any = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    allow_int: bool = False,
    reduce_axes: Sequence[Any] = (),
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Callable[..., Any]:
    """As `nnx.value_and_grad`: what `f` returns, and its derivatives."""
    if reduce_axes:
        raise NotImplementedError("reduce_axes argument to grad is deprecated")
    options = {"holomorphic": holomorphic, "allow_int": allow_int}
    if asks_for_updates(graph, graph_updates):
        _refuse_repeated(argnums)

    @functools.wraps(f)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        mode, updates = mode_of(graph, graph_updates), asks_for_updates(graph, graph_updates)
        if updates:
            args, kwargs = in_order(f, args, kwargs), {}
        with (
            call(grad, mode, f, args=args, kwargs=kwargs) as seen,
            numbers_unchanged(mode, args, kwargs),
        ):
            args, kwargs = entered_untraced((args, kwargs), mode)
            wanted = Wanted(args, argnums, filtered=updates)
            seen.differentiates([] if allow_int else wanted.held())
            traced = Traced(f, args, kwargs, mode, seen, has_aux, derives=True)

            def total(arrays: list[Any]) -> Any:
                return traced.run(functools.partial(wanted.give, arrays))

            derive = jax.value_and_grad(total, has_aux=True, **options)
            (value, arrays), grads = derive(wanted.arrays())
            aux = traced.bring_out(arrays)
            return (value, aux) if has_aux else value, wanted.results(grads)

    return differentiated


def _refuse_repeated(argnums: Any) -> None:
    """ValueError, as of Flax, if an argument is asked for twice; with graph updates at once."""
    asked = argnums if isinstance(argnums, tuple | list) else (argnums,)
    places = [which.argnum if isinstance(which, nnx.DiffState) else which for which in asked]
    for k, place in enumerate(places):
        if place in places[:k]:
            raise ValueError(f"argnum {place} is repeated in argnums")


class Wanted:
    """What is differentiated by: Variables, arrays of nodes, and arrays in containers.

    `filtered`: of a node only what a filter selects, by default the Params.
    """

    def __init__(self, args: tuple[Any, ...], argnums: Any, filtered: bool) -> None:
        self.single = isinstance(argnums, int | nnx.DiffState)
        self.filtered = filtered
        self.args = args
        #: What the arguments are before the call: a derivative has "the same shape and type as
        #: the positional argument" (docstring of `jax.grad`), whatever the function makes of it.
        self.before = Copies()
        self.before.of(args)
        self.numbers: list[int] = []
        #: Where each is: a Variable; a node, an attribute and a place in it; an argument and a
        #: place in it.
        self.variables: dict[int, tuple[Any, int]] = {}
        self.attributes: dict[tuple[int, str, int], tuple[Any, int]] = {}
        self.leaves: dict[tuple[int, int], int] = {}
        self.found: list[Any] = []
        self.nodes: set[int] = set()
        #: The Variables that the result has already: what stands again elsewhere is empty there.
        self.told: set[int] = set()
        #: The keys, from an argument's node, of each Variable and attribute found in it.
        self.placed: dict[int, list[tuple[Keys, str, Any]]] = {}
        wanted = [self._asked(which) for which in ((argnums,) if self.single else argnums)]
        # What stands in several arguments is told of the first of them, in whatever order they are
        # asked for.
        for number, filtered_by in sorted(wanted, key=lambda asked: asked[0]):
            self._argument(number, filtered_by)

    def _asked(self, which: Any) -> tuple[int, Any]:
        """The position of an argument that is asked for, and the filter."""
        wanted: Any = nnx.Param
        if isinstance(which, nnx.DiffState):
            which, wanted = which.argnum, which.filter
        number: int = which % len(self.args) if which < 0 else which
        if number in self.numbers:
            raise ValueError(f"argnum {number} is repeated in argnums")
        if number >= len(self.args):
            raise ValueError(f"argnums has {number}, and there are {len(self.args)} arguments")
        self.numbers.append(number)
        return number, wanted

    def _argument(self, number: int, wanted: Any) -> None:
        matches = nnx.filterlib.to_predicate(wanted if self.filtered else ...)
        for k, place in enumerate(entries(self.args[number])):
            if nnx_api.is_variable(place.thing):
                self._variable(place.thing)
            elif nnx_api.is_node(place.thing):
                self._node(place.thing, (), matches, self.placed.setdefault(id(place.thing), []))
            elif is_data(place.thing):
                self.leaves[number, k] = self._next(place.thing)

    def _next(self, array: Any) -> int:
        self.found.append(array)
        return len(self.found) - 1

    def _variable(self, variable: Any) -> bool:
        if id(variable) in self.variables:
            return False
        self.variables[id(variable)] = variable, self._next(nnx_api.get_raw(variable))
        return True

    def _node(self, node: Any, keys: Keys, matches: Any, placed: list[Any]) -> None:
        if id(node) in self.nodes:
            return
        self.nodes.add(id(node))
        for held in held_by(node, keys):
            name = str(held.keys[-1])
            for k, place in enumerate(entries(held.thing, held.keys)):
                thing = place.thing
                if nnx_api.is_node(thing):
                    self._node(thing, place.keys, matches, placed)
                elif nnx_api.is_variable(thing):
                    if matches(place.keys, thing) and self._variable(thing):
                        placed.append((place.keys, "variable", thing))
                elif is_array(thing) and matches(place.keys, thing):
                    self.attributes[id(node), name, k] = node, self._next(thing)
                    placed.append((place.keys, "array", (id(node), name, k)))

    # --- in and out of the trace ------------------------------------------------------------

    def arrays(self) -> list[Any]:
        """What is differentiated by."""
        return self.found

    def held(self) -> list[tuple[Any, str, Any]]:
        """The same, of what objects hold: the object, the attribute of a node, and the array."""
        of_variables = [(variable, "", self.found[at]) for variable, at in self.variables.values()]
        of_nodes = self.attributes.items()
        return of_variables + [
            (node, name, self.found[at]) for (_, name, _), (node, at) in of_nodes
        ]

    def give(self, arrays: list[Any], copies: Copies) -> tuple[Any, ...]:
        """The copies of the arguments, with these arrays."""
        mine = copies.of(self.args)
        for variable, at in self.variables.values():
            nnx_api.set_raw(copies.of(variable), arrays[at])
        for (_, name, k), (node, at) in self.attributes.items():
            _replace(copies.of(node), name, k, arrays[at])
        return tuple(self._with_leaves(n, value, arrays) for n, value in enumerate(mine))

    def _with_leaves(self, number: int, value: Any, arrays: list[Any]) -> Any:
        leaves, tree = jax.tree.flatten(value, is_leaf=is_object)
        for (of, k), at in self.leaves.items():
            if of == number:
                leaves[k] = arrays[at]
        return jax.tree.unflatten(tree, leaves)

    def results(self, grads: list[Any]) -> Any:
        """The derivatives, in the form of the arguments that were asked for."""
        copies = Copies()
        for variable, at in self.variables.values():
            like = self.before.of(variable)
            copies.made[id(like)] = like, nnx_api.variable_copied(like, grads[at])
        made = {number: self._result(number, grads, copies) for number in sorted(self.numbers)}
        return made[self.numbers[0]] if self.single else tuple(made[n] for n in self.numbers)

    def _result(self, number: int, grads: list[Any], copies: Copies) -> Any:
        value = self._with_leaves(number, self.args[number], grads)
        if self.filtered:
            leaves, tree = jax.tree.flatten(value, is_leaf=is_object)
            return jax.tree.unflatten(tree, [self._state(leaf, grads, copies) for leaf in leaves])
        mine = copies.of(self.before.of(value))
        for (_, name, k), (node, at) in self.attributes.items():
            like = self.before.of(node)
            if id(like) in copies.made:
                _replace(copies.of(like), name, k, grads[at])
        return mine

    def _state(self, leaf: Any, grads: list[Any], copies: Copies) -> Any:
        """The derivatives by a module as a State, by a Variable as what a State holds of it."""
        if nnx_api.is_variable(leaf):
            again = id(leaf) in self.told
            self.told.add(id(leaf))
            return nnx.State({}) if again else copies.of(self.before.of(leaf)).to_state()
        if not nnx_api.is_node(leaf):
            return leaf
        tree: dict[Any, Any] = {}
        self.told |= {id(variable) for variable in nnx_api.variables_below(leaf)}
        for keys, kind, found in self.placed[id(leaf)]:
            below = tree
            for key in keys[:-1]:
                below = below.setdefault(key, {})
            if kind == "variable":
                below[keys[-1]] = copies.of(self.before.of(found)).to_state()
            else:
                below[keys[-1]] = grads[self.attributes[found][1]]
        self.placed[id(leaf)] = []  # what stands again elsewhere is empty there
        return nnx.State(tree)


def _replace(node: Any, name: str, at: int, array: Any) -> None:
    """Put an array in the place of the one at a place of an attribute."""
    value = nnx_api.attributes(node)[name]
    leaves, tree = jax.tree.flatten(value, is_leaf=is_object)
    leaves[at] = array
    nnx_api.set_copied(node, name, jax.tree.unflatten(tree, leaves))
