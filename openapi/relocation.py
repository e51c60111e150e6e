"""Which parts of a document stand elsewhere in the file than in the view that is read of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Relocation:
    """Pairs of JSON Pointers, (in the view, in the file); what stands below one of them moves with it."""

    _written: dict[str, str] = field(default_factory=dict)
    _viewed: dict[str, str] = field(default_factory=dict)

    def add(self, viewed: str, written: str, *, moved: bool = True) -> None:
        """`moved` says that a reference to what is written leads there in the view, and not to where it stood."""
        self._written[viewed] = written
        if moved:
            self._viewed.setdefault(written, viewed)

    def written(self, viewed: str) -> str:
        """Where in the file a part of the view stands."""
        return _moved(viewed, self._written)

    def viewed(self, written: str) -> str:
        """Where in the view a part of the file stands."""
        return _moved(written, self._viewed)


def _moved(pointer: str, pairs: dict[str, str]) -> str:
    prefix = pointer
    while prefix and prefix not in pairs:
        prefix = prefix.rpartition("/")[0]
    return pairs.get(prefix, prefix) + pointer[len(prefix) :]
