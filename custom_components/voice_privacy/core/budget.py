"""Rate limits."""


class TokenBucket:
    """Token bucket with a rate and a burst. The caller passes times, in seconds of a monotonic clock."""

    def __init__(self, *, rate: float, burst: float, now: float) -> None:
        """Allow `burst` at once, and `rate` more per second."""
        self._rate = rate
        self._burst = burst
        self._level = 0.0
        self._then = now

    def level(self, now: float) -> float:
        """Return the amount taken that the rate has not yet restored."""
        self._level = max(0.0, self._level - max(0.0, now - self._then) * self._rate)
        self._then = now
        return self._level

    def spend(self, amount: float, now: float) -> bool:
        """Take an amount unless it would exceed the burst; return whether it was taken."""
        if self.level(now) + amount > self._burst:
            return False
        self._level += amount
        return True

    def borrow(self, amount: float, now: float) -> None:
        """Take an amount unconditionally."""
        self._level = self.level(now) + amount

    def delay(self, now: float) -> float:
        """Return the seconds to wait before taking more."""
        return max(0.0, self.level(now) - self._burst) / self._rate
