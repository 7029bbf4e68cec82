"""Content-free ledger: one line for each event, each line with a hash over itself and the line before.

Whoever changes, removes or reorders lines breaks the chain. The first line is the anchor: the hash of the last
line that has expired, so that the chain still verifies when its beginning is gone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
import hashlib
import re
from typing import Final

_HASH: Final = r"[0-9a-f]{64}"
_NUMBER: Final = r"[1-9][0-9]{0,14}"
_ANCHOR: Final = re.compile(rf"voice-privacy-ledger 1 (0|{_NUMBER}) ({_HASH})")
_ENTRY: Final = re.compile(
    rf"({_NUMBER}) ([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}Z) ([a-z_]{{1,40}})"
    rf" ([0-9a-f]{{16}}|-|\*{_NUMBER}) ({_HASH})"
)

NO_SUBJECT: Final = "-"
"""Subject of an event that concerns the house."""


class LedgerEvent(StrEnum):
    """Events beside those of toggles, which are called by the toggle: guest_mode_on, muted_off."""

    DAMAGED = "damaged"
    """The ledger was broken, cut off, replaced by an older copy, or missing; what was found is set aside."""

    DELETED = "deleted"
    EXPORTED = "exported"
    KEPT = "kept"
    LOST = "lost"
    """So many events could not be written in time."""

    PLAYED = "played"
    REPAIRED = "repaired"
    """A line that was only written in part, as in a power cut, was removed."""


class BrokenLedger(Exception):
    """A ledger whose chain does not hold. Takes the number of the first bad line, from 1."""

    def __init__(self, line: int) -> None:
        """Take the line."""
        super().__init__(f"line {line}")
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One event."""

    hour: str
    """Hour in UTC, e.g. 2026-11-29T03Z; never more precise."""

    event: str
    subject: str = NO_SUBJECT
    """What it concerns: a MAC of an id, "-" for the house, or "*" and a number for so many recordings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """End of a chain: sequence and hash of the last line."""

    sequence: int
    hash: str

    def anchor(self) -> str:
        """Return the first line of a ledger that continues here."""
        return f"voice-privacy-ledger 1 {self.sequence} {self.hash}"

    def footer(self) -> str:
        """Return the last line of an export, without which lines could be cut off at the end."""
        return f"head {self.sequence} {self.hash}"

    def extended(self, entry: LedgerEntry) -> tuple[str, Head]:
        """Return the line of the next entry, and the end of the chain after it."""
        body = f"{self.sequence + 1} {entry.hour} {entry.event} {entry.subject}"
        digest = hashlib.sha256(f"{self.hash} {body}".encode("ascii")).hexdigest()
        return f"{body} {digest}", Head(sequence=self.sequence + 1, hash=digest)


def extend(head: Head, entries: Iterable[LedgerEntry]) -> tuple[list[str], Head]:
    """Return the lines of entries, and the end of the chain after them."""
    lines = []
    for entry in entries:
        line, head = head.extended(entry)
        lines.append(line)
    return lines, head


def parse_line(line: str) -> LedgerEntry | None:
    """Return the entry of a line, or None if it is none; its hash is not verified."""
    match = _ENTRY.fullmatch(line)
    return None if match is None else LedgerEntry(hour=match[2], event=match[3], subject=match[4])


def verify(lines: Sequence[str]) -> list[Head]:
    """Return the anchor and the end of the chain after each line. Raises BrokenLedger.

    Args:
        lines: Anchor and entries, without line feeds and without the footer of an export.
    """
    anchor = _ANCHOR.fullmatch(lines[0]) if lines else None
    if anchor is None:
        raise BrokenLedger(1)
    heads = [Head(sequence=int(anchor[1]), hash=anchor[2])]
    for number, line in enumerate(lines[1:], start=2):
        entry = parse_line(line)
        if entry is None:
            raise BrokenLedger(number)
        expected, head = heads[-1].extended(entry)
        if line != expected:
            raise BrokenLedger(number)
        heads.append(head)
    return heads


def hour_of(moment: datetime) -> str:
    """Return the hour of a moment, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%HZ")


def expired(lines: Sequence[str], before: str, most: int) -> int:
    """Return how many entries at the beginning are to go: those before an hour, and those above a number.

    Args:
        lines: Anchor and entries.
        before: First hour that stays.
        most: Number of entries that may stay.
    """
    gone = max(0, len(lines) - 1 - most)
    for line in lines[1 + gone :]:
        entry = parse_line(line)
        if entry is None or entry.hour >= before:
            break
        gone += 1
    return gone
