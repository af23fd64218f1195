"""The case language: the data (`types`), its checker (`check`), its JSON (`codec`).

Imports nothing else of nnxfuzz.
"""

from nnxfuzz.programs.case import types
from nnxfuzz.programs.case.check import CaseError, Problem, check, problems
from nnxfuzz.programs.case.codec import canonical, decode_case, digest, encode, schema, weight
from nnxfuzz.programs.case.coverage import EXERCISABLE, MATERIAL, exercised
from nnxfuzz.programs.case.features import (
    CHOICES,
    FEATURES,
    TOPICS,
    About,
    Choice,
    Feature,
    Topic,
    needs,
)
from nnxfuzz.programs.case.problem import path_named, place_name
from nnxfuzz.programs.case.queries import (
    fits,
    has_cycle,
    only_trains,
    prefixed,
    scans_over,
    trips,
    uses_index,
)
from nnxfuzz.programs.case.types import *
from nnxfuzz.programs.case.wrappers import has_references, reads_objects_only
