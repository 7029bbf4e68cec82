"""What a satellite learns while our wake word entity hears one of its streams."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from homeassistant.core import callback

from ..core.score_history import ScorePeak
from .near_misses import NearMissWatch
from .pipeline import PipelineSatellite

if TYPE_CHECKING:
    from types import TracebackType


class EngineRun:
    """Stream of a satellite at the wake word entity, from its first chunk to its end.

    A stream without a satellite, such as that of a browser, informs nobody.
    """

    def __init__(
        self, satellite: PipelineSatellite | None, stream_id: str, between: Callable[[int, int], bytes]
    ) -> None:
        """Begin a run.

        Args:
            satellite: Satellite that sends the stream, or None.
            stream_id: Id of the stream at the built-in wake engine.
            between: Returns the buffered audio between two sample positions.
        """
        self._satellite = satellite
        self._stream_id = stream_id
        self._near_misses = None if satellite is None else NearMissWatch(satellite, between)

    def __enter__(self) -> Self:
        """Note that the satellite sends audio to the built-in wake engine."""
        if self._satellite is not None:
            self._satellite.is_heard()
            self._satellite.wake_streams += 1
            self._satellite.wake_stream_id = self._stream_id
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the run; a near miss whose last second has not arrived is dropped."""
        if self._near_misses is not None:
            self._near_misses.restart()
        if self._satellite is not None:
            self._satellite.wake_streams -= 1

    @property
    def on_peak(self) -> Callable[[ScorePeak], None] | None:
        """Receiver of score peaks, if there is one."""
        return None if self._near_misses is None else self._near_misses.peaked

    @callback
    def admits(self, pcm: bytes) -> bool:
        """Return whether a chunk may be heard; live tests of a wake word hear it too."""
        if self._satellite is None:
            return True
        if self._satellite.blocked:
            return False
        self._satellite.taps.heard(pcm)
        return True

    @callback
    def heard(self, end: int) -> None:
        """Note the position, in samples, up to which the stream has been heard."""
        if self._near_misses is not None:
            self._near_misses.heard(end)

    @callback
    def woke(self, end: int) -> None:
        """Note the position, in samples, at which a wake word was detected."""
        if self._near_misses is not None:
            self._near_misses.woke(end)
