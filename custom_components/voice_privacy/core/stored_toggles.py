"""Toggles in the settings file, which may have been written by an earlier or a later version.

The file describes the toggles that its writer knew: their names, and the more private value of each. So a
toggle that did not exist yet is told from one that was lost.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

BASELINE: Final[Mapping[str, frozenset[str]]] = {
    "house": frozenset(
        {"deletion_by_voice", "guest_mode", "help_improve", "household_may_listen", "verifier"}
    ),
    "satellites": frozenset({"help_improve", "muted", "save_recordings", "save_transcripts"}),
}
"""Toggles of files without a description; toggles that are added later never belong here."""


class StoredToggles[Toggle: StrEnum]:
    """Reader of one group of toggles: those of the house, or those of each satellite."""

    def __init__(
        self, group: str, toggles: Iterable[Toggle], private: Mapping[Toggle, bool], described: object
    ) -> None:
        """Prepare to read a file.

        Args:
            group: Key of the group in the description.
            toggles: Toggles of this version.
            private: The more private value of each of them.
            described: The file's description, or None if it has none.

        Raises:
            KeyError, TypeError: The description is malformed.
        """
        self._private = {toggle: private[toggle] for toggle in toggles}
        self._written: Mapping[str, bool | None] = (
            dict.fromkeys(BASELINE[group]) if described is None else _description(described, group)
        )

    def read(self, stored: object) -> dict[Toggle, bool]:
        """Return the toggles; one that the writer did not know yet has its more private value.

        Raises:
            TypeError: A value is not a bool, or there is no mapping at all.
            KeyError: A toggle that the writer knew is missing.
            ValueError: A restriction is on that this version does not know, so it cannot be honored.
        """
        if not isinstance(stored, dict):
            raise TypeError
        for name, private in self._written.items():
            # Off is what an unknown toggle amounts to here; if on is more private, that is not enough.
            if name not in self._private and private is True and _flag(stored[name]):
                raise ValueError("a restriction of another version cannot be honored")
        return {
            toggle: _flag(stored[toggle]) if toggle in self._written or toggle in stored else private
            for toggle, private in self._private.items()
        }


def describe(groups: Mapping[str, Mapping[Any, bool]]) -> dict[str, dict[str, bool]]:
    """Return the description of this version's toggles, given the more private values by group."""
    return {group: {str(toggle): on for toggle, on in private.items()} for group, private in groups.items()}


def _description(described: object, group: str) -> dict[str, bool | None]:
    """Return the part of a description that concerns a group. Raises KeyError or TypeError."""
    if not isinstance(described, dict) or not isinstance(part := described[group], dict):
        raise TypeError
    return {name: _flag(private) for name, private in part.items()}


def _flag(value: object) -> bool:
    """Return a stored toggle. Raises TypeError unless it is a bool: the string "off" would be truthy."""
    if not isinstance(value, bool):
        raise TypeError
    return value
