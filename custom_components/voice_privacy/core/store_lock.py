"""The lock under which stored recordings change, together with everything that is derived from them."""

import asyncio


class StoreLock(asyncio.Lock):
    """Serialize changes of recordings, of the review pool and of learned weights. It belongs to the event loop.

    Whoever keeps, deletes, proposes, labels or learns holds it for the whole change: a clip cannot enter
    while the pool is emptied, and weights are not written while what they were learned from is deleted.
    A method whose caller must hold the lock says so with `require`.
    """

    def require(self) -> None:
        """Refuse to go on unless the lock is held. Raises RuntimeError."""
        if not self.locked():
            raise RuntimeError("the store lock is not held")
