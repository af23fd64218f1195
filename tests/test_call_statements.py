"""Statements, arguments and results of call programs: the text of each, and what Flax does."""

from types import SimpleNamespace
from typing import Any, get_args

import jax.numpy as jnp
import pytest
from drawn import some_draws
from flax import nnx
from hypothesis import Phase, given, seed, settings

from nnxfuzz import nnx_api, plain
from nnxfuzz.campaign.fresh_draws import BACKEND
from nnxfuzz.checker.generated import examine
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.smaller import candidates
from nnxfuzz.programs.calls.types import Unfit
from nnxfuzz.programs.calls.walk import calls
from nnxfuzz.programs.calls.writer import needs, text
from nnxfuzz.programs.case import Arm
from nnxfuzz.programs.versions import version
from nnxfuzz.runners.kinds import available
from nnxfuzz.strategies.calls import call_programs
from nnxfuzz.transforms import REGISTRY
from nnxfuzz.transforms.jit import forgets

LINEAR = c.Linear(c.LinearConfig(2, 2, init="ones"))


def place(name: str, *path: str | int) -> d.Place:
    return d.Place(name, path)


def read(name: str, *path: str | int) -> d.Read:
    return d.Read(place(name, *path))


#: A module with two Variables, a layer, an optimizer of it, streams, a metric.
VARIABLES = (c.Variable(value=c.Array(shape=(2,))), c.Variable("Cache", c.Array(fill=3)))
NODES: tuple[c.Node, ...] = (
    c.Module({"a": c.OfVariable(0), "b": c.OfVariable(1)}),
    LINEAR,
    c.Optimizer(1, "sgd"),
    c.Streams({"params": 0}),
    c.Layer("MultiMetric"),
    c.Layer("Dropout"),
)
OBJECTS: dict[str, c.Attribute] = {f"m{k}": c.OfNode(k) for k in range(len(NODES))}


def program(
    *body: Any, transform: str = "jit", returns: tuple[Any, ...] = (), args: Any = None, **more: Any
) -> d.CallProgram:
    """A transform of a function with this body, which is given all objects as p0, p1, ..."""
    args = tuple(read(name) for name in OBJECTS) if args is None else args
    block = d.Block(tuple(f"p{k}" for k in range(len(args))), body, returns)
    call = d.Call(transform, "y", args=args, blocks=(block,), **more)
    return d.CallProgram(call, VARIABLES, NODES, OBJECTS)


def verdict(one: d.CallProgram, mode: Any = "graph", **more: Any) -> Any:
    arm: Any = Arm(one.call.transform, mode)  # type: ignore[arg-type]
    if needs(one, REGISTRY) - nnx_api.features():
        pytest.skip("this flax lacks what the program needs")
    return examine(one, arm, **more)


STATEMENTS: dict[str, tuple[Any, ...]] = {
    "p0.n = nnx.Param(": (d.Attach(place("p0"), "n", d.New()),),
    "p0.a = p0.b": (d.Attach(place("p0"), "a", read("p0", "b")),),
    "nnx.update(p0, nnx.State({'n': 1}))": (d.Attach(place("p0"), "n", 1, update=True),),
    "nnx.update(p0, nnx.State({'n': p0.b}))": (
        d.Attach(place("p0"), "n", read("p0", "b"), update=True),
        d.Update(place("p0", "n")),
    ),
    "del p0.a": (d.Detach(place("p0", "a")),),
    "p0.a, p0.b = p0.b, p0.a": (d.Swap(place("p0"), "a", "b"),),
    'p0.sow(nnx.Intermediate, "sown", p0.b.value)': (d.Sow(place("p0"), read("p0", "b")),),
    "o = nnx.pop(p0, nnx.Intermediate)": (d.Sow(place("p0")), d.Pop("o", place("p0"))),
    'p0.a.value = p0.a.value.astype("int32")': (d.Cast(place("p0", "a")),),
    "n = nnx.Linear(2, 2": (d.Make("n", LINEAR), d.Apply("z", place("n"))),
    "s = p3.fork()": (d.Fork("s", place("p3")), d.Random("r", place("s"))),
    "s = p3.fork(split=2)": (d.Fork("s", place("p3"), 2),),
    "train(p2, p1, ": (d.Step(place("p2"), place("p1")),),
    "s = nnx.split(p0)": (
        d.Split("s", place("p0")),
        d.Update(place("s", 1, "a")),
        d.Merge("n", place("s", 0), (place("s", 1),)),
        d.Load(place("p0"), place("s", 1)),
    ),
    "n = nnx.merge(s[0], s[1], s[2])": (
        d.Split("s", place("p0"), "nnx.Param"),
        d.Update(place("s", 2, "b")),
        d.Merge("n", place("s", 0), (place("s", 1), place("s", 2))),
        d.State("t", place("n")),
        d.Load(place("p0"), place("t")),
    ),
    "s = nnx.state(p0, nnx.Param)": (
        d.State("s", place("p0"), "nnx.Param"),
        d.Update(place("s", "a")),
        d.Load(place("p0"), place("s")),
    ),
    "n = nnx.clone(p1)": (
        d.Clone("n", place("p1")),
        d.Step(place("p2"), place("n")),
        d.State("s", place("n")),
        d.Load(place("p1"), place("s")),
    ),
    "s = jax.tree.map(lambda x: x + x, p0)": (
        d.TreeMap("s", place("p0")),
        d.State("t", place("s")),
        d.Load(place("p0"), place("t")),
    ),
    "t = jax.tree.map(lambda x: x + x, s)": (
        d.State("s", place("p0")),
        d.TreeMap("t", place("s")),
        d.Load(place("p0"), place("t")),
    ),
    "p5.eval()": (d.Turn(place("p5")), d.Apply("z", place("p5"))),
    "nnx.reseed(p3, params=2)": (d.Reseed(place("p3"), 2),),
    "p4.update(loss=": (d.Measure(place("p4"), read("p0", "b")),),
}


@pytest.mark.parametrize("shown", STATEMENTS)
def test_a_statement_does_in_jit_what_it_does_in_python(shown: str) -> None:
    one = program(*STATEMENTS[shown])
    assert shown in text(one, REGISTRY)
    assert isinstance(verdict(one), Agrees)


#: These change nothing of the caller's: a new layer, and what is sown and popped again.
QUIET = ("n = nnx.Linear(2, 2", "o = nnx.pop(p0, nnx.Intermediate)")


@pytest.mark.parametrize("shown", sorted(STATEMENTS.keys() - QUIET))
def test_a_change_that_is_lost_is_found(shown: str) -> None:
    """Against a jit that works on copies."""
    broken = SimpleNamespace(**{**vars(nnx), **plain.TRANSFORMS, "jit": forgets(plain.jit)})
    assert isinstance(verdict(program(*STATEMENTS[shown]), nnx=broken), Finding)


def test_metadata_that_is_set_is_kept_or_a_finding() -> None:
    """Graph mode's jit drops it (since 0.10.5), remat and the other modes keep it."""
    marked = program(d.Mark(place("p0", "a")))
    assert "mark(p0.a, 'seen')" in text(marked, REGISTRY)
    for mode in nnx_api.modes():
        assert isinstance(
            verdict(program(d.Mark(place("p0", "a")), transform="remat"), mode), Agrees
        )
        if mode != "graph":
            assert isinstance(verdict(marked, mode), Agrees)
    lost = verdict(marked)
    assert isinstance(lost, Finding) and lost.signature.where == "caller variable metadata"


@pytest.mark.skipif(nnx_api.release() < version("0.12.8"), reason="taken before")
def test_jit_partial_refuses_that_metadata_are_set() -> None:
    given = (read("m0"),)
    one = program(d.Mark(place("p0", "a")), transform="jit_partial", args=given)
    for mode in REGISTRY["jit_partial"].modes:
        seen = verdict(one, mode)
        assert isinstance(seen, Refused) and seen.reason == "metadata-in-jit"


def test_metadata_of_a_state_are_not_set() -> None:
    with pytest.raises(Unfit, match="there is no gone"):  # as shrinking tries
        text(program(d.Mark(place("gone", "a"))), REGISTRY)
    with pytest.raises(Unfit, match="what a State holds"):
        text(program(d.State("s", place("p0")), d.Mark(place("s", "a"))), REGISTRY)


def test_an_exception_of_the_program_leaves_all_as_it_was() -> None:
    one = program(d.Update(place("p0", "a")), d.Raise())
    for mode in nnx_api.modes():
        assert isinstance(verdict(one, mode), Agrees)


def test_a_branch_that_is_not_taken_raises_where_it_is_traced() -> None:
    raising, quiet = d.Block(("p",), (d.Raise(),), (d.Const(),)), d.Block(("q",), (), (d.Const(),))
    call = d.Call("cond", "y", {"index": 1}, (read("m1"),), (raising, quiet))
    seen = verdict(d.CallProgram(call, VARIABLES, NODES, OBJECTS))
    assert isinstance(seen, Refused) and seen.reason == "raised-when-traced"


def test_a_branch_raises_that_is_taken_in_a_branch_that_is_not() -> None:
    quiet = d.Block((), (), (d.Const(),))
    inner = d.Call("cond", "z", {}, (), (d.Block((), (d.Raise(),), (d.Const(),)), quiet))
    blocks = d.Block(("m",)), d.Block(("n",), (inner,))
    seen = verdict(
        d.CallProgram(d.Call("cond", "y", {}, (read("m1"),), blocks), VARIABLES, NODES, OBJECTS)
    )
    assert isinstance(seen, Refused) and seen.reason == "raised-when-traced"


def test_branches_differ_in_a_branch_that_is_not_taken() -> None:
    quiet, sowing = d.Block(("p",)), d.Block(("q",), (d.Sow(place("q")),))
    inner = d.Call("cond", "z", {}, (read("m"),), (quiet, sowing))
    blocks = d.Block(("m",), (inner,)), d.Block(("n",))
    call = d.Call("cond", "y", {"index": 1}, (read("m0"),), blocks)
    seen = verdict(d.CallProgram(call, VARIABLES, NODES, OBJECTS))
    assert isinstance(seen, Refused) and seen.reason == "branches-differ"


@pytest.mark.parametrize("kind", ["tuple", "list", "dict", "record"])
def test_a_container_is_an_argument_and_a_result(kind: Any) -> None:
    group = d.Group(kind, (read("m0"), read("m1", "bias")))
    steps = ("a", "b") if kind == "record" else (0, 1)
    body = (d.Update(place("p0", steps[1])), d.Update(place("p0", steps[0], "a")))
    returned = d.Group(kind, (d.Const(), read("p1")))
    args = (group, d.Plain(2))
    assert isinstance(verdict(program(*body, args=args, returns=(returned,))), Agrees)


def test_the_last_argument_is_given_by_name() -> None:
    one = program(d.Update(place("p1")), args=(read("m1"), read("m0", "a")), keywords=1)
    assert "(m1, p1=m0.a)" in text(one, REGISTRY)
    assert isinstance(verdict(one), Agrees)
    with pytest.raises(Unfit, match="by name"):
        text(
            program(args=(read("m1"),), transform="vmap", options={"in_axes": [0]}, keywords=1),
            REGISTRY,
        )


@pytest.mark.parametrize("transform", ["grad", "checkify", "jit"])
def test_a_number_is_computed_with_as_an_array(transform: str) -> None:
    """`grad` and `checkify` hand a number of Python on as it is."""
    if not hasattr(nnx, transform):
        pytest.skip(f"this flax has no {transform}")
    one = program(
        d.Let("a", read("p1")),
        transform=transform,
        args=(read("m1", "bias"), d.Plain(True)),
        returns=(d.Const(),),
    )
    assert "a = jnp.asarray(p1) + " in text(one, REGISTRY)
    assert isinstance(verdict(one), Agrees)


def test_nothing_but_floats_is_differentiated() -> None:
    for returned in (d.Plain(True), d.Plain(2)):
        with pytest.raises(Unfit, match="a float"):
            text(program(transform="grad", args=(d.Const(),), returns=(returned,)), REGISTRY)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["grad", "value_and_grad", "vjp", "jvp"])
def test_an_object_is_returned_beside_what_is_differentiated(name: str) -> None:
    def has_one(drawn: list[d.CallProgram]) -> bool:
        blocks = [block for one in drawn for block in one.call.blocks]
        made = [{s.name for s in block.body if isinstance(s, d.Make)} for block in blocks]
        last = [block.returns[-1] for block in blocks]
        pairs = zip(last, made, strict=True)
        return any(isinstance(one, d.Read) and one.place.name in names for one, names in pairs)

    assert some_draws(name, has_one)


@pytest.mark.parametrize("variable", [
    c.Variable(value=c.Array(shape=(2,)), names=("x",)),
    c.Variable(value=c.Array(shape=(2,)), hook="get"),
    c.Variable(value=c.Array(shape=(2,)), hook="set"),
    c.Variable("Custom", c.Array(shape=(2,)), tag="t"),
])  # fmt: skip
def test_a_variable_keeps_its_metadata(variable: c.Variable) -> None:
    if variable.hook and "hooks" not in nnx_api.features():
        pytest.skip("this flax has no hooks")
    block = d.Block(("p",), (d.Update(place("p", "a")),), (read("p", "a"),))
    call = d.Call("jit", "y", args=(read("m"),), blocks=(block,))
    node = c.Module({"a": c.OfVariable(0)})
    assert isinstance(
        verdict(d.CallProgram(call, (variable,), (node,), {"m": c.OfNode(0)})), Agrees
    )


def test_a_step_into_a_container_is_taken_when_a_call_gives_way_to_what_is_in_it() -> None:
    inner = d.Call(
        "jit", "z", args=(read("p", 0, "a"),), blocks=(d.Block(("q",), (d.Update(place("q")),)),)
    )
    block = d.Block(("p",), (inner,))
    call = d.Call("remat", "y", args=(d.Group("tuple", (read("m0"),)),), blocks=(block,))
    one = d.CallProgram(call, VARIABLES, NODES, OBJECTS)
    shown = [text(smaller, REGISTRY) for smaller in candidates(one, REGISTRY)]
    assert any("nnx.jit(f1, **mode)(m0.a)" in each and "remat" not in each for each in shown)


@pytest.mark.parametrize("mode", nnx_api.modes())
def test_what_nnx_update_adds_is_a_copy(mode: Any) -> None:
    """A later write to the copy leaves the Variable that it was made of."""
    kind = c.Module({"a": c.OfVariable(0), "b": c.OfVariable(1)})
    body = (
        d.Attach(place("p"), "n", read("p", "b"), update=True),
        d.Update(place("p", "n"), operand=d.Const(2)),
    )
    call = d.Call("jit", args=(read("m"),), blocks=(d.Block(("p",), body),))
    one = d.CallProgram(call, VARIABLES, (kind,), {"m": c.OfNode(0)})
    seen = verdict(one, mode)
    assert isinstance(seen, Agrees | Refused)
    assert mode != "graph" or isinstance(seen, Agrees)

    def shares(real: Any) -> Any:
        """A jit after which the two are one object."""

        def jit(f: Any, **options: Any) -> Any:
            def call(m: Any) -> Any:
                out = real(f, **options)(m)
                m.n = m.b
                return out

            return call

        return jit

    broken = SimpleNamespace(**{**vars(nnx), "jit": shares(nnx.jit)})
    assert mode != "graph" or isinstance(verdict(one, mode, nnx=broken), Finding)


@pytest.mark.parametrize(
    ("attribute", "value"), [("a", 1), ("n", read("m1"))], ids=["there already", "a layer"]
)
def test_what_nnx_update_cannot_add_is_not_well_formed(attribute: str, value: Any) -> None:
    body = d.Attach(place("p0"), attribute, value, update=True)
    with pytest.raises(Unfit):
        text(program(body), REGISTRY)


def test_no_module_is_put_into_itself() -> None:
    """jax walks such a module until Python's stack is full, and no call works afterwards."""
    for value in (read("p0"), read("p1"), read("m0")):
        one = program(d.Attach(place("p0"), "n", value), args=(read("m0"), read("m0")))
        with pytest.raises(Unfit, match="holds itself"):
            text(one, REGISTRY)


@pytest.mark.slow
def test_transforms_meet_statements() -> None:
    """Of the pairs of a transform and a statement 600 programs have two of three: what few
    functions are given is what some programs are about.
    """
    met: set[tuple[str, str]] = set()

    @seed(0)
    @settings(max_examples=600, database=None, phases=(Phase.generate,), backend=BACKEND)
    @given(call_programs(available(), available(), nnx_api.features()))
    def run(drawn: d.CallProgram) -> None:
        for call in calls(drawn.call):
            for block in call.blocks:
                met.update((call.transform, type(statement).__name__) for statement in block.body)

    run()
    every = len(available()) * len(get_args(d.Statement))
    assert len(met) > every * 2 / 3, (len(met), every)


BY_INTEGER = {"argnums": [1], "allow_int": True}


@pytest.mark.parametrize("mode", nnx_api.modes())
def test_a_gradient_is_taken_by_an_integer(mode: Any) -> None:
    """It is an array of `float0`, as jax has it; a zero of an integer is found."""
    integer, loss = c.OfArray(c.Array("int32", (2,))), d.Let("a", read("p0", "kernel"))
    body = d.Block(("p0", "p1"), (loss,), (read("a"),))
    by = d.Call("grad", "y", BY_INTEGER, (read("m1"), read("x")), (body,))
    one = d.CallProgram(by, VARIABLES, NODES, {"m1": c.OfNode(1), "x": integer})
    assert "allow_int=True" in text(one, REGISTRY)
    assert isinstance(verdict(one, mode), Agrees)

    def integers(f: Any, **options: Any) -> Any:
        made = plain.grad(f, **options)
        return lambda *args: jnp.zeros(made(*args).shape, "int32")

    broken = SimpleNamespace(**{**vars(nnx), **plain.TRANSFORMS, "grad": integers})
    assert isinstance(verdict(one, mode, nnx=broken), Finding)


@pytest.mark.parametrize("mode", nnx_api.modes())
def test_remat_hands_on_a_static_argument(mode: Any) -> None:
    one = program(d.Update(place("p0", "a")), transform="remat", options={"static": "place"})
    assert f"static_argnums={len(OBJECTS)}" in text(one, REGISTRY)
    assert isinstance(verdict(one, mode), Agrees)

    def other(f: Any, **options: Any) -> Any:
        made = plain.remat(f, **options)
        return lambda *args: made(*args[:-1], args[-1] + 1)

    broken = SimpleNamespace(**{**vars(nnx), **plain.TRANSFORMS, "remat": other})
    assert isinstance(verdict(one, mode, nnx=broken), Finding)


DECORATED: dict[str, dict[str, Any]] = {
    "jit": {},
    "remat": {"prevent_cse": False},
    "grad": {"argnums": [1]},
    "value_and_grad": {"argnums": [1], "has_aux": True},
    "vmap": {"in_axes": [None, 0]},
    "scan": {"carry": False, "in_axes": [None, 0]},
    "split_rngs": {},
}


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("name", DECORATED)
def test_a_transform_decorates_a_method(name: str, mode: Any) -> None:
    """The module is its first argument; a write that is lost is found."""
    if not hasattr(nnx, name):
        pytest.skip(f"this flax has no {name}")
    wanted: dict[str, Any] = {"transform": name, "options": DECORATED[name], "style": "decorated"}
    write = () if name in ("scan", "vmap") else (d.Update(place("p0", "b")),)
    made = d.Let("a", read("p1"))
    args = (read("m0"), read("m1", "bias"))
    one = program(*write, made, args=args, returns=(read("a"),), **wanted)
    assert "m0.f1(m1.bias)" in text(one, REGISTRY)
    assert isinstance(verdict(one, mode), Agrees)
    real = {**plain.TRANSFORMS, **plain.UNTRACED}[name]

    def other(*args: Any, **options: Any) -> Any:
        made = real(*args, **options)
        return lambda *_: made if name == "split_rngs" else None

    broken = SimpleNamespace(**{**vars(nnx), **plain.TRANSFORMS, **plain.UNTRACED, name: other})
    assert isinstance(verdict(one, mode, nnx=broken), Finding)


#: How each transform that makes a decorator of its options is written then.
FACTORIES: dict[str, tuple[dict[str, Any], str]] = {
    "jit": ({"donate_argnums": [0]}, "nnx.jit(donate_argnums=(0,), **mode)(f1)(m0, m1.bias)"),
    "remat": ({"prevent_cse": False}, "nnx.remat(prevent_cse=False, **mode)(f1)(m0, m1.bias)"),
    "grad": ({"argnums": [1]}, "nnx.grad(argnums=1, **mode)(f1)(m0, m1.bias)"),
    "value_and_grad": ({"argnums": [1]}, "nnx.value_and_grad(argnums=1, **mode)(f1)(m0, m1.bias)"),
    "vmap": ({"in_axes": [None, 0]}, "nnx.vmap(in_axes=(None, 0,), out_axes=0, **mode)(f1)("),
    "scan": ({"carry": False, "in_axes": [None, 0]}, "nnx.scan(in_axes=(None, 0,), out_axes="),
    "custom_vjp": ({}, "own_y = nnx.custom_vjp(**mode)(f1)"),
    "vjp": ({}, "back_y = nnx.vjp(**mode)(f1)(m0, m1.bias)"),
    "jvp": ({}, "y = nnx.jvp(**mode)(f1)((m0, m1.bias,), "),
    "transform_metadata": ({"in_axes": [None, None]}, "partition='x', graph=mode[\"graph\"])(f1)("),
}


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("name", FACTORIES)
def test_a_transform_that_is_given_its_options_first_is_given_them_all(
    name: str, mode: Any
) -> None:
    """A factory that forgets its options is found, or has none."""
    if not hasattr(nnx, name) or mode not in REGISTRY[name].modes:
        pytest.skip(f"this flax has no {name} there")
    options, written = FACTORIES[name]
    args = (read("m0"), read("m1", "bias"))
    made = d.Let("a", read("p1"))
    call: dict[str, Any] = {"args": args, "options": options, "style": "factory"}
    one = program(made, transform=name, returns=(read("a"),), **call)
    assert written in text(one, REGISTRY)
    assert isinstance(verdict(one, mode), Agrees | Refused)
    real = plain.TRANSFORMS.get(name) or plain.UNTRACED[name]

    def forgetful(*given: Any, **more: Any) -> Any:
        return real(*given, **more) if given else real

    broken = SimpleNamespace(**{**vars(nnx), **plain.TRANSFORMS, **plain.UNTRACED, name: forgetful})
    found = isinstance(verdict(one, mode, nnx=broken), Finding)
    assert found or name not in ("grad", "value_and_grad", "vmap", "scan", "transform_metadata")


def test_a_loop_makes_no_decorator_of_its_options() -> None:
    with pytest.raises(Unfit, match="eval_shape makes no decorator of its options"):
        text(program(args=(read("m0"),), transform="eval_shape", style="factory"), REGISTRY)
    factories = {name for name, row in REGISTRY.items() if row.factory}
    assert factories == {*FACTORIES, "pmap", "shard_map"}


def test_streams_are_squeezed_where_the_release_does() -> None:
    """Before 0.10.3 `split_rngs` has no such option."""
    options = {"splits": 1, "squeeze": True}
    one = program(transform="split_rngs", args=(read("m3"),), options=options)
    assert "rng-squeeze" in needs(one, REGISTRY)
    assert "rng-squeeze" not in needs(program(transform="split_rngs", args=(read("m3"),)), REGISTRY)
    assert ("rng-squeeze" in nnx_api.features()) == (nnx_api.release() >= version("0.10.3"))


def test_a_decorated_method_is_of_a_module_and_called_once() -> None:
    with pytest.raises(Unfit, match="only a module has methods"):
        text(program(args=(read("m1"),), style="decorated"), REGISTRY)
    with pytest.raises(Unfit, match="decorates no method"):
        text(program(args=(read("m0"),), transform="eval_shape", style="decorated"), REGISTRY)
    with pytest.raises(Unfit, match="called once"):
        text(program(args=(read("m0"),), style="decorated", options={"twice": True}), REGISTRY)


@pytest.mark.parametrize("wrt", ["nnx.Param", "..."])
@pytest.mark.parametrize("rule", ["sgd", "chain", "partition", "masked", "second"])
def test_an_optimizer_is_made_of_several_transforms(rule: Any, wrt: Any) -> None:
    """Two steps; a state of the optimizer that is lost between them is found."""
    if rule == "partition" and version("0.11.0") <= nnx_api.release() < version("0.11.2"):
        pytest.skip("this flax's State is no tree of paths")
    steps = (d.Step(place("p2"), place("p1")),) * 2
    one = program(*steps)
    nodes = tuple(c.Optimizer(1, rule, wrt) if k == 2 else n for k, n in enumerate(NODES))
    one = d.CallProgram(one.call, one.variables, nodes, one.objects)
    assert f"wrt={wrt})" in text(one, REGISTRY)
    for mode in nnx_api.modes():
        assert isinstance(verdict(one, mode), Agrees)
    broken = SimpleNamespace(**{**vars(nnx), **plain.TRANSFORMS, "jit": forgets(plain.jit)})
    assert isinstance(verdict(one, nnx=broken), Finding)
    simplest = [n for p in candidates(one, REGISTRY) for n in p.nodes if n == c.Optimizer(1)]
    assert simplest or (rule, wrt) == ("sgd", "nnx.Param")
