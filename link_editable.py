"""A build hook: an editable install puts `.editable` on the import path, and here it gets its link.

A checkout has the link; an unpacked sdist does not.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Link(BuildHookInterface[Any]):
    """Makes the link where it is missing, for an editable install alone."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        link = Path(self.root, ".editable", "nnxfuzz")
        if version == "editable" and not link.exists():
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(Path("..", "nnxfuzz"), target_is_directory=True)
