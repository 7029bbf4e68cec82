"""Detection of wake words in a stream of scores, with one detection per spoken word."""


class WakeWordDetector:
    """Detector for the scores of a wake word in a stream. Not thread-safe.

    - A detection needs `trigger_level` consecutive chunks at or above the threshold.
    - After a detection, the detector re-arms once a score below the threshold has been seen and the
      refractory time has passed, in any order. A long word is therefore a single detection, and a second
      word that begins within the refractory time is still detected if it lasts beyond it.
    """

    __slots__ = ("_consecutive", "_detected_at", "_fell_below", "_refractory", "_threshold", "_trigger_level")

    def __init__(self, *, threshold: float, trigger_level: int = 1, refractory_samples: int) -> None:
        """Create an armed detector; times are samples of the stream, not the clock.

        Args:
            threshold: Required score, 0 to 1.
            trigger_level: Consecutive chunks that must reach the threshold, at least 1.
            refractory_samples: Samples after a detection in which there is no other detection.
        """
        self._threshold = threshold
        self._trigger_level = max(1, trigger_level)
        self._refractory = refractory_samples
        self.reset()

    def reset(self) -> None:
        """Reset the state at a restart of the stream."""
        self._consecutive = 0
        self._detected_at: int | None = None
        self._fell_below = True

    def process(self, score: float, end_sample: int) -> bool:
        """Process the score of the chunk that ends at this sample; return whether it is a detection.

        NaN counts as below the threshold.
        """
        if not score >= self._threshold:
            self._consecutive = 0
            self._fell_below = True
            return False
        self._consecutive += 1
        if self._consecutive < self._trigger_level or not self._fell_below:
            return False
        if self._detected_at is not None and end_sample - self._detected_at < self._refractory:
            return False
        self._detected_at = end_sample
        self._fell_below = False
        return True
