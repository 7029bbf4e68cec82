"""The sealed store beside a real recorder, which may be slow, locked, corrupt, restored or absent."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
import contextlib
from pathlib import Path
import shutil
import threading
from typing import Any

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import DATA_INSTANCE, DATA_RECORDER
import pytest
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from custom_components.voice_privacy.core.errors import (
    KeyFileLost,
    RecordingNotFound,
    RecordingUnreadable,
    StoreError,
    StoreInUse,
)
from custom_components.voice_privacy.core.feedback import Feedback, Label
from custom_components.voice_privacy.core.models import (
    DeletionReceipt,
    RecordingInfo,
    RecordingKind,
    StoreSummary,
)
from custom_components.voice_privacy.recordings import row_writer as row_queue_module
from custom_components.voice_privacy.recordings.store import RecordingStore
from custom_components.voice_privacy.storage import rows
from custom_components.voice_privacy.storage.disk import RealDisk
from tests.storage import servers
from tests.storage.conftest import mariadb_url, postgresql_url
from tests.storage.utterances import DAY, contents_below, find, make_utterance, windows_of

type StartRecorder = Callable[..., contextlib.AbstractAsyncContextManager[Recorder]]


__all__ = ["mariadb_url", "postgresql_url"]

on_sqlite = pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
"""For what only SQLite does: a backup's lock, a file that turns corrupt or is somebody else's."""


@pytest.fixture(params=servers.ENGINES)
def recorder_db_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """URL of an empty database for the recorder, on each engine in turn."""
    if request.param == "sqlite":
        # A file, as in a real house.
        yield f"sqlite:///{tmp_path_factory.mktemp('recorder') / 'recorder.db'}"
        return
    # MariaDB's driver is written in Python, and so its connections count as the test's own.
    request.getfixturevalue("socket_enabled")
    with servers.new_database(request.getfixturevalue(f"{request.param}_url")) as url:
        yield url


@pytest.fixture
async def recorder(hass: HomeAssistant, async_test_recorder: StartRecorder) -> AsyncGenerator[Recorder]:
    async with async_test_recorder(hass) as instance:
        yield instance


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    return Path(hass.config.cache_path("voice_privacy"))


class Stores:
    """One store that is closed and opened again."""

    def __init__(self, hass: HomeAssistant, folder: Path) -> None:
        self.hass = hass
        self.folder = folder
        self.store = RecordingStore(hass, folder)

    async def reopen(self) -> RecordingStore:
        await self.store.async_close()
        self.store = RecordingStore(self.hass, self.folder)
        await self.store.async_open()
        await self.store.async_flush()
        return self.store


@pytest.fixture
async def stores(hass: HomeAssistant, folder: Path) -> AsyncGenerator[Stores]:
    stores = Stores(hass, folder)
    await stores.store.async_open()
    yield stores
    await stores.store.async_close()


@pytest.fixture
def store(recorder: Recorder, stores: Stores) -> RecordingStore:
    return stores.store


async def keep(store: RecordingStore, *numbers: int, **changes: Any) -> list[RecordingInfo]:
    return [await store.async_keep(make_utterance(number, **changes), DAY) for number in numbers]


async def row_ids(hass: HomeAssistant, recorder: Recorder) -> list[str]:
    def read() -> list[str]:
        assert recorder.engine is not None
        with recorder.engine.connect() as connection:
            query = text("SELECT recording_id FROM voice_privacy_recordings ORDER BY sequence")
            return [row[0] for row in connection.execute(query)]

    return await recorder.async_add_executor_job(read)


async def execute(recorder: Recorder, *statements: str) -> None:
    """Change the database as somebody else would."""

    def run() -> None:
        engine = create_engine(recorder.db_url)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    await recorder.async_add_executor_job(run)


def ids(infos: Iterable[RecordingInfo]) -> list[str]:
    return [info.recording_id for info in infos]


def files(folder: Path) -> set[str]:
    return {path.name for path in (folder / "audio").glob("*.sealed*")}


def database(recorder: Recorder) -> str:
    return recorder.db_url.removeprefix("sqlite:///")


async def test_kept_is_listed_readable_and_in_the_table(
    hass: HomeAssistant, recorder: Recorder, stores: Stores, folder: Path
) -> None:
    store = stores.store
    infos = await keep(store, 1, 2) + await keep(store, 3, satellite_id="hall", kind=RecordingKind.FALSE_WAKE)
    assert list(store.recordings.values()) == infos
    assert [info.sequence for info in infos] == [1, 2, 3]
    assert (await store.async_read(infos[0].recording_id))[0] == infos[0]
    await store.async_flush()
    assert await row_ids(hass, recorder) == ids(infos)
    assert store.pending_rows == 0

    read: list[Path] = []
    monkey = pytest.MonkeyPatch()
    monkey.setattr(RealDisk, "open", _recording_open(read))
    store = await stores.reopen()
    monkey.undo()
    assert ids(store.recordings.values()) == ids(infos)
    assert not [path for path in read if path.suffix == ".sealed"], "rows are there: no file needs reading"
    info, content = await store.async_read(infos[2].recording_id)
    assert (info.satellite_id, info.kind) == ("hall", RecordingKind.FALSE_WAKE)
    assert content.audio == make_utterance(3).audio
    assert content.transcript == make_utterance(3).transcript
    assert store.summary("kitchen") == StoreSummary(
        recordings=2, size=infos[0].size + infos[1].size, last_started_at=infos[1].started_at
    )
    assert (store.summary().recordings, store.summary().false_wakes) == (3, 1)
    assert store.summary("attic") == StoreSummary()


def _recording_open(read: list[Path]) -> Callable[..., int]:
    original = RealDisk.open

    def recording_open(self: RealDisk, path: Path, *, create: bool = False) -> int:
        read.append(path)
        return original(self, path, create=create)

    return recording_open


async def test_deleted_is_gone_everywhere(
    hass: HomeAssistant, recorder: Recorder, stores: Stores, folder: Path
) -> None:
    store = stores.store
    infos = await keep(store, 1, 2, 3)
    await store.async_flush()
    receipt = await store.async_delete([infos[0].recording_id, infos[2].recording_id, "f" * 32])
    assert receipt == DeletionReceipt(asked=3, deleted=2, already_gone=1, pending_row_work=2, verified=True)
    assert list(store.recordings) == [infos[1].recording_id]
    with pytest.raises(RecordingNotFound):
        await store.async_read(infos[0].recording_id)
    await store.async_flush()
    assert await row_ids(hass, recorder) == [infos[1].recording_id]
    assert len(files(folder)) == 1
    assert await store.async_delete([infos[0].recording_id]) == DeletionReceipt(
        asked=1, deleted=0, already_gone=1
    )
    assert store.summary("kitchen").last_started_at == infos[1].started_at
    store = await stores.reopen()
    assert list(store.recordings) == [infos[1].recording_id]


async def test_many_are_deleted_in_batches(
    hass: HomeAssistant, recorder: Recorder, store: RecordingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    original = rows.apply_batch

    def counting(engine: Any, store_id: str, batch: rows.RowBatch) -> bool:
        sizes.append(batch.size)
        return original(engine, store_id, batch)

    monkeypatch.setattr(row_queue_module, "apply_batch", counting)
    infos = await keep(store, *range(1, 131), samples=100)
    receipt = await store.async_delete(ids(infos[:120]))
    assert receipt.deleted == 120
    await store.async_flush()
    assert max(sizes) == rows.BATCH
    assert await row_ids(hass, recorder) == ids(infos[120:])


@on_sqlite
async def test_f04_keeping_and_deleting_go_on_during_a_backup(
    hass: HomeAssistant, recorder: Recorder, store: RecordingStore, folder: Path
) -> None:
    infos = await keep(store, 1, 2)
    await store.async_flush()
    assert await recorder.lock_database()
    infos += await keep(store, 3)
    receipt = await store.async_delete([infos[0].recording_id])
    assert (receipt.deleted, receipt.pending_row_work) == (1, 1)
    assert list(store.recordings) == ids(infos[1:])
    assert store.pending_rows == 2
    assert recorder.unlock_database()
    await store.async_flush()
    assert await row_ids(hass, recorder) == ids(infos[1:])


LOCKS = {
    "sqlite": "BEGIN IMMEDIATE",
    "mysql": "LOCK TABLES voice_privacy_recordings WRITE",
    "postgresql": "LOCK TABLE voice_privacy_recordings IN ACCESS EXCLUSIVE MODE",
}


@contextlib.asynccontextmanager
async def locked(recorder: Recorder) -> AsyncGenerator[None]:
    """Lock the table from another connection, as another program would."""
    engine = create_engine(recorder.db_url, poolclass=NullPool)

    def lock() -> Connection:
        connection = engine.connect()
        connection.exec_driver_sql(LOCKS[engine.dialect.name])
        return connection

    connection = await recorder.hass.async_add_executor_job(lock)
    try:
        yield
    finally:
        await recorder.hass.async_add_executor_job(connection.close)


async def test_f04_database_locked_by_somebody_else(
    hass: HomeAssistant, recorder: Recorder, store: RecordingStore
) -> None:
    (first,) = await keep(store, 1)
    await store.async_flush()
    async with locked(recorder):
        (second,) = await keep(store, 2)
        assert (await store.async_delete([first.recording_id])).deleted == 1
        assert list(store.recordings) == [second.recording_id]
        assert store.pending_rows == 2
    await store.async_flush()
    assert await row_ids(hass, recorder) == [second.recording_id]


@on_sqlite
async def test_f04_database_locked_for_more_than_ten_seconds(
    hass: HomeAssistant, recorder: Recorder, store: RecordingStore
) -> None:
    """SQLite gives up after five seconds: row work fails, twice, and is repeated."""
    infos = await keep(store, 1, 2)
    await store.async_flush()
    assert store._rows is not None
    async with locked(recorder):
        receipt = await store.async_delete([infos[0].recording_id])
        assert (receipt.deleted, receipt.verified) == (1, True)
        infos += await keep(store, 3)
        async with asyncio.timeout(30):
            while store._rows._failures < 2:
                store._rows._changed.clear()
                await store._rows._changed.wait()
        infos += await keep(store, 4)
        assert list(store.recordings) == ids(infos[1:])
        assert (await store.async_read(infos[2].recording_id))[1].audio == make_utterance(3).audio
    await store.async_flush()
    assert await row_ids(hass, recorder) == ids(infos[1:])


async def test_failing_row_work_is_repeated(
    hass: HomeAssistant,
    recorder: Recorder,
    store: RecordingStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await store.async_flush()
    failures = 3
    original = rows.apply_batch

    def failing(engine: Any, store_id: str, batch: rows.RowBatch) -> bool:
        nonlocal failures
        if failures:
            failures -= 1
            raise OperationalError("SELECT 'kitchen'", {}, Exception("database is locked"))
        return original(engine, store_id, batch)

    monkeypatch.setattr(row_queue_module, "apply_batch", failing)
    monkeypatch.setattr(row_queue_module, "_RETRY_SECONDS", (0.001,))
    (info,) = await keep(store, 1)
    await store.async_flush()
    assert failures == 0
    assert await row_ids(hass, recorder) == [info.recording_id]
    waits = [record for record in caplog.records if record.name == row_queue_module.__name__]
    assert [record.getMessage() for record in waits] == ["Recorder rows have to wait (OperationalError)"]


async def test_table_dropped_while_running_is_filled_again(
    hass: HomeAssistant, recorder: Recorder, store: RecordingStore
) -> None:
    infos = await keep(store, 1, 2)
    await store.async_flush()
    await execute(recorder, "DROP TABLE voice_privacy_recordings")
    infos += await keep(store, 3)
    await store.async_flush()
    assert await row_ids(hass, recorder) == ids(infos)


async def test_table_of_another_version_is_replaced(
    hass: HomeAssistant, recorder: Recorder, stores: Stores
) -> None:
    infos = await keep(stores.store, 1, 2)
    await stores.store.async_flush()
    await execute(recorder, "ALTER TABLE voice_privacy_recordings DROP COLUMN duration")
    store = await stores.reopen()
    assert ids(store.recordings.values()) == ids(infos)
    assert await row_ids(hass, recorder) == ids(infos)


@on_sqlite
async def test_f05_database_that_turns_corrupt_is_filled_again(
    hass: HomeAssistant, recorder: Recorder, store: RecordingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_queue_module, "_RETRY_SECONDS", (0.001,))
    path = Path(database(recorder))
    infos = await keep(store, 1, 2)
    await store.async_flush()

    def corrupt() -> None:
        with path.open("r+b") as file:
            file.write(b"this is no database" * 4_000)
        for suffix in ("-wal", "-shm"):
            wal = path.with_name(path.name + suffix)
            if wal.exists():
                with wal.open("r+b") as file:
                    file.write(b"\xff" * wal.stat().st_size)

    await recorder.async_add_executor_job(corrupt)
    infos += await keep(store, 3)
    await store.async_flush()
    assert await row_ids(hass, recorder) == ids(infos)
    assert list(path.parent.glob("*.corrupt.*"))


@on_sqlite
async def test_f05_database_corrupt_at_start_is_filled_again(
    hass: HomeAssistant, async_test_recorder: StartRecorder, stores: Stores
) -> None:
    async with async_test_recorder(hass) as recorder:
        store = await stores.reopen()
        infos = await keep(store, 1, 2, 3)
        await store.async_delete([infos[1].recording_id])
        await store.async_flush()
        path = Path(database(recorder))
        await store.async_close()
    for name in ("recorder", DATA_RECORDER, DATA_INSTANCE):
        hass.data.pop(name, None)
    hass.config.components.remove("recorder")

    def corrupt() -> None:
        # Another file: a connection that closes late would write its log into the old one, and repair it.
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        other = path.with_name("other")
        other.write_bytes(b"this is no database" * 4_000)
        other.replace(path)

    await hass.async_add_executor_job(corrupt)

    async with async_test_recorder(hass) as recorder:
        store = await stores.reopen()
        assert list(store.recordings) == ids([infos[0], infos[2]])
        assert await row_ids(hass, recorder) == ids([infos[0], infos[2]])
        assert list(path.parent.glob("*.corrupt.*"))
        await store.async_close()


async def test_f06_older_database_brings_nothing_back(
    hass: HomeAssistant, async_test_recorder: StartRecorder, stores: Stores
) -> None:
    """The recorder's database is replaced by a backup of an earlier day."""
    async with async_test_recorder(hass) as recorder:
        store = await stores.reopen()
        infos = await keep(store, 1, 2, 3)
        await store.async_flush()
        table = "voice_privacy_recordings"
        await execute(recorder, f"CREATE TABLE backup AS SELECT * FROM {table}")
        await store.async_delete(ids(infos[:2]))
        infos = infos[2:] + await keep(store, 4)
        await store.async_flush()
        await execute(recorder, f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM backup")
        assert len(await row_ids(hass, recorder)) == 3

        store = await stores.reopen()
        assert list(store.recordings) == ids(infos)
        assert await row_ids(hass, recorder) == ids(infos)
        assert store.not_restored == 0
        for info in infos:
            await store.async_read(info.recording_id)
        await store.async_close()


async def test_f07_rows_of_another_store_are_counted_and_removed_on_request(
    hass: HomeAssistant, recorder: Recorder, stores: Stores, folder: Path
) -> None:
    """After a full restore the cache folder is gone, and with it every key."""
    infos = await keep(stores.store, 1, 2)
    await stores.store.async_flush()
    await stores.store.async_close()
    await hass.async_add_executor_job(shutil.rmtree, folder)

    store = await stores.reopen()
    assert store.not_restored == 2
    assert list(store.recordings) == []
    (new,) = await keep(store, 3)
    store = await stores.reopen()
    assert store.not_restored == 2
    assert sorted(await row_ids(hass, recorder)) == sorted(ids([*infos, new]))

    await store.async_remove_not_restored()
    assert store.not_restored == 0
    assert await row_ids(hass, recorder) == [new.recording_id]
    store = await stores.reopen()
    assert (store.not_restored, list(store.recordings)) == (0, [new.recording_id])


async def test_older_key_file_purges_no_rows(
    hass: HomeAssistant, recorder: Recorder, stores: Stores, folder: Path
) -> None:
    old = await keep(stores.store, 1)
    await stores.store.async_close()
    snapshot = {name: (folder / name).read_bytes() for name in ("keys.a", "keys.b")}
    await stores.reopen()
    newer = await keep(stores.store, 2, 3)
    await stores.store.async_flush()
    await stores.store.async_close()
    for name, content in snapshot.items():
        (folder / name).write_bytes(content)
    store = await stores.reopen()
    assert (list(store.recordings), store.not_restored) == (ids(old), 2)
    more = await keep(store, 4, 5, 6)
    store = await stores.reopen()
    assert (list(store.recordings), store.not_restored) == (ids(old + more), 2)
    assert sorted(await row_ids(hass, recorder)) == sorted(ids(old + newer + more))


async def test_works_without_a_recorder(hass: HomeAssistant, stores: Stores, folder: Path) -> None:
    infos = await keep(stores.store, 1, 2, 3)
    assert (await stores.store.async_delete([infos[0].recording_id])).deleted == 1
    assert stores.store.pending_rows == 3
    store = await stores.reopen()
    assert list(store.recordings) == ids(infos[1:])
    assert (await store.async_read(infos[1].recording_id))[1].audio == make_utterance(2).audio
    assert len(files(folder)) == 2


async def test_f12_rows_follow_when_the_recorder_is_back(
    hass: HomeAssistant, async_test_recorder: StartRecorder, stores: Stores
) -> None:
    async with async_test_recorder(hass) as recorder:
        store = await stores.reopen()
        infos = await keep(store, 1)
        await store.async_flush()
        await recorder._async_shutdown(None)  # type: ignore[arg-type]
        infos += await keep(store, 2)
        await store.async_delete([infos[0].recording_id])
        await store.async_flush()
        assert store.pending_rows == 2
        store = await stores.reopen()
        assert list(store.recordings) == [infos[1].recording_id]


async def test_f13_canceled_caller_changes_nothing_while_the_database_is_locked(
    hass: HomeAssistant, recorder: Recorder, store: RecordingStore
) -> None:
    await store.async_flush()
    async with locked(recorder):
        keeping = hass.async_create_task(store.async_keep(make_utterance(1), DAY))
        await asyncio.sleep(0)
        keeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await keeping
        infos = await keep(store, 1, 2)
        assert list(store.recordings) == ids(infos)
        deleting = hass.async_create_task(store.async_delete([infos[0].recording_id]))
        await asyncio.sleep(0)
        deleting.cancel()
        receipt = await store.async_delete([infos[0].recording_id])
        assert (receipt.deleted, receipt.already_gone) == (0, 1)
        assert list(store.recordings) == ids(infos[1:])
    await store.async_flush()
    assert await row_ids(hass, recorder) == ids(infos[1:])


async def test_closing_finishes_what_is_under_way(
    hass: HomeAssistant, recorder: Recorder, stores: Stores
) -> None:
    keeping = [hass.async_create_task(keep(stores.store, number)) for number in (1, 2, 3)]
    await asyncio.sleep(0)
    store = await stores.reopen()
    await asyncio.gather(*keeping)
    assert len(store.recordings) == 3
    assert len(await row_ids(hass, recorder)) == 3


async def test_closed_store_refuses(stores: Stores) -> None:
    await stores.store.async_close()
    await stores.store.async_close()
    for refused in (
        stores.store.async_keep(make_utterance(1), DAY),
        stores.store.async_delete(["f" * 32]),
        stores.store.async_read("f" * 32),
    ):
        with pytest.raises(StoreError):
            await refused
    assert not [thread for thread in threading.enumerate() if "voice_privacy" in thread.name]


async def test_second_store_is_refused(hass: HomeAssistant, stores: Stores, folder: Path) -> None:
    second = RecordingStore(hass, folder)
    with pytest.raises(StoreInUse):
        await second.async_open()
    assert not second.read_only
    await stores.store.async_close()
    await second.async_open()
    await second.async_close()


async def test_f09_lost_keys_make_it_read_only(
    hass: HomeAssistant, recorder: Recorder, stores: Stores, folder: Path
) -> None:
    infos = await keep(stores.store, 1, 2)
    await stores.store.async_flush()
    await stores.store.async_close()
    before = files(folder)
    for name in ("keys.a", "keys.b"):
        (folder / name).unlink()
    store = RecordingStore(hass, folder)
    with pytest.raises(KeyFileLost):
        await store.async_open()
    assert store.read_only
    assert not store.recordings
    for refused in (store.async_keep(make_utterance(3), DAY), store.async_delete(ids(infos))):
        with pytest.raises(KeyFileLost):
            await refused
    await store.async_close()
    assert files(folder) == before
    assert await row_ids(hass, recorder) == ids(infos)


async def test_unreadable_recording_is_counted_and_deletable(
    hass: HomeAssistant, recorder: Recorder, store: RecordingStore, folder: Path
) -> None:
    infos = await keep(store, 1, 2)
    (path,) = (folder / "audio").glob(f"*{infos[0].recording_id}*")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(RecordingUnreadable):
        await store.async_read(infos[0].recording_id)
    assert store.unreadable == 1
    await store.async_read(infos[1].recording_id)
    assert (await store.async_delete([infos[0].recording_id])).deleted == 1
    assert store.unreadable == 0
    await store.async_flush()
    assert len(files(folder)) == 1


async def test_a_disk_that_fails_halfway_lets_no_text_outlive_transcripts(
    store: RecordingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is listed is what is sealed, however far the disk has come with it."""
    sync, failing = RealDisk.sync, 0

    def fail(self: RealDisk, handle: int) -> None:
        nonlocal failing
        failing -= 1
        if failing == 0:
            raise OSError(5, "injected")
        sync(self, handle)

    monkeypatch.setattr(RealDisk, "sync", fail)
    feedback = Feedback(label=Label.WRONG_TRANSCRIPT, correction="turn on that wonderful light")
    outcomes = set()
    for number in range(1, 8):
        (info,) = await keep(store, number, transcript=None, reply=None)
        failing = number
        try:
            await store.async_write_feedback(info.recording_id, feedback)
        except StoreError:
            is_written = (await store.async_read(info.recording_id))[1].feedback == feedback
            outcomes.add(is_written)
            assert store.recordings[info.recording_id].has_text is is_written
        failing = 0
    assert outcomes == {False, True}


@pytest.mark.parametrize("closed", [False, True])
async def test_removal_leaves_nothing(
    hass: HomeAssistant, recorder: Recorder, stores: Stores, folder: Path, closed: bool
) -> None:
    await keep(stores.store, 1, 2)
    await stores.store.async_flush()
    if closed:
        await stores.store.async_close()
    await stores.store.async_remove()
    assert not files(folder)
    assert folder.name not in {path.name for path in folder.parent.glob("*")}

    def has_table() -> bool:
        assert recorder.engine is not None
        return rows.has_table(recorder.engine)

    assert not await recorder.async_add_executor_job(has_table)
    store = await stores.reopen()
    assert (len(store.recordings), store.not_restored) == (0, 0)


async def test_disk_work_never_runs_on_the_event_loop(
    hass: HomeAssistant, recorder: Recorder, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()
    for name in [name for name in vars(RealDisk) if not name.startswith("_")]:
        original = getattr(RealDisk, name)

        def watched(*args: Any, _original: Callable[..., Any] = original, **kwargs: Any) -> Any:
            threads.add(threading.current_thread().name)
            return _original(*args, **kwargs)

        monkeypatch.setattr(RealDisk, name, watched)
    store = await stores.reopen()
    infos = await keep(store, 1, 2)
    await store.async_read(infos[0].recording_id)
    await store.async_delete([infos[0].recording_id])
    await store.async_flush()
    await store.async_remove()
    assert threads
    assert {name.rpartition("_")[0] for name in threads} == {"voice_privacy_store"}


async def test_started_monotonic_is_known_for_this_boot_only(
    hass: HomeAssistant, recorder: Recorder, stores: Stores
) -> None:
    (info,) = await keep(stores.store, 1)
    assert info.started_monotonic == make_utterance(1).started_monotonic
    assert (await stores.store.async_read(info.recording_id))[0] == info
    store = await stores.reopen()
    assert store.recordings[info.recording_id].started_monotonic is None


@on_sqlite
async def test_nothing_of_it_lies_in_the_configuration_folder(
    hass: HomeAssistant, recorder: Recorder, store: RecordingStore, tmp_path: Path
) -> None:
    path = Path(database(recorder))
    utterances = [make_utterance(number) for number in (1, 2, 3)]
    infos = await keep(store, 1, 2, 3)
    await store.async_flush()
    windows = [window for utterance in utterances for window in windows_of(utterance)]

    def contents() -> list[bytes]:
        return contents_below(path.parent) + contents_below(Path(hass.config.config_dir))

    assert infos[0].recording_id.encode() in b"".join(contents()), "the rows are where we look"
    assert find(windows, contents()) == 0
    await store.async_delete(ids(infos))
    await store.async_flush()
    assert find(windows, contents()) == 0
    # The search finds what is there.
    statement = f"INSERT INTO voice_privacy_recordings SELECT 'x', 's', 1, '{utterances[0].transcript}', 0, '', 0, 0, '', TRUE, ''"
    await execute(recorder, statement)
    assert find(windows, contents()) == 1
