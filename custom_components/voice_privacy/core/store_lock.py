"""Lock for changes of stored recordings and all data derived from them."""

import asyncio


class StoreLock(asyncio.Lock):
    """Lock that serializes changes of recordings, the review pool and trained weights, in the event loop.

    Storing, deleting, proposing, labeling and training hold it for the whole change. A clip cannot enter the
    pool while it is being emptied, and weights are not written while the recordings that they were trained
    on are deleted. Methods whose caller must hold the lock assert this with `require`.
    """

    def require(self) -> None:
        """Raise RuntimeError unless the lock is held."""
        if not self.locked():
            raise RuntimeError("the store lock is not held")
