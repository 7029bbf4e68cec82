"""A real backup holds nothing that was said, and its database brings nothing deleted back."""

import asyncio
from pathlib import Path
import shutil

from dev.rig.backups import back_up, unpack
from dev.rig.household import Household
from dev.rig.leak_search import LeakSearch
from dev.rig.sealed import DATABASE, rows
from tests.storage.residue import Searcher

_SAID = "turn off the kitchen light"


def _put_back(backup: Path, database: Path) -> None:
    """Restore the database alone, as Home Assistant does: the file, and no log beside it."""
    shutil.copy(backup, database)
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


async def test_backup_holds_nothing_and_brings_nothing_back(home: Household, tmp_path: Path) -> None:
    kitchen, config = home.kitchen, home.house.config
    heard: list[bytes] = []
    for count in (1, 2):
        since = await kitchen.say(_SAID)
        await kitchen.wait_for("recordings", str(count), timeout=15)
        await kitchen.satellite.wait_for_reply(since=since)
        heard.append(kitchen.satellite.sent_audio(since=since))
    (first, second) = sorted(home.sealed_files)
    planted = config / "planted.txt"
    secret = b"this was never said by anybody, but it is in the configuration folder"
    await asyncio.to_thread(planted.write_bytes, secret)

    archive = await back_up(home.house)

    await asyncio.to_thread(planted.unlink)
    searcher = Searcher({"first": heard[0], "second": heard[1], "planted": secret})
    found = await asyncio.to_thread(lambda: searcher.search(archive.read_bytes()))
    assert found == {("planted", "raw")}
    unpacked = tmp_path / "backup"
    await asyncio.to_thread(unpack, archive, unpacked)
    for audio in heard:
        assert LeakSearch(audio=audio, texts=[_SAID]).run(unpacked) == []
    assert not [
        path for path in unpacked.rglob("*") if path.name.startswith("keys.") or path.suffix == ".sealed"
    ]
    database = unpacked / "data" / DATABASE
    ids = sorted(path.name[17:49] for path in (first, second))
    assert rows(database) == ids

    receipt = await kitchen.act("delete_last")
    assert receipt["deleted"] == 1
    await home.house.stop()
    await asyncio.to_thread(_put_back, database, config / DATABASE)
    assert rows(config / DATABASE) == ids
    await home.house.start()
    for member in home.members:
        await member.refresh()

    await kitchen.wait_for("recordings", "1")
    assert home.sealed_files == [first]
    await home.house.stop()
    assert rows(config / DATABASE) == [first.name[17:49]]
    await home.house.start()
    for member in home.members:
        await member.refresh()
    await asyncio.to_thread(archive.unlink)
