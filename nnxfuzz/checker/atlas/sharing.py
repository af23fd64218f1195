"""One object at two places: of the arguments, or of one module."""

from flax import nnx

from nnxfuzz.checker.atlas.base import Box, Counter, Program, construct, ones
from nnxfuzz.checker.atlas.ways import without


@construct()
def one_module_is_two_arguments() -> Program:
    """One module is two arguments, and the function writes to it through both."""

    def body(a: Counter, b: Counter) -> None:
        a.count[...] += 1
        b.count[...] += 2

    m = Counter()
    return body, (m, m)


@construct()
def one_variable_is_two_arguments() -> Program:
    """One Variable is two arguments, and the function writes to it through both."""

    def body(a: nnx.Param, b: nnx.Param) -> None:
        a[...] += 1
        b[...] += 2

    v = nnx.Param(ones())
    return body, (v, v)


@construct()
def two_modules_share_a_param() -> Program:
    """Two modules are arguments, and hold one Param."""

    def body(a: Counter, b: Counter) -> None:
        a.w[...] += 1
        b.w[...] += 2

    first, second = Counter(), Counter()
    second.w = first.w
    return body, (first, second)


@construct()
def a_module_and_its_submodule() -> Program:
    """A module and its own submodule are arguments."""

    def body(outer: Box, inner: Counter) -> None:
        outer.inner.count[...] += 1
        inner.count[...] += 2

    outer = Box(inner=Counter(), w=nnx.Param(ones()))
    return body, (outer, outer.inner)


@construct()
def a_module_and_its_variable() -> Program:
    """A module and its own Variable are arguments."""

    def body(m: Counter, count: nnx.Variable) -> None:
        m.count[...] += 1
        count[...] += 2

    m = Counter()
    return body, (m, m.count)


@construct()
def one_submodule_has_two_names() -> Program:
    """A module holds one submodule under two names."""

    def body(m: Box) -> None:
        m.a.count[...] += 1
        m.b.count[...] += 2

    shared = Counter()
    return body, (Box(a=shared, b=shared),)


@construct()
def one_variable_has_two_names() -> Program:
    """A module holds one Param under two names: tied weights."""

    def body(m: Box) -> None:
        m.a[...] += 1
        m.b[...] += 2

    tied = nnx.Param(ones())
    return body, (Box(a=tied, b=tied),)


@construct(ways=without("grad", "value_and_grad"))
def a_dict_with_one_module_twice() -> Program:
    """One dict is the argument, and it holds one module under two keys."""

    def body(models: dict[str, Counter]) -> None:
        models["a"].count[...] += 1
        models["b"].count[...] += 2

    m = Counter()
    return body, ({"a": m, "b": m},)


@construct()
def two_distinct_modules() -> Program:
    """Two distinct modules of one class are arguments."""

    def body(a: Counter, b: Counter) -> None:
        a.count[...] += 1
        b.count[...] += 2

    return body, (Counter(), Counter())


@construct()
def a_submodule_becomes_shared() -> Program:
    """The function puts one submodule in the place of another."""

    def body(m: Box) -> None:
        m.b = m.a
        m.b.count[...] += 1

    return body, (Box(a=Counter(), b=Counter()),)


@construct()
def a_shared_variable_becomes_two() -> Program:
    """The function gives one of two names a Param of its own."""

    def body(m: Box) -> None:
        m.b = nnx.Param(m.a[...] + 1)

    tied = nnx.Param(ones())
    return body, (Box(a=tied, b=tied),)
