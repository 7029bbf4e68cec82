"""How long is waited for what comes within a time on a quiet machine."""

from typing import Final

SLOWER: Final = 3
"""How much slower than that a machine may be; what comes in time is not waited for any longer."""
