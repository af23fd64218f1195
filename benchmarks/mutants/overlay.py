"""A Flax with one mutant in it: links to all of the installed one, and one file written anew.

Python finds it first on its path.  Compiled files are linked too, but for the changed module's.
"""

import os
from pathlib import Path

import nnxfuzz


def write(flax: Path, folder: Path, changed: str, source: str) -> None:
    """Make `folder/flax`, where `changed` (a path below the installed `flax`) has other source."""
    there, here = flax, folder / flax.name
    parts = Path(changed).parts
    for part in parts:
        _link_all(there, here, part)
        there, here = there / part, here / part
    here.write_text(source)


def _link_all(there: Path, here: Path, leave_out: str) -> None:
    here.mkdir(parents=True)
    for entry in there.iterdir():
        if entry.name == "__pycache__":
            (here / entry.name).mkdir()
            for compiled in entry.iterdir():
                if compiled.name.partition(".")[0] != Path(leave_out).stem:
                    (here / entry.name / compiled.name).symlink_to(compiled)
        elif entry.name != leave_out:
            (here / entry.name).symlink_to(entry)


def environ(overlay: Path | None) -> dict[str, str]:
    """The variables of a child process that imports it, and this very code."""
    ours = (Path(__file__).parent.parent, Path(nnxfuzz.__file__).parent.parent)
    path = os.pathsep.join(str(folder) for folder in (overlay, *ours) if folder is not None)
    return dict(os.environ) | {
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "JAX_PLATFORMS": "cpu",
    }
