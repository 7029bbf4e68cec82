"""Utterances that are still being captured: a deletion reaches them before they are kept."""

from dataclasses import replace

from .capture import CaptureSession
from .deletion import HouseClock, InFlight, select_in_flight
from .models import DeletionRequest, DeletionScope, DiscardReason


class InFlightCaptures:
    """What is in memory and may still be kept. It belongs to the event loop."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._captures: dict[str, CaptureSession] = {}

    def add(self, capture: CaptureSession) -> None:
        """An utterance has begun."""
        self._captures[capture.utterance_id] = capture

    def remove(self, capture: CaptureSession) -> None:
        """An utterance is kept or discarded."""
        self._captures.pop(capture.utterance_id, None)

    @property
    def all(self) -> list[CaptureSession]:
        """The utterances of every satellite."""
        return list(self._captures.values())

    def get(self, utterance_id: str) -> CaptureSession | None:
        """Return an utterance by its id; None when it is kept or discarded."""
        return self._captures.get(utterance_id)

    def of(self, satellite_id: str | None) -> list[CaptureSession]:
        """Return a satellite's utterances, oldest first."""
        return sorted(
            (capture for capture in self._captures.values() if capture.satellite_id == satellite_id),
            key=lambda capture: capture.started_monotonic,
        )

    def meant(self, request: DeletionRequest, clock: HouseClock) -> list[CaptureSession]:
        """Return the utterances that a request means and that might still be kept."""
        meant = select_in_flight(
            request,
            (
                InFlight(
                    utterance_id=capture.utterance_id,
                    satellite_id=capture.satellite_id,
                    started_monotonic=capture.started_monotonic,
                )
                for capture in self._captures.values()
                if capture.forbidden is None
            ),
            clock,
        )
        return [self._captures[one.utterance_id] for one in meant]

    def fence(self, request: DeletionRequest, clock: HouseClock) -> list[CaptureSession]:
        """Make sure that nothing a request means is kept, and return it."""
        fenced = self.meant(request, clock)
        for capture in fenced:
            capture.forbid(DiscardReason.DELETED)
        return fenced


def without_fenced(request: DeletionRequest, fenced: list[CaptureSession]) -> DeletionRequest:
    """Return what a request means in the store: where the last one was in memory, no stored one is the last."""
    if request.scope is not DeletionScope.LAST or not fenced:
        return request
    if request.satellite_ids is None:
        return replace(request, satellite_ids=frozenset())
    return replace(request, satellite_ids=request.satellite_ids - {one.satellite_id for one in fenced})
