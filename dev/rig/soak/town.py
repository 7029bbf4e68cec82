"""What everybody in a soak shares: the house, the book of promises, and who was heard."""

import asyncio
from collections import Counter
from collections.abc import Generator
import contextlib
from dataclasses import dataclass, field
from random import Random
import time
from typing import Any, Final

import aiohttp

from dev.rig.furnish import DOMAIN
from dev.rig.ha_client import CommandFailed, EventStream, HomeAssistantClient
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member

from .book import Book

_FOREVER: Final = 1e6

SAID: Final = "what time is it"
"""What the speech engine understands, whatever is said."""


class AtOnce:
    """A speech-to-text engine that takes no time, and has no part in what is measured."""

    name = "at_once"

    async def transcribe(self, pcm: bytes) -> str:
        """Return always the same."""
        return SAID

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaf:
    """Somebody spoke, and the house did not hear."""

    at: float
    satellite: str
    why: str


@dataclass(slots=True, kw_only=True)
class Hearing:
    """Who was heard."""

    wakes_spoken: int = 0
    """Those that a crash interrupts are not counted."""

    wakes_heard: int = 0
    utterances_spoken: int = 0
    """By satellites that hear their wake word themselves."""

    utterances_kept: int = 0
    drops: int = 0
    mutes: int = 0
    hostile_acts: int = 0
    deaf: list[Deaf] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Town:
    """The house and what is known of it."""

    house: HomeAssistantProcess
    entry_id: str
    chance: Random
    began: float = field(default_factory=time.monotonic)
    book: Book = field(default_factory=Book)
    hearing: Hearing = field(default_factory=Hearing)
    acts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    self_tests: list[bool | None] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by who says a wake word: Home Assistant counts two within two seconds as one."""

    answers: dict[str, asyncio.Event] = field(default_factory=dict)
    """Set, by satellite, when a recording of it was kept."""

    taken: int = 0
    """Events of the running process that were taken in."""

    @property
    def client(self) -> HomeAssistantClient:
        """The owner's connection, another one after a restart."""
        return self.house.client

    def deaf(self, member: Member, why: str) -> None:
        """Note that somebody was not heard."""
        at = time.monotonic() - self.began
        self.hearing.deaf.append(Deaf(at=round(at, 1), satellite=member.satellite.name, why=why))

    async def pause(self, least: float, most: float) -> None:
        """Do nothing for a while, or until everything is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.chance.uniform(least, most)):
                await self.over.wait()

    @contextlib.contextmanager
    def acting(self, act: str) -> Generator[None]:
        """Count something that somebody does, and what the house answers instead of doing it."""
        try:
            yield
        except CommandFailed as err:
            self.refusals[f"{act}: {err.code}"] += 1
        except (aiohttp.ClientError, ConnectionError) as err:
            self.refusals[f"{act}: {type(err).__name__}"] += 1
        except TimeoutError:
            self.refusals[f"{act}: no answer"] += 1
        else:
            self.acts[act] += 1

    # --- what is kept and deleted ------------------------------------------------------------------

    async def listen(self, events: EventStream) -> None:
        """Take in what the house says, as it comes."""
        while True:
            event = await events.next(timeout=_FOREVER)
            self.taken += 1
            self.take(event)

    def take(self, event: dict[str, Any]) -> None:
        """Take in what the house says."""
        for satellite_id in self.book.hear(event):
            self.answers.setdefault(satellite_id, asyncio.Event()).set()

    def ask(self, satellite_id: str, pcm_digest: str | None) -> asyncio.Event:
        """Note that something is being said; return the event that is set when it is kept."""
        self.book.utter(satellite_id, pcm_digest)
        answer = self.answers[satellite_id] = asyncio.Event()
        return answer

    async def self_test(self) -> None:
        """Run the nightly self-test of deletion now."""
        with self.acting("self-test"):
            answer = await self.client.command(f"{DOMAIN}/self_test/run", timeout=120)
            self.self_tests.append(answer["result"]["passed"])
