"""Utterances that are still being captured, so that a deletion request covers them before they are stored."""

from dataclasses import replace
from typing import Final

from .capture import CaptureSession
from .deletion import HouseClock, InFlight, select_in_flight
from .models import DeletionRequest, DeletionScope, DiscardReason

_MAX_LATE_SECONDS: Final = 6
"""Age of the oldest sound that the engine may still report."""


class InFlightCaptures:
    """Captures in memory that may still be stored. Use it in the event loop only."""

    def __init__(self) -> None:
        """Start without captures."""
        self._captures: dict[str, CaptureSession] = {}

    def add(self, capture: CaptureSession) -> None:
        """Add a capture that has started."""
        self._captures[capture.utterance_id] = capture

    def remove(self, capture: CaptureSession) -> None:
        """Remove a capture that has been stored or discarded."""
        self._captures.pop(capture.utterance_id, None)

    @property
    def all(self) -> list[CaptureSession]:
        """Captures of all satellites."""
        return list(self._captures.values())

    @property
    def near_misses(self) -> frozenset[str]:
        """Ids of the near misses that may still be stored."""
        return frozenset(capture.utterance_id for capture in self._captures.values() if capture.near_miss)

    def get(self, utterance_id: str) -> CaptureSession | None:
        """Return a capture by its utterance id, or None if it has been stored or discarded."""
        return self._captures.get(utterance_id)

    def of(self, satellite_id: str | None) -> list[CaptureSession]:
        """Return a satellite's captures, oldest first, without near misses: nobody has said those to it."""
        return sorted(
            (
                capture
                for capture in self._captures.values()
                if capture.satellite_id == satellite_id and not capture.near_miss
            ),
            key=lambda capture: capture.started_monotonic,
        )

    def meant(self, request: DeletionRequest, clock: HouseClock) -> list[CaptureSession]:
        """Return the captures that a request covers and that might still be stored."""
        meant = select_in_flight(
            request,
            (
                InFlight(
                    utterance_id=capture.utterance_id,
                    satellite_id=capture.satellite_id,
                    started_monotonic=capture.started_monotonic,
                    near_miss=capture.near_miss,
                )
                for capture in self._captures.values()
                if capture.forbidden is None
            ),
            clock,
        )
        return [self._captures[utterance.utterance_id] for utterance in meant]

    def fence(self, request: DeletionRequest, clock: HouseClock) -> list[CaptureSession]:
        """Prevent the captures that a request covers from being stored; return them."""
        fenced = self.meant(request, clock)
        for capture in fenced:
            capture.forbid(DiscardReason.DELETED)
        return fenced


def covers_near_misses_now(request: DeletionRequest, satellite_id: str, clock: HouseClock) -> bool:
    """Return whether a request covers a near miss of the last seconds that the engine has not reported yet.

    The engine reports a sound half a second after its end, and up to four seconds later if it is overloaded.
    """
    return any(
        select_in_flight(
            request,
            [
                InFlight(
                    utterance_id="",
                    satellite_id=satellite_id,
                    started_monotonic=clock.monotonic - ago,
                    near_miss=True,
                )
            ],
            clock,
        )
        for ago in range(_MAX_LATE_SECONDS + 1)
    )


def without_fenced(request: DeletionRequest, fenced: list[CaptureSession]) -> DeletionRequest:
    """Narrow a LAST request: satellites whose last utterance is still in memory have no stored match."""
    utterances = [capture for capture in fenced if not capture.near_miss]
    if request.scope is not DeletionScope.LAST or not utterances:
        return request
    if request.satellite_ids is None:
        return replace(request, satellite_ids=frozenset())
    return replace(
        request, satellite_ids=request.satellite_ids - {utterance.satellite_id for utterance in utterances}
    )
