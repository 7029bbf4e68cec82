"""Decide from a stream of scores when a wake word was spoken: one detection per word."""


class WakeWordDetector:
    """Turn the scores of one wake word in one stream into detections. Not threadsafe.

    - A detection needs `trigger_level` consecutive chunks at or above the threshold.
    - After it the detector re-arms once a score below the threshold has been seen and the refractory time
      has passed, in whatever order. So a long word is one detection, and a second word that begins
      within the refractory time of the first is still found when it lasts beyond it.
    """

    __slots__ = ("_consecutive", "_detected_at", "_fell_below", "_refractory", "_threshold", "_trigger_level")

    def __init__(self, *, threshold: float, trigger_level: int = 1, refractory_samples: int) -> None:
        """Listen from now on; times are samples of the stream, never the clock."""
        self._threshold = threshold
        self._trigger_level = max(1, trigger_level)
        self._refractory = refractory_samples
        self.reset()

    def reset(self) -> None:
        """Forget the scores so far; the stream begins anew."""
        self._consecutive = 0
        self._detected_at: int | None = None
        self._fell_below = True

    def process(self, score: float, end_sample: int) -> bool:
        """Take the score of the chunk that ends at this sample; return whether it is a detection.

        A score that is not a number counts as below the threshold.
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
