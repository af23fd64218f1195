"""The case language: the data (`types`), its checker (`check`), its JSON (`codec`).

Imports nothing else of nnxfuzz.
"""

from nnxfuzz.case import types
from nnxfuzz.case.check import CaseError, Problem, check, problems
from nnxfuzz.case.codec import canonical, decode_case, digest, encode, schema
from nnxfuzz.case.coverage import EXERCISABLE, exercised
from nnxfuzz.case.features import CHOICES, FEATURES, TOPICS, Choice, Feature, Topic, needs
from nnxfuzz.case.problem import place_name
from nnxfuzz.case.queries import fits, has_cycle, prefixed, scans_over, trips, uses_index
from nnxfuzz.case.types import *  # noqa: F403
from nnxfuzz.case.wrappers import has_references, reads_objects_only

__all__ = [
    *types.__all__,
    "CHOICES",
    "EXERCISABLE",
    "FEATURES",
    "TOPICS",
    "CaseError",
    "Choice",
    "Feature",
    "Problem",
    "Topic",
    "canonical",
    "check",
    "decode_case",
    "digest",
    "encode",
    "exercised",
    "fits",
    "has_cycle",
    "has_references",
    "needs",
    "place_name",
    "prefixed",
    "problems",
    "reads_objects_only",
    "scans_over",
    "schema",
    "trips",
    "uses_index",
]
