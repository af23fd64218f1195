"""The limits of the case language, which are part of its format.

A case may come from a stranger, and nobody's case may ask for a terabyte or for a year: whatever
passes these limits is built and looped over in moments.  They also keep the arithmetic exact
(small integers in float32) and every path short enough to read.  `check` enforces them; the
strategies stay well below.  Raising one is compatible, lowering one is a new format.
"""

from typing import Final

#: How many rows each table of a case has at most.
ROWS: Final = {
    "variables": 32,
    "nodes": 32,
    "carry": 64,
    "closure": 16,
    "inputs": 8,
    "body": 64,
    "blocks": 4,
    "ys": 8,
}
MAX_ENTRIES: Final = 16  # attributes of a module, items of a sequence, entries of a carry slot
MAX_BLOCK: Final = 16  # statements of a block
MAX_PARTS: Final = 4  # of an input or an output
MAX_PATH: Final = 16  # steps, the root included

MAX_RANK: Final = 4
MAX_DIM: Final = 64
MAX_ELEMENTS: Final = 1024  # of one array
MAX_TOTAL: Final = 65_536  # elements of the whole case
MAX_FEATURES: Final = 8  # of a layer; stated once more in the schema, by `types.Features`

MAX_NUMBER: Final = 1000  # magnitude of constants, fills, scalars, addends, static integers
MAX_UNTIL: Final = 1_000_000  # magnitude of `until.limit`, which bounds a sum
MAX_SEED: Final = 2**31 - 1
MAX_TEXT: Final = 32  # characters of a name, a tag or a static string

MAX_BOUND: Final = 10_000  # magnitude of the loop's bounds
MAX_TRIPS: Final = 64
MAX_UNROLL: Final = 64
MAX_TIMES: Final = 8  # trips of an inner loop

#: Public names that `nnx.Module` itself has in some release from 0.10.2 to 0.12.12 (the union of
#: `dir(nnx.Module)`).  An attribute of that name would hide the method.
RESERVED_NAMES: Final = frozenset(
    {
        "check_valid_context",
        "eval",
        "iter_children",
        "iter_modules",
        "perturb",
        "set_attributes",
        "sow",
        "train",
    }
)

#: Public names of `nnx.Dict`, which stores its items as attributes.
_OF_DICT = "clear get items keys pop popitem setdefault update values"

#: Public names of `nnx.Rngs`, which has the distributions of `jax.random` as methods.
_OF_RNGS = """
ball bernoulli beta binomial bits broadcast categorical cauchy chisquare choice delta_orthogonal
dirichlet double_sided_maxwell exponential f fork from_module gamma generalized_normal geometric
glorot_normal glorot_uniform gumbel he_normal he_uniform items kaiming_normal kaiming_uniform
laplace lecun_normal lecun_uniform loggamma logistic lognormal maxwell multinomial
multivariate_normal normal orthogonal pareto permutation poisson rademacher randint rayleigh split
t triangular truncated_normal uniform variance_scaling wald weibull_min xavier_normal xavier_uniform
"""

#: The names that each class has for itself.
RESERVED: Final = {
    "Module": RESERVED_NAMES,
    "Dict": RESERVED_NAMES | frozenset(_OF_DICT.split()),
    "Rngs": frozenset(_OF_RNGS.split()),
    "namedtuple": frozenset({"count", "index"}),
    "dataclass": frozenset({"replace"}),
}
