"""A fuzz target for Atheris, and so for OSS-Fuzz and ClusterFuzz: `python fuzz/programs.py`.

libFuzzer's bytes become programs through Hypothesis (`fuzz_one_input`), and Flax is instrumented,
so inputs that reach new code of Flax are kept and mutated.  What is found is saved as an entry in
`finds` before the target fails, and findings that `corpus` or `finds` hold are stepped over.
Options are libFuzzer's: `-max_total_time=60 -rss_limit_mb=4096 FOLDER_OF_INPUTS`.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["flax.nnx"]):
    from flax import nnx  # noqa: F401 - before all else, so that it is instrumented

from hypothesis import HealthCheck, given, settings

from nnxfuzz import nnx_api
from nnxfuzz.campaign import Discovery, Settings, known_bugs
from nnxfuzz.campaign.arms import arms_of
from nnxfuzz.campaign.finds import entry_of, saved
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.installed import RELEASE
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs.case import Arm, Case
from nnxfuzz.runners import confirming
from nnxfuzz.runners.judge import examine
from nnxfuzz.strategies import programs

CORPUS, FINDS = Path(__file__).parent.parent / "corpus", Path("finds")
KNOWN = known_bugs(
    [entry for folder in (CORPUS, FINDS) for entry in corpus.readable([folder])[0]], RELEASE
)
OPTIONS = Settings(seed=0)


def finding(case: Case, arm: Arm) -> Finding | None:
    """What is new on this arm, once XLA's run has confirmed it."""
    try:
        seen = examine(case, arm, "trace")
        for executor in confirming(case) if _new(seen, case) else ():
            seen = examine(case, arm, executor)
            if isinstance(seen, Finding) and _new(seen, case):
                return seen
    except Inconclusive:
        pass
    return None


def _new(verdict: object, case: Case) -> bool:
    return isinstance(verdict, Finding) and KNOWN.name_of(case, verdict) is None


@settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(nnx_api.choices()))
def keeps_its_promise(case: Case) -> None:
    """The property: equal, or an explained refusal."""
    for arm in arms_of(case, OPTIONS):
        found = finding(case, arm)
        if found is not None:
            path = saved(entry_of(Discovery(case, arm, found)), FINDS)
            raise AssertionError(f"{found.signature}: {path}")


if __name__ == "__main__":
    nnx_api.quiet()
    atheris.Setup(sys.argv, keeps_its_promise.hypothesis.fuzz_one_input)  # type: ignore[attr-defined]
    atheris.Fuzz()
