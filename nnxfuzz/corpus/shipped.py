"""The corpus that comes with nnxfuzz: data of a wheel, the top-level folder of a checkout."""

import shutil
from pathlib import Path

from nnxfuzz.corpus.causes import FILE
from nnxfuzz.corpus.entries import entries
from nnxfuzz.corpus.ours import is_entry
from nnxfuzz.programs.errors import Misuse

#: Where it is: pyproject.toml maps the folder of the checkout to the one of the wheel.
_OF_WHEEL = Path(__file__).parent / "data"
_OF_CHECKOUT = Path(__file__).resolve().parents[2] / "corpus"

#: A folder of this name belongs to the project in whose folder a command runs.
HERE = Path("corpus")


def shipped() -> Path:
    """The folder that came with nnxfuzz."""
    return _OF_WHEEL if _OF_WHEEL.is_dir() else _OF_CHECKOUT


def here() -> Path | None:
    """The folder `corpus` of the current folder, if it holds entries: other projects keep other
    things under that name.
    """
    there = HERE.is_dir() and any(is_entry(path) for path in HERE.rglob("*.json"))
    return HERE if there else None


def default() -> Path:
    """What a command without a path runs: the project's entries, or those that came along."""
    return here() or shipped()


def known(asked: Path | None) -> list[Path]:
    """The folders whose bugs are known: what came along, and the one asked for or the project's.

    The folder `none`, where there is no such folder, stands for no folder at all.  Raises Misuse if
    the folder does not exist.
    """
    if asked is not None and not asked.is_dir():
        if asked == Path("none"):
            return []
        raise Misuse(f"{asked} does not exist; name a folder of entries with --corpus, or none")
    added = asked or here()
    if added is None or added.samefile(shipped()):
        return [shipped()]
    return [shipped(), added]


def copied(folder: Path) -> list[Path]:
    """The corpus as files in a folder, made if need be.  Raises Misuse before it replaces another
    file, or if it cannot write.
    """
    sources = [*entries([shipped()]), shipped() / FILE]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in sources:
            there = folder / source.name
            if there.exists() and there.read_bytes() != source.read_bytes():
                raise Misuse(f"{there} exists and is another file; name another folder")
        return [Path(shutil.copyfile(source, folder / source.name)) for source in sources]
    except OSError as error:
        raise Misuse(
            f"cannot write {folder}: {error.strerror}; name a folder that can be written"
        ) from None
