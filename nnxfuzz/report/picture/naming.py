"""One number for each object, the same in the pictures of what was before a loop and after it."""

from nnxfuzz.programs.case import TreePath, place_name


class Naming:
    """The numbers by identity: where the caller had an object before the loop (see `world`)."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._titles: dict[str, str] = {}

    def learn(self, path: TreePath, title: str) -> int:
        """The number of the object that stands at `path` before the loop."""
        name = place_name(path)
        self._titles[name] = title
        return self._number(name)

    def title(self, identity: str, kind: str) -> str:
        """The number and the kind of an object by its identity in a world.

        All modules of a case are built of classes called Block; its program has names for them.
        """
        known = self._titles.get(identity, kind)
        same = kind in ("Block", known.removeprefix("nnx."))
        new = ", new" if identity.startswith("new ") else ""
        return f"#{self._number(identity)} {known if same else kind}{new}"

    def _number(self, identity: str) -> int:
        return self._numbers.setdefault(identity, len(self._numbers) + 1)
