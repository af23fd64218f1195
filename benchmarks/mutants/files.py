"""The files of Flax in which its loops are made."""

FILES = {
    "iteration.py": "nnx/transforms/iteration.py",
    "extract.py": "nnx/extract.py",
    "graphlib.py": "nnx/graphlib.py",
}
