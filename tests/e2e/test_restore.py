"""Home Assistant's own restore brings nothing deleted back, and says what it could not restore."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from random import Random
import shutil
from typing import Any

import pytest
import pytest_asyncio

from dev.rig.backups import back_up, backup_id, unpack
from dev.rig.furnish import DOMAIN, add_integration
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.satellite import Mode, Satellite
from dev.rig.sealed import DATABASE, Sealed, rows
from dev.rig.utterances import read_all, utterance
from tests.storage.residue import Searcher

_KEPT_BEFORE = 4


class _Cottage:
    """A house that can be restored, with one satellite."""

    def __init__(self, house: HomeAssistantProcess, member: Member) -> None:
        self.house = house
        self.member = member
        self._chance = Random(3)

    async def keep(self, count: int) -> dict[str, bytes]:
        """Have something kept; return its audio by recording id."""
        house, satellite = self.house, self.member.satellite
        await satellite.wait_until_connected()
        kept: dict[str, bytes] = {}
        async with house.client.subscribe(f"{DOMAIN}/subscribe") as events:
            await self.member.wait_for("microphone_state", "listening", timeout=30)
            for _ in range(count):
                pcm = utterance(self._chance)
                assert await satellite.utter(pcm)
                event = await events.next(lambda event: event["type"] == "added")
                kept[event["recordings"][0]["id"]] = pcm
        return kept

    async def delete(self, *recording_ids: str) -> None:
        """Delete recordings."""
        receipt = await self.house.client.command(
            f"{DOMAIN}/recordings/delete", scope="ids", recording_ids=recording_ids
        )
        assert (receipt["deleted"], receipt["verified"]) == (len(recording_ids), True)

    async def holds(self, kept: dict[str, bytes]) -> None:
        """See that this, and nothing else, can be heard, and that it is all that lies on the disk."""
        assert await read_all(self.house.client) == kept
        sealed, listed = Sealed(self.house.config), sorted(kept)
        assert sealed.ids() == listed
        assert [sorted(keys) for keys in sealed.keys_of_both()] == [listed, listed]


async def _issue(house: HomeAssistantProcess) -> dict[str, Any] | None:
    """Return the issue that tells how many recordings were not restored."""
    listed = await house.client.command("repairs/list_issues")
    ours = [issue for issue in listed["issues"] if issue["domain"] == DOMAIN]
    assert len(ours) <= 1, ours
    return ours[0] if ours else None


async def _mend(house: HomeAssistantProcess) -> None:
    """Press the button of the issue."""
    path = "/api/repairs/issues/fix"
    _, flow = await house.client.rest("POST", path, {"handler": DOMAIN, "issue_id": "not_restored"})
    assert flow["type"] == "form"
    status, result = await house.client.rest("POST", f"{path}/{flow['flow_id']}", {})
    assert (status, result["type"]) == (200, "create_entry")


async def _has_rows(house: HomeAssistantProcess, wanted: list[str]) -> None:
    """Wait until the recorder's table holds these; it tells nobody when it has written."""
    async with asyncio.timeout(20):
        while Sealed(house.config).rows() != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cottage(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[_Cottage]:
    house = HomeAssistantProcess(tmp_path_factory.mktemp("cottage"), has_own_copy=True)
    async with Satellite("Cottage", mode=Mode.LOCAL_WAKE) as satellite:
        await house.start()
        entry_id = await add_integration(house.client)
        member = await Member.create(house, satellite, entry_id)
        # What Home Assistant has just learned is on the disk, and so in a backup, only later.
        await house.restart()
        await member.refresh()
        yield _Cottage(house, member)
        await house.stop()
        assert not house.problems()


async def test_restored_backup_brings_nothing_deleted_back(cottage: _Cottage, tmp_path: Path) -> None:
    """The backup is made between keeping and deleting; then its database is restored, then all of it."""
    house, sealed = cottage.house, Sealed(cottage.house.config)
    before = await cottage.keep(_KEPT_BEFORE)
    await _has_rows(house, sorted(before))
    keys = sealed.keys_of_both()[0]
    archive = await back_up(house)

    unpacked = await asyncio.to_thread(unpack, archive, tmp_path / "backup")
    assert rows(unpacked / DATABASE) == sorted(before), "the backup tells of what was kept"
    searcher = Searcher(before | {f"key of {recording_id}": key for recording_id, key in keys.items()})
    assert await asyncio.to_thread(lambda: searcher.search(archive.read_bytes())) == set()
    # The search would find them: it does where the keys are.
    assert len(searcher.search_folder(sealed.config / f".cache/{DOMAIN}")) == len(keys)

    doomed = sorted(before)[:2]
    await cottage.delete(*doomed)
    after = {
        recording_id: pcm for recording_id, pcm in before.items() if recording_id not in doomed
    } | await cottage.keep(1)
    await cottage.holds(after)

    await house.restore(await backup_id(house), database_only=True)
    await cottage.holds(after)
    await _has_rows(house, sorted(after))
    assert await _issue(house) is None

    await house.restore(await backup_id(house))
    await cottage.holds({})
    issue = await _issue(house)
    assert issue is not None
    assert issue["translation_placeholders"] == {"count": str(_KEPT_BEFORE)}
    assert sealed.rows() == sorted(before)
    fresh = await cottage.keep(1)
    await _mend(house)
    assert await _issue(house) is None
    await _has_rows(house, sorted(fresh))
    await cottage.holds(fresh)


async def test_backup_on_a_new_machine_tells_what_is_not_there(cottage: _Cottage, tmp_path: Path) -> None:
    old = cottage.house
    await cottage.delete(*await read_all(old.client))
    kept = await cottage.keep(3)
    await _has_rows(old, sorted(kept))
    archive = await back_up(old)
    moved = tmp_path / "moved.tar"
    await asyncio.to_thread(shutil.copy, archive, moved)
    await cottage.delete(min(kept))
    await old.stop()

    new = HomeAssistantProcess(tmp_path / "new", has_own_copy=True)
    new.folder.mkdir()
    shutil.copy(old.folder / "token", new.folder)
    try:
        await new.restore_archive(moved)
        moved_in = _Cottage(
            new, Member(new, cottage.member.satellite, cottage.member.entry_id, cottage.member.subentry_id)
        )
        await moved_in.member.refresh()
        await moved_in.holds({})
        issue = await _issue(new)
        assert issue is not None
        assert issue["translation_placeholders"] == {"count": "3"}
        assert Sealed(new.config).rows() == sorted(kept)

        await _mend(new)

        assert await _issue(new) is None
        await _has_rows(new, [])
        fresh = await moved_in.keep(2)
        await moved_in.holds(fresh)
        await new.restart()
        await moved_in.holds(fresh)
        assert await _issue(new) is None
    finally:
        await new.stop()
    assert not new.problems()
    await old.start()
