"""Book of promises: what a house has said to be kept and to be deleted, held against what it has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
import hashlib
from typing import Any

UNREADABLE = "unreadable"
"""Stands for the digest of a recording that is listed and cannot be played."""


def digest(pcm: bytes) -> str:
    """Return what identifies a piece of audio."""
    return hashlib.sha256(pcm).hexdigest()


@dataclass(slots=True, kw_only=True)
class Findings:
    """Broken promises, as recording ids."""

    lost: set[str] = field(default_factory=set)
    """Kept, not deleted, and not listed."""

    unreadable: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    """Its audio is not what was said, or what was played before."""

    back: set[str] = field(default_factory=set)
    """Deleted, and listed or on the disk."""

    unexplained: set[str] = field(default_factory=set)
    """Listed, or on the disk, although nobody was told, and nothing was under way that explains it."""

    def add(self, other: Findings) -> None:
        """Add the findings of another check."""
        self.lost |= other.lost
        self.unreadable |= other.unreadable
        self.changed |= other.changed
        self.back |= other.back
        self.unexplained |= other.unexplained

    def counts(self) -> dict[str, int]:
        """Return how many there are of each kind."""
        return {name: len(getattr(self, name)) for name in self.__slots__}


@dataclass(slots=True)
class Book:
    """What the house has answered, over all its processes. An unknown digest is None."""

    kept: dict[str, str | None] = field(default_factory=dict)
    """Digest by recording id, neither deleted nor being deleted."""

    deleted: set[str] = field(default_factory=set)
    deleting: dict[str, str | None] = field(default_factory=dict)
    """Asked for and not answered: there or not, but whole."""

    uttered: dict[str, str | None] = field(default_factory=dict)
    """Digest by satellite of what was said and not answered yet."""

    live: Findings = field(default_factory=Findings)
    """What was found while the house lived."""

    keeps: int = 0
    by_house: int = 0
    """Deletions that nobody asked for: by age or by size."""

    # --- what is said ------------------------------------------------------------------------------

    def utter(self, satellite_id: str, pcm_digest: str | None) -> None:
        """Note that something is being said at a satellite."""
        self.uttered[satellite_id] = pcm_digest

    def ask_deletion(self, recording_ids: Collection[str]) -> None:
        """Note that somebody asks for a deletion."""
        for recording_id in recording_ids:
            if recording_id in self.kept:
                self.deleting[recording_id] = self.kept.pop(recording_id)

    # --- what the house says -----------------------------------------------------------------------

    def hear(self, event: Mapping[str, Any]) -> list[str]:
        """Take in a change of the list of recordings; return the satellites whose recordings are new."""
        match event["type"]:
            case "added":
                return [self._kept(row["id"], row["satellite_id"]) for row in event["recordings"]]
            case "deleted":
                self._gone(event["recording_ids"])
            case "reset":
                # Too many have changed to be told one by one: each of them may be gone.
                self.deleting |= self.kept
                self.kept.clear()
        return []

    def _kept(self, recording_id: str, satellite_id: str) -> str:
        if recording_id in self.deleted:
            self.live.back.add(recording_id)
        elif recording_id not in self.kept and recording_id not in self.deleting:
            self.kept[recording_id] = self.uttered.pop(satellite_id, None)
            self.keeps += 1
        return satellite_id

    def _gone(self, recording_ids: Collection[str]) -> None:
        for recording_id in recording_ids:
            if recording_id in self.kept:
                self.by_house += 1
            self.kept.pop(recording_id, None)
            self.deleting.pop(recording_id, None)
            self.deleted.add(recording_id)

    def receipt(self, recording_ids: Collection[str]) -> None:
        """Note that a deletion was answered with a receipt."""
        for recording_id in recording_ids:
            self.kept.pop(recording_id, None)
            self.deleting.pop(recording_id, None)
            self.deleted.add(recording_id)

    def listed(self, recording_ids: Collection[str], deleted_before: Collection[str]) -> None:
        """Note what somebody was shown, and what had been deleted when it was asked for."""
        self.live.back.update(set(deleted_before).intersection(recording_ids))

    def played(self, recording_id: str, pcm_digest: str) -> None:
        """Note what somebody heard: for the first time it says what was kept."""
        for shelf in (self.kept, self.deleting):
            if recording_id in shelf:
                known = shelf[recording_id]
                if known is None:
                    shelf[recording_id] = pcm_digest
                elif known != pcm_digest:
                    self.live.changed.add(recording_id)

    # --- what is there -----------------------------------------------------------------------------

    def check(
        self, found: Mapping[str, str], satellite_of: Mapping[str, str], on_disk: Collection[str] = ()
    ) -> Findings:
        """Return which promises do not hold; after that nothing is in doubt.

        Args:
            found: Digest, or UNREADABLE, of everything that is listed, by recording id.
            satellite_of: Satellite of everything that is listed, by recording id.
            on_disk: Ids of which a file, a key or a row is on the disk.
        """
        findings = Findings(
            lost=self.kept.keys() - found.keys(),
            unreadable={recording_id for recording_id, heard in found.items() if heard == UNREADABLE},
            back=self.deleted & (found.keys() | set(on_disk)),
        )
        for recording_id, heard in found.items():
            known = self.kept.get(recording_id) or self.deleting.get(recording_id)
            is_new = recording_id not in self.kept and recording_id not in self.deleting
            if is_new and recording_id not in self.deleted:
                satellite_id = satellite_of[recording_id]
                known = self.uttered.get(satellite_id)
                if satellite_id not in self.uttered:
                    findings.unexplained.add(recording_id)
            if known is not None and heard not in (known, UNREADABLE):
                findings.changed.add(recording_id)
        findings.unexplained |= set(on_disk) - found.keys() - self.deleted - self.kept.keys()
        # Either way it went, it stays that way.
        self.deleted |= self.deleting.keys() - found.keys()
        self.kept = {
            recording_id: heard for recording_id, heard in found.items() if recording_id not in self.deleted
        }
        self.deleting.clear()
        self.uttered.clear()
        return findings
