"""The files of Flax in which its transforms are made."""

FILES = {
    "iteration.py": "nnx/transforms/iteration.py",
    "extract.py": "nnx/extract.py",
    "graphlib.py": "nnx/graphlib.py",
    "autodiff.py": "nnx/transforms/autodiff.py",
    "compilation.py": "nnx/transforms/compilation.py",
    "general.py": "nnx/transforms/general.py",
    "transforms.py": "nnx/transforms/transforms.py",
}
