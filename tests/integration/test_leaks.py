"""Two hundred runs of every bad kind leave nothing behind: no task, no thread, no object of ours."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
import gc
import itertools
import logging
import threading
from types import AsyncGeneratorType, CoroutineType
from typing import Any, Self

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.voice_privacy.core.models import DeletionRequest, DeletionScope, Requester

from .helpers.foreign import OtherSatellite, sound, stream_of
from .helpers.pipeline_home import PipelineHome, pipeline_home, until

RUNS = 200
_PACKAGE = "custom_components.voice_privacy"
_FOLDER = "/voice_privacy/"


@pytest.fixture
async def home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[PipelineHome]:
    """A home whose pipeline goes through us."""
    # What pytest remembers of the log holds on to whatever an exception came through.
    logging.disable(logging.ERROR)
    async with pipeline_home(hass) as home:
        await home.set_up()
        yield home
    logging.disable(logging.NOTSET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """Everything that could be left behind."""

    objects: Counter[str]
    """Objects of our classes, and coroutines and generators of our functions, by name."""

    tasks: int
    threads: int
    timers: int
    undone_on_unload: int
    """What the entry remembers to undo when it is unloaded."""

    @classmethod
    async def count(cls, home: PipelineHome) -> Self:
        """Count once nothing is under way or put off."""
        await home.settle()
        async_fire_time_changed(home.hass, dt_util.utcnow() + timedelta(seconds=10))
        for _ in range(2):
            await home.hass.async_block_till_done(wait_background_tasks=True)
            await home.hub.kept.store.async_flush()
        for satellite in home.satellites.values():
            satellite.events.clear()
        home.transcriber.heard.clear()
        gc.collect()
        loop: Any = home.hass.loop
        return cls(
            objects=Counter(filter(None, map(_name, gc.get_objects()))),
            tasks=len(asyncio.all_tasks()),
            threads=sum(thread.name.startswith("voice_privacy") for thread in threading.enumerate()),
            undone_on_unload=len(home.entry._on_unload or ()),
            timers=sum(not handle.cancelled() for handle in loop._scheduled),
        )


def _name(thing: object) -> str | None:
    """Return the name of what belongs to us."""
    if isinstance(thing, AsyncGeneratorType):
        return thing.__qualname__ if _FOLDER in thing.ag_code.co_filename else None
    if isinstance(thing, CoroutineType):
        return thing.__qualname__ if _FOLDER in thing.cr_code.co_filename else None
    module = type(thing).__module__
    ours = isinstance(module, str) and module.startswith(_PACKAGE)
    return type(thing).__qualname__ if ours else None


async def _cancel(run: asyncio.Task[None]) -> None:
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)


async def _begin(
    home: PipelineHome, satellite: OtherSatellite, audio: AsyncIterable[bytes]
) -> asyncio.Task[None]:
    """Start a run and wait until it is being captured."""
    run = asyncio.create_task(satellite.say(audio))
    await until(lambda: any(home.hub.in_flight(name) for name in home.satellites))
    return run


async def _command(home: PipelineHome, satellite: OtherSatellite) -> None:
    await satellite.say(sound(0.2))


async def _cancelled(home: PipelineHome, satellite: OtherSatellite) -> None:
    async def endless() -> AsyncIterable[bytes]:
        while True:
            yield sound(0.01)
            await asyncio.sleep(0)

    await _cancel(await _begin(home, satellite, endless()))


async def _held_up_stream(home: PipelineHome, satellite: OtherSatellite) -> None:
    """Audio stops coming, nobody says so, and the satellite asks for another run at last."""

    async def stalled() -> AsyncIterable[bytes]:
        yield sound(0.1)
        await asyncio.Event().wait()

    await _cancel(await _begin(home, satellite, stalled()))


async def _held_up_engine(home: PipelineHome, satellite: OtherSatellite) -> None:
    """The engine never answers."""
    home.transcriber.may_answer.clear()
    run = await _begin(home, satellite, stream_of(sound(0.1)))
    await until(lambda: home.transcriber.heard)
    await _cancel(run)
    home.transcriber.may_answer.set()


async def _talker(home: PipelineHome, satellite: OtherSatellite) -> None:
    """Somebody talks for more than the thirty seconds that are held."""
    second = sound()

    async def talking() -> AsyncIterable[bytes]:
        for _ in range(31):
            yield second

    await satellite.say(talking())


async def _lost_in_mid_word(home: PipelineHome, satellite: OtherSatellite) -> None:
    """The connection breaks."""

    async def dropping() -> AsyncIterable[bytes]:
        yield sound(0.1)
        raise ConnectionError

    # Its own integration lets the error pass.
    await asyncio.gather(satellite.say(dropping()), return_exceptions=True)


async def _engine_fails(home: PipelineHome, satellite: OtherSatellite) -> None:
    home.transcriber.failure = RuntimeError()
    await satellite.say(sound(0.1))
    home.transcriber.failure = None


async def _typed_voice_command(home: PipelineHome, satellite: OtherSatellite) -> None:
    """There is no utterance of its own to discard, but Assist's traces of it are to go a little later."""
    await home.hass.services.async_call(
        "conversation",
        "process",
        {"text": "what have you kept", "conversation_id": "typed"},
        blocking=True,
    )


KINDS: tuple[Callable[[PipelineHome, OtherSatellite], Awaitable[None]], ...] = (
    _command,
    _cancelled,
    _held_up_stream,
    _held_up_engine,
    _talker,
    _lost_in_mid_word,
    _engine_fails,
    _typed_voice_command,
)


async def _run(home: PipelineHome, count: int) -> None:
    """Go through all kinds and all satellites in turn; delete what was kept."""
    satellites = itertools.cycle(home.satellites.values())
    for kind in itertools.islice(itertools.cycle(KINDS), count):
        home.transcriber.heard.clear()
        await kind(home, next(satellites))
    await home.settle()
    await home.hub.deletion.async_delete(DeletionRequest(scope=DeletionScope.ALL), Requester())


@pytest.mark.timeout(300)
async def test_two_hundred_runs_of_every_bad_kind_leave_nothing_behind(home: PipelineHome) -> None:
    await _run(home, 2 * len(KINDS))
    # Else its first run, which keeps a reading of the clock, may come in between.
    await home.hub.retention.async_run()
    before = await Living.count(home)
    assert before.objects["VoicePrivacyHub"] == 1
    await _run(home, RUNS)
    after = await Living.count(home)

    added = after.objects - before.objects
    # The fixture's disk remembers every file that was read back. The log has noted the deletion in the entry
    # of the one before.
    del added["DurableStore"]
    assert added == Counter()
    assert after.tasks <= before.tasks
    assert after.threads <= before.threads
    assert after.undone_on_unload == before.undone_on_unload
    assert after.timers <= before.timers + 3


async def test_what_is_kept_costs_one_entry_in_each_list_and_no_more(home: PipelineHome) -> None:
    for _ in range(3):
        await home.kitchen.say(sound(0.2))
    before = await Living.count(home)
    for _ in range(50):
        await home.kitchen.say(sound(0.2))
    after = await Living.count(home)

    assert len(home.ids("kitchen")) == 53
    assert after.objects - before.objects == Counter(RecordingInfo=50, _Slot=50)
