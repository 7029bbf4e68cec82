"""Recognition of a satellite that another server uses, from the ways in which connections to it end.

A satellite serves one server at a time. Some turn a second server away, others drop the first one for it.
All times are seconds on the same monotonic clock.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

SHORT_SECONDS: Final = 1.0
"""Age of a connection up to which its end says little: a faulty satellite may close it, too."""

SHORT_COUNT: Final = 3
SHORT_SPAN: Final = 10.0
"""Number of connections in a row that are closed soon, and time between the first and the last of them.

After a crash or a lost network the satellite may believe for up to 7 s that our earlier connection still exists.
"""

TAKEN_COUNT: Final = 3
TAKEN_WINDOW: Final = 180.0
"""Number of older connections that the satellite closes within this time."""

ABSENT_COUNT: Final = 3
"""Number of failed attempts in a row after which a satellite that was used by another server counts as off."""

REFUSAL_SECONDS: Final = 5.0
"""Time within which a satellite closes the connection of a server that it turns away."""

LOOK_BACK_DELAY: Final = 0.25
"""Delay before the first attempt after a satellite has closed the connection: one that restarts is still absent.

After several that it closes at once, the ordinary delay applies: a faulty satellite might go on like that.
"""

TURNED_AWAY_DELAY: Final = 5.0
"""Delay between attempts at a satellite that turns them away, which does not disturb the other server."""

TAKEN_DELAYS: Final = (8.0, 15.0, 30.0, 60.0)
"""Delays between attempts that take the satellite from the other server; the last one repeats."""

PATIENCE: Final = 4.0
"""Time for which a satellite that is taken again and again must stay before it counts as connected.

Core's Wyoming integration takes it back after 3 s.
"""

TURNED_AWAY_SETTLED: Final = 5.0
TAKEN_SETTLED: Final = 20.0
"""Least age of a connection which proves that no other server uses the satellite any more."""


class Rival(StrEnum):
    """Server that uses a satellite instead of us."""

    CORE = "used_by_wyoming"
    """The Wyoming integration of this Home Assistant."""

    OTHER = "used_elsewhere"


class Ending(Enum):
    """Way in which an attempt to connect has ended."""

    ABSENT = auto()
    """No connection was established: refused, unreachable, or no answer."""

    LOST = auto()
    """A connection failed: silence, nonsense, or a reset as by a bad network."""

    TAKEN = auto()
    """The satellite closed a connection that it had accepted."""

    TURNED_AWAY = auto()
    """The satellite closed the connection before it accepted us."""

    UNCLEAR = auto()
    """We ended it."""


@dataclass(slots=True)
class Attempt:
    """Attempt to connect, with what is known of it when it has ended."""

    opened_at: float | None = None
    described: bool = False
    """True if the peer has described itself as a satellite, which many do for everybody."""

    accepted: bool = False
    """True if the satellite has sent anything else: it regards us as its server."""

    closed: bool = False
    """True if the satellite closed the connection in an orderly way."""

    reset: bool = False
    """True if the connection was reset."""

    ours: bool = False
    """True if we ended the connection."""

    def lasted(self, now: float) -> float:
        """Return the age of the connection."""
        return 0.0 if self.opened_at is None else now - self.opened_at

    def ending(self, now: float) -> Ending:
        """Return the way in which the attempt has ended.

        A peer that closes the connection before it has read our request resets it; a reset later on comes
        from the network.
        """
        if self.opened_at is None:
            return Ending.ABSENT
        if self.ours:
            return Ending.UNCLEAR
        if self.closed and self.accepted:
            return Ending.TAKEN
        turned_away = self.closed or (self.reset and not self.described)
        if turned_away and not self.accepted and self.lasted(now) < REFUSAL_SECONDS:
            return Ending.TURNED_AWAY
        return Ending.LOST


class Contention:
    """Evidence of another server that uses the same satellite."""

    def __init__(self) -> None:
        """Start without evidence."""
        self.rival_is_known = False
        """True if core's integration is known to be set up for the satellite: the first evidence suffices."""

        self._verdict: Ending | None = None
        self._last: Ending | None = None
        self._short = 0
        """Number of connections in a row that were turned away or taken soon."""

        self._short_since = 0.0
        self._taken: list[tuple[float, float]] = []
        """Times at which the satellite was taken from us, with the ages of the connections."""

        self._absent = 0
        self._tries = 0
        """Number of connections that were taken from us since the verdict."""

    @property
    def rival(self) -> Rival | None:
        """Server that uses the satellite instead of us, or keeps taking it; None if there is no evidence."""
        if self._verdict is None:
            return None
        return Rival.CORE if self.rival_is_known else Rival.OTHER

    @property
    def is_suspected(self) -> bool:
        """True if the satellite must answer before a connection counts as established."""
        return self._verdict is not None or self._short > 0

    @property
    def patience(self) -> float:
        """Seconds for which the next connection must last before it counts as established."""
        return PATIENCE if self._verdict is Ending.TAKEN else 0.0

    def clear(self) -> None:
        """Drop all evidence."""
        self._verdict = self._last = None
        self._taken.clear()
        self._short = self._absent = self._tries = 0

    def ended(self, ending: Ending, now: float, lasted: float = 0.0) -> None:
        """Take the ending of an attempt into account.

        Args:
            ending: The way in which it has ended.
            now: The current time.
            lasted: Age of the connection.
        """
        if ending in (Ending.ABSENT, Ending.LOST):
            self._absent += 1
            if self._verdict is None or self._absent >= ABSENT_COUNT:
                self.clear()
        elif ending is not Ending.UNCLEAR:
            self._absent = 0
            self._tries += ending is Ending.TAKEN and self._verdict is Ending.TAKEN
            if ending is Ending.TAKEN and lasted >= SHORT_SECONDS:
                self._short = 0
                recent = [(at, age) for at, age in self._taken if now - at < TAKEN_WINDOW]
                self._taken = recent[-TAKEN_COUNT:]
                self._taken.append((now, lasted))
                self._judge(ending, guilty=len(self._taken) >= TAKEN_COUNT)
            else:
                self._short_since = self._short_since if self._short else now
                self._short += 1
                guilty = self._short >= SHORT_COUNT and now - self._short_since >= SHORT_SPAN
                self._judge(ending, guilty=guilty)
        self._last = ending

    def _judge(self, ending: Ending, *, guilty: bool) -> None:
        """Reach a verdict if the evidence suffices."""
        if guilty or (self.rival_is_known and self._verdict is None):
            self._verdict = ending

    def survived(self, lasted: float) -> None:
        """Take the age of a connection that the satellite has accepted into account."""
        settled = TURNED_AWAY_SETTLED
        if self._verdict is Ending.TAKEN:
            # The first connection may be from a time without another server.
            settled = max([TAKEN_SETTLED, *(2 * age for _, age in self._taken[1:])])
        if lasted >= settled:
            self._short = 0
            if self._verdict is not None:
                self.clear()

    def delay(self, ordinary: float) -> float:
        """Return the seconds to wait before the next attempt.

        Args:
            ordinary: Seconds to wait if there is no other server.
        """
        if self._last in (Ending.ABSENT, Ending.LOST):
            return ordinary
        if self._verdict is Ending.TAKEN:
            return TAKEN_DELAYS[min(self._tries, len(TAKEN_DELAYS) - 1)]
        if self._verdict is Ending.TURNED_AWAY:
            return TURNED_AWAY_DELAY
        if self._last is Ending.TAKEN and self._short <= 1:
            return min(ordinary, LOOK_BACK_DELAY)
        return ordinary
