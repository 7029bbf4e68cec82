"""View of recordings without those that are hidden because they are about to be deleted."""

from collections.abc import Collection, Iterator, Mapping, ValuesView
from typing import Any, override


class Visible[V](Mapping[str, V]):
    """Live view of an ordered mapping without some of its keys; nothing is copied."""

    def __init__(self, everything: Mapping[str, V], hidden: Collection[str]) -> None:
        """Wrap a mapping whose keys can be iterated in both directions."""
        self._everything = everything
        self._hidden = hidden

    @override
    def __getitem__(self, key: str) -> V:
        """Return a value. Raises KeyError if the key is unknown or hidden."""
        if key in self._hidden:
            raise KeyError(key)
        return self._everything[key]

    @override
    def __iter__(self) -> Iterator[str]:
        """Iterate over the visible keys."""
        return (key for key in self._everything if key not in self._hidden)

    def __reversed__(self) -> Iterator[str]:
        """Iterate over the visible keys from the end."""
        ordered: Any = self._everything
        return (key for key in reversed(ordered) if key not in self._hidden)

    @override
    def __len__(self) -> int:
        """Return the number of visible keys."""
        return len(self._everything) - sum(key in self._everything for key in self._hidden)

    @override
    def values(self) -> ValuesView[V]:
        """Return the visible values, which can be iterated in both directions, too."""
        return _Values(self, self._everything, self._hidden)


class _Values[V](ValuesView[V]):
    """Values of a visible mapping."""

    def __init__(self, visible: Visible[V], everything: Mapping[str, V], hidden: Collection[str]) -> None:
        super().__init__(visible)
        self._visible = visible
        self._everything = everything
        self._hidden = hidden

    @override
    def __iter__(self) -> Iterator[V]:
        return (value for key, value in self._everything.items() if key not in self._hidden)

    def __reversed__(self) -> Iterator[V]:
        return (self._visible[key] for key in reversed(self._visible))
