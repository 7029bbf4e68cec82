"""Run a soak: many satellites and some members live in a house, which is then killed and loses its power."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
import tempfile
import time
from typing import Final

import pytest

from dev.rig.furnish import DOMAIN, add_integration, use_speech_servers
from dev.rig.ha_client import HomeAssistantClient
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.onboarding import User, create_user
from dev.rig.satellite import Satellite
from dev.rig.sealed import DATABASE
from dev.rig.speech_servers import SttServer, TtsServer
from tests.storage import servers

from . import allocator, evidence, members, satellites
from .book import Findings
from .disk import Disk
from .figures import Stall
from .town import AtOnce, Town
from .watch import Watch

RECORDERS: Final = ("sqlite", "mariadb", "postgresql")

_START_SECONDS: Final = 300.0
_LISTENED_TO_SECONDS: Final = 120.0
_SELF_TEST_SECONDS: Final = 300.0
_BEFORE_CRASH_KEEPS: Final = 6
_BEFORE_CRASH_SECONDS: Final = 90.0
_LIMIT_MB: Final = 8
_SHORT_LIMIT_MB: Final = 1
_SHORT_MINUTES: Final = 5


class NotPossible(Exception):
    """A soak cannot run on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done."""

    minutes: float
    satellites: int
    recorder: str
    seed: int


@dataclass(slots=True, kw_only=True)
class Soak:
    """A soak, and what it has found."""

    plan: Plan
    town: Town
    watch: Watch
    checks: dict[str, Findings] = field(default_factory=dict)
    """What was found, by the moment at which the book was checked."""

    hostile: list[bool] = field(default_factory=list)
    """Whether each satellite means harm."""

    frames_sent: list[int] = field(default_factory=list)
    stalls: list[Stall] = field(default_factory=list)
    lateness: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    """Errors in the log that mention us."""


@contextlib.contextmanager
def database(recorder: str) -> Generator[str]:
    """Run the recorder's database; yield its URL, empty for SQLite. Raises NotPossible."""
    if recorder == "sqlite":
        yield ""
        return
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(servers.mariadb() if recorder == "mariadb" else servers.postgresql())
            url = stack.enter_context(servers.new_database(server))
        except (pytest.skip.Exception, pytest.fail.Exception) as err:
            raise NotPossible(str(err)) from err
        yield url


async def soak(plan: Plan) -> Soak:
    """Live, be checked, crash and be checked again. Raises NotPossible without the recorder's database."""
    with (
        database(plan.recorder) as url,
        tempfile.TemporaryDirectory(prefix="voice_privacy_soak_") as name,
        Disk(Path(name)) as disk,
    ):
        house = HomeAssistantProcess(disk.folder, recorder_url=url, environment=allocator.environment())
        recorder_url = url or f"sqlite:///{house.config / DATABASE}"
        async with _engines() as (stt, tts), satellites.started(plan.satellites) as started:
            try:
                town, people = await _furnish(plan, house, started, stt, tts)
                done = Soak(
                    plan=plan,
                    town=town,
                    watch=Watch(house, town.entry_id, Path(name), plan.satellites),
                )
                async with _members(town) as clients:
                    await _live_watched(done, people, clients)
                done.checks["at the end"] = await evidence.check(town, recorder_url)
                for crash in ("kill -9", *(["power cut"] if disk.can_lose_power else [])):
                    async with _members(town) as clients:
                        await _crash(town, people, clients, disk if crash == "power cut" else None)
                    await house.start(timeout=_START_SECONDS)
                    for member in people:
                        await satellites.come_back(member)
                    await _are_listened_to(people)
                    done.checks[f"after {crash}"] = await evidence.check(town, recorder_url)
                done.checks["while it lived"] = town.book.live
                done.problems = house.problems()
            finally:
                await house.stop()
    return done


@contextlib.asynccontextmanager
async def _engines() -> AsyncGenerator[tuple[SttServer, TtsServer]]:
    stt, tts = SttServer(AtOnce()), TtsServer()
    await stt.start()
    await tts.start()
    try:
        yield stt, tts
    finally:
        await stt.stop()
        await tts.stop()


async def _furnish(
    plan: Plan, house: HomeAssistantProcess, started: Sequence[Satellite], stt: SttServer, tts: TtsServer
) -> tuple[Town, list[Member]]:
    """Furnish the house, and have everybody listened to."""
    await house.start(timeout=_START_SECONDS)
    await use_speech_servers(house.client, stt_port=stt.port, tts_port=tts.port)
    entry_id = await add_integration(house.client)
    people = [await Member.create(house, satellite, entry_id) for satellite in started]
    client = house.client
    await client.command(f"{DOMAIN}/settings/set", toggle="household_may_listen", on=True)
    limit = _SHORT_LIMIT_MB if plan.minutes < _SHORT_MINUTES else _LIMIT_MB
    await client.command(f"{DOMAIN}/retention/set", setting="storage_limit", value=limit)
    for name in _NAMES:
        token = await create_user(client, User(name=name, password=name))
        await asyncio.to_thread((house.folder / name).write_text, token)
    # Home Assistant writes down what it has just learned only later; until then a kill undoes it.
    await house.restart()
    await _are_listened_to(people)
    return Town(house=house, entry_id=entry_id, chance=Random(plan.seed)), people


_NAMES: Final = ("ada", "ben")
"""Members beside the owner."""


@contextlib.asynccontextmanager
async def _members(town: Town) -> AsyncGenerator[list[HomeAssistantClient]]:
    """Connect the members, the owner first, to the running process."""
    async with contextlib.AsyncExitStack() as stack:
        clients = [town.client]
        for name in _NAMES:
            token = await asyncio.to_thread((town.house.folder / name).read_text)
            clients.append(await stack.enter_async_context(HomeAssistantClient(town.house.url, token)))
        yield clients


async def _are_listened_to(people: Sequence[Member]) -> None:
    """Wait until every satellite that means no harm is listened to."""
    for member in people:
        if not satellites.is_hostile(member.satellite):
            await member.satellite.wait_until_connected(timeout=_LISTENED_TO_SECONDS)
            await member.wait_for("microphone_state", "listening", timeout=_LISTENED_TO_SECONDS)


@contextlib.asynccontextmanager
async def _lives(
    town: Town, people: Sequence[Member], clients: Sequence[HomeAssistantClient]
) -> AsyncGenerator[list[asyncio.Task[None]]]:
    """Let everybody live, and the book be kept; yield the lives of the members, then those of the satellites."""
    town.over.clear()
    town.taken = 0
    async with town.client.subscribe(f"{DOMAIN}/subscribe") as events:
        listener = asyncio.create_task(town.listen(events))
        lives = [
            asyncio.create_task(members.live(town, client, is_owner=client is clients[0]))
            for client in clients
        ]
        lives += [asyncio.create_task(satellites.live(town, member)) for member in people]
        try:
            yield lives
        finally:
            for task in (*lives, listener):
                task.cancel()
            await asyncio.gather(*lives, listener, return_exceptions=True)
            # What the house had said, but nobody had listened to yet.
            for event in events.seen[town.taken :]:
                town.take(event)


async def _live_watched(done: Soak, people: Sequence[Member], clients: Sequence[HomeAssistantClient]) -> None:
    """Live for the time of the plan."""
    town, watch, seconds = done.town, done.watch, done.plan.minutes * 60
    await watch.begin()
    watching = asyncio.create_task(watch.run())
    try:
        async with _lives(town, people, clients) as lives:
            until = time.monotonic() + seconds
            pause = min(_SELF_TEST_SECONDS, seconds / 3)
            while (left := until - time.monotonic()) > 0:
                ended, _ = await asyncio.wait(
                    lives, timeout=min(pause, left), return_when=asyncio.FIRST_EXCEPTION
                )
                for task in ended:
                    task.result()
                if until - time.monotonic() > 1:
                    await town.self_test()
            town.over.set()
            await asyncio.gather(*lives)
            await _end_retention(town)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        done.stalls, done.lateness = watch.stalls(), watch.lateness()
        watch.end()
    done.hostile = [satellites.is_hostile(member.satellite) for member in people]
    done.frames_sent = [member.satellite.frames_sent for member in people]


async def _end_retention(town: Town) -> None:
    """End deletion by size: what it deletes in a crash, or at a start before anybody listens, nobody is told of."""
    await town.client.command(f"{DOMAIN}/retention/set", setting="storage_limit", value=0)
    # It takes its turn after every deletion that has begun.
    await town.self_test()


async def _crash(
    town: Town,
    people: Sequence[Member],
    clients: Sequence[HomeAssistantClient],
    disk: Disk | None,
) -> None:
    """Live for a while and be killed in the middle of it; with a disk, go on with its state of that moment."""
    house = town.house
    async with _lives(town, people, clients) as lives:
        wanted = town.book.keeps + min(_BEFORE_CRASH_KEEPS, len(people) // 2)
        until = time.monotonic() + _BEFORE_CRASH_SECONDS
        # At a moment that has nothing to do with what is going on.
        while town.book.keeps < wanted and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(town.chance.uniform(0.05, 0.5))
        town.over.set()
        if disk is not None:
            await disk.copy_frozen(house.pid)
        house.kill_now()
        for client in clients:
            await client.wait_until_closed()
        # An answer may have come in the last moment; without one they fail.
        await asyncio.wait(lives[: len(clients)], timeout=10)
    await house.kill()
    if disk is not None:
        await asyncio.to_thread(disk.use_copy)
