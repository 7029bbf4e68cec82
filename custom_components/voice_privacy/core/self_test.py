"""Self-test of deletion: its synthetic recording, its checks and its result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
import time
from typing import Any, Final, Self

from .audio import CHUNK_BYTES
from .capture import CaptureSession, Wake
from .models import StartedBy
from .moments import parse_moment

SELF_TEST: Final = "self_test"
"""Stands for the satellite of a synthetic recording; those of real satellites are random."""

_CHUNKS: Final = 10
"""Length of the synthetic recording in chunks of 80 ms."""


class Check(StrEnum):
    """Places that must hold nothing of the synthetic recording after its deletion."""

    KEY = "key"
    """Key file: its key and id, in both mirrors."""

    FILE = "file"
    """Our folder: its sealed file, files that name it, files that contain its text or audio."""

    INDEX = "index"
    """List of recordings in memory."""

    ROW = "row"
    """Our table in the recorder's database."""

    RECORDER = "recorder"
    """Home Assistant's own tables: states, attributes and events with its text or id."""

    BACKUP = "backup"
    """Newest backup: anything of our folder, which no backup may contain."""


class Verdict(StrEnum):
    """Outcome of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"
    """It could not be looked at: for example there is no backup, or it is encrypted."""

    @classmethod
    def of(cls, remains: bool | None) -> Verdict:
        """Return the verdict on a search: whether something remains, or None if nobody could look."""
        if remains is None:
            return cls.NOT_CHECKED
        return cls.FAILED if remains else cls.PASSED


_STANDS_FOR: Final = timedelta(hours=50)
"""Time for which a passed test says something: two nights, and as much as a night may be longer."""

_MAY_BE_MISSING: Final = frozenset({Check.BACKUP})
"""Checks that need not be possible for a test to pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTestResult:
    """Result of one self-test."""

    when: datetime
    """Timezone-aware, UTC."""

    checks: Mapping[Check, Verdict]

    @property
    def failed(self) -> tuple[Check, ...]:
        """Checks that failed."""
        return tuple(check for check in Check if self.checks.get(check) is Verdict.FAILED)

    @property
    def passed(self) -> bool | None:
        """True if nothing was found; None if some place could not be searched."""
        if self.failed:
            return False
        searched = {check for check, verdict in self.checks.items() if verdict is Verdict.PASSED}
        return True if searched >= set(Check) - _MAY_BE_MISSING else None

    def stands(self, now: datetime) -> bool | None:
        """Return what the test says now: one that has passed says nothing any more if none has followed.

        Args:
            now: Timezone-aware.
        """
        return None if self.passed and abs(now - self.when) > _STANDS_FOR else self.passed

    def as_dict(self) -> dict[str, Any]:
        """Return the result as the action and the page answer it."""
        return {
            "when": self.when.isoformat(),
            "passed": self.passed,
            "checks": {check.value: verdict.value for check, verdict in self.checks.items()},
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Parse a stored result. Raises KeyError, TypeError, AttributeError or ValueError if it is malformed."""
        checks = {Check(check): Verdict(verdict) for check, verdict in stored["checks"].items()}
        return cls(when=parse_moment(stored["when"]), checks=checks)


def synthetic_capture(token: str, started_at: datetime) -> CaptureSession:
    """Return a capture whose transcript, reply and audio contain a token; nobody has said anything.

    Args:
        token: ASCII text that occurs nowhere else.
        started_at: Start, timezone-aware, UTC.
    """
    capture = CaptureSession(
        SELF_TEST,
        Wake(started_by=StartedBy.BUTTON),
        pre_roll=b"",
        started_at=started_at,
        started_monotonic=time.monotonic(),
    )
    size = _CHUNKS * CHUNK_BYTES
    pattern = token.encode("ascii")
    # Letters read as samples are loud.
    capture.add((pattern * (size // len(pattern) + 1))[:size])
    capture.transcript = f"Self-test {token}"
    capture.reply = f"Reply to {token}"
    return capture
