"""Import this, and a seed has Hypothesis draw the same in every process and folder.

Left to itself it also draws numbers and strings that it reads in those modules of a project that
are loaded by then.  So examples depend on which tests ran before in the process, on whether a
folder above the project is called `test`, and on each literal of nnxfuzz.
"""

from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

assert callable(providers._get_local_constants)
vars(providers)["_get_local_constants"] = Constants
