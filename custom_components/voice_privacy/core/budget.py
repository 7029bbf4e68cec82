"""How much somebody may send, do or be sent in a time."""


class TokenBucket:
    """A rate, with a burst that may come at once. Times are handed in, in seconds of one clock."""

    def __init__(self, *, rate: float, burst: float, now: float) -> None:
        """Allow `burst` at once, and `rate` more every second."""
        self._rate = rate
        self._burst = burst
        self._level = 0.0
        self._then = now

    def level(self, now: float) -> float:
        """Return how much of what was taken has not been made up for by the time that has passed."""
        self._level = max(0.0, self._level - max(0.0, now - self._then) * self._rate)
        self._then = now
        return self._level

    def spend(self, amount: float, now: float) -> bool:
        """Take this much, or nothing at all where it is too much; return whether it was taken."""
        if self.level(now) + amount > self._burst:
            return False
        self._level += amount
        return True

    def borrow(self, amount: float, now: float) -> None:
        """Take this much in any case."""
        self._level = self.level(now) + amount

    def delay(self, now: float) -> float:
        """Return for how many seconds nothing more should be taken."""
        return max(0.0, self.level(now) - self._burst) / self._rate
