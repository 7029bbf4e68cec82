"""F1: a whole Home Assistant is killed at random moments while it keeps, deletes and sweeps."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
import pytest_asyncio

from dev.rig.furnish import DOMAIN, add_integration
from dev.rig.ha_client import EventStream
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.satellite import Mode, Satellite
from dev.rig.sealed import Sealed
from dev.rig.utterances import read_all, utterance

_KILLS: Final = 15
_SATELLITES: Final = 5
_UTTERANCES: Final = 14
"""Of each satellite and process: more would come faster than anybody speaks, and be thrown away."""

_ROWS_TIMEOUT: Final = 20.0


@dataclass(slots=True)
class _Promises:
    """What the house has answered, over all its processes. Audio is mono, 16-bit, 16 kHz."""

    kept: dict[str, bytes] = field(default_factory=dict)
    """Audio by recording id, neither deleted nor being deleted."""

    deleted: set[str] = field(default_factory=set)
    uttered: dict[str, bytes] = field(default_factory=dict)
    """Audio by satellite that nobody has answered yet."""

    deleting: dict[str, bytes] = field(default_factory=dict)
    keeps: int = 0


class _Hamlet:
    """A house, satellites that decide for themselves when an utterance is over, and what was promised."""

    def __init__(self, house: HomeAssistantProcess, satellites: dict[str, Satellite]) -> None:
        self.house = house
        self.promises = _Promises()
        self._satellites = satellites
        self._chance = Random(1)
        self._answered = {satellite_id: asyncio.Event() for satellite_id in satellites}
        self._changed = asyncio.Event()
        self._taken = 0

    # --- what goes on ------------------------------------------------------------------------------

    async def talk(self, satellite_id: str) -> None:
        """Say one thing after the other, each when the one before was kept."""
        satellite, answered = self._satellites[satellite_id], self._answered[satellite_id]
        await satellite.wait_until_connected()
        await satellite.wait_for_event("run-satellite")
        for _ in range(_UTTERANCES):
            answered.clear()
            self.promises.uttered[satellite_id] = pcm = utterance(self._chance)
            if not await satellite.utter(pcm):
                return
            await answered.wait()

    def hear(self, event: dict[str, Any]) -> None:
        """Take in that something was kept."""
        for row in event["recordings"] if event["type"] == "added" else ():
            satellite_id = row["satellite_id"]
            self.promises.kept[row["id"]] = self.promises.uttered.pop(satellite_id)
            self.promises.keeps += 1
            self._answered[satellite_id].set()

    async def delete(self, count: int) -> None:
        """Delete some of what is kept."""
        promises, chance = self.promises, self._chance
        doomed = chance.sample(list(promises.kept), min(count, len(promises.kept)))
        promises.deleting |= {recording_id: promises.kept.pop(recording_id) for recording_id in doomed}
        receipt = await self.house.client.command(
            f"{DOMAIN}/recordings/delete", scope="ids", recording_ids=doomed
        )
        assert (receipt["deleted"], receipt["verified"]) == (len(doomed), True)
        for recording_id in doomed:
            del promises.deleting[recording_id]
        promises.deleted.update(doomed)

    async def _listen(self, events: EventStream) -> None:
        """Take in everything as it comes."""
        while True:
            self._take(await events.next(timeout=120))

    def _take(self, event: dict[str, Any]) -> None:
        self._taken += 1
        self.hear(event)
        self._changed.set()

    async def _more_are_kept(self, count: int) -> None:
        """Wait until so many more recordings are kept."""
        wanted = self.promises.keeps + count
        async with asyncio.timeout(30):
            while self.promises.keeps < wanted:
                self._changed.clear()
                await self._changed.wait()

    async def live_until_killed(self, moment: str) -> dict[str, int]:
        """Keep and delete, and be killed at a moment; return what was under way."""
        client, promises = self.house.client, self.promises
        self._taken = 0
        async with client.subscribe(f"{DOMAIN}/subscribe") as events:
            tasks = [asyncio.create_task(self._listen(events))]
            tasks += [asyncio.create_task(self.talk(satellite)) for satellite in self._satellites]
            try:
                deletions = await self._work_until(moment)
                self.house.kill_now()
                await client.wait_until_closed()
                # An answer may have come in the last moment; without one they fail.
                results = await asyncio.gather(*deletions, return_exceptions=True)
            finally:
                for task in tasks:
                    task.cancel()
                results += await asyncio.gather(*tasks, return_exceptions=True)
            for event in events.seen[self._taken :]:
                self.hear(event)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, ConnectionError):
                raise result
        await self.house.kill()
        unswept = len(set(Sealed(self.house.config).ids()) & promises.deleted)
        return {"uttered": len(promises.uttered), "deleting": len(promises.deleting), "unswept": unswept}

    async def _work_until(self, moment: str) -> list[asyncio.Task[None]]:
        """Go on until a moment; return the deletions."""
        chance = self._chance
        await self._more_are_kept(chance.randrange(15, 30))
        deletions = [asyncio.create_task(self.delete(chance.choice([1, 2, 6])))]
        if moment == "add":
            await self._more_are_kept(chance.randrange(1, 12))
            await asyncio.sleep(chance.uniform(0, 0.05))
            return deletions
        deletions.append(asyncio.create_task(self.delete(len(self.promises.kept) * 2 // 3)))
        if moment == "sweep":
            await deletions[1]
        await asyncio.sleep(chance.uniform(0, 0.03))
        return deletions

    # --- what is there afterwards --------------------------------------------------------------------

    async def check(self) -> None:
        """See that everything that was answered holds; then there is no doubt any more."""
        promises = self.promises
        found = await read_all(self.house.client)
        assert found.items() >= promises.kept.items(), "kept and not deleted is listed, sample for sample"
        assert not promises.deleted & found.keys(), "deleted is not listed"
        in_doubt = set(promises.uttered.values()) | set(promises.deleting.values())
        others = [pcm for recording_id, pcm in found.items() if recording_id not in promises.kept]
        assert in_doubt.issuperset(others), "what was under way is whole or absent"
        assert len(set(found.values())) == len(found), "nothing is there twice"

        sealed, listed = Sealed(self.house.config), sorted(found)
        assert sealed.ids() == listed, "no file of a deleted recording"
        assert all(name.endswith(".sealed") for name in sealed.files())
        for keys in sealed.keys_of_both():
            assert sorted(keys) == listed, "no key of a deleted recording"
        async with asyncio.timeout(_ROWS_TIMEOUT):
            # The recorder tells nobody when it has written.
            while sealed.rows() != listed:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        issues = await self.house.client.command("repairs/list_issues")
        assert not [issue for issue in issues["issues"] if issue["domain"] == DOMAIN]

        # Either way it went, it stays that way.
        promises.deleted |= promises.deleting.keys() - found.keys()
        promises.kept = found
        promises.uttered.clear()
        promises.deleting.clear()


@pytest_asyncio.fixture(loop_scope="session")
async def hamlet(tmp_path: Path) -> AsyncGenerator[_Hamlet]:
    """A house of its own: without an engine that transcribes, so that as much is kept as the disk takes."""
    house = HomeAssistantProcess(tmp_path)
    async with contextlib.AsyncExitStack() as stack:
        satellites = [
            await stack.enter_async_context(Satellite(f"Hamlet {number}", mode=Mode.LOCAL_WAKE))
            for number in range(_SATELLITES)
        ]
        stack.push_async_callback(house.stop)
        await house.start()
        entry_id = await add_integration(house.client)
        members = [await Member.create(house, satellite, entry_id) for satellite in satellites]
        # Home Assistant writes down what it has just learned only later; until then a kill undoes it.
        await house.restart()
        yield _Hamlet(house, {member.subentry_id: member.satellite for member in members})


@pytest.mark.timeout(1200)
async def test_f01_kill_of_a_whole_home_assistant_at_random_moments(hamlet: _Hamlet) -> None:
    under_way = []
    for moment in ("add", "delete", "sweep") * (_KILLS // 3):
        under_way.append(await hamlet.live_until_killed(moment))
        await hamlet.house.start()
        await hamlet.check()

    assert len(under_way) == _KILLS
    assert all(any(counts.values()) for counts in under_way), "it was killed in the middle of something"
    assert hamlet.promises.keeps > 10 * _KILLS
    assert len(hamlet.promises.deleted) > 10 * _KILLS
    assert not hamlet.house.problems()
    assert not hamlet.house.problems(level="WARNING", about="custom integration 'voice_privacy'")
