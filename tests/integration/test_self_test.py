"""Self-test of deletion: green when nothing is left, red for each thing that is, and invisible to everybody."""

from collections.abc import Callable
from datetime import timedelta
import io
import os
from pathlib import Path
import tarfile
import time
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from securetar import SecureTarArchive

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import StoreFull
from custom_components.voice_privacy.core.models import RecordingInfo, Utterance
from custom_components.voice_privacy.hub.events import HubEvent
from custom_components.voice_privacy.recordings.store import RecordingStore
from custom_components.voice_privacy.storage import disk, key_file, removal_queue, row_backlog
from custom_components.voice_privacy.storage.index import RecordingIndex

from .helpers.house import ENTRY_ID, House
from .helpers.people import ADMIN, KITCHEN_MEMBER, people_of
from .helpers.recordings import record

CHECKS = ("key", "file", "index", "row", "recorder", "backup")
PASSED = dict.fromkeys(CHECKS, "passed") | {"backup": "not_checked"}


def problem(house: House) -> str:
    """Return the state of the binary sensor."""
    return house.state("binary_sensor", "self_test", ENTRY_ID)


async def failed(house: House) -> list[str]:
    """Run the test by its action; return the checks that failed, and see that all faces say the same."""
    answer = await house.act("self_test")
    found = [check for check, verdict in answer["checks"].items() if verdict == "failed"]
    await house.until_state("binary_sensor", "self_test", "on" if found else "off", ENTRY_ID)
    assert answer["passed"] is not bool(found)
    for check in CHECKS:
        assert house.issue(f"self_test_{check}") == (f"self_test_{check}" if check in found else None)
    return found


async def test_nothing_is_left(house: House) -> None:
    assert problem(house) == "unknown"
    answer = await house.act("self_test")

    assert answer["checks"] == PASSED
    assert answer["passed"] is True
    await house.until_state("binary_sensor", "self_test", "off", ENTRY_ID)
    when = dt_util.parse_datetime(house.state("sensor", "last_self_test", ENTRY_ID))
    assert when is not None
    assert abs(dt_util.utcnow() - when) < timedelta(minutes=1)
    assert house.sealed_files() == []
    assert await failed(house) == []


# --- planted failures ----------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what breaks one part of the deletion."""

    def forget_without_zeros(self: Any, recording_ids: Any) -> dict[str, int | None]:
        gone = {found: self._slots.pop(found).sequence for found in recording_ids if found in self._slots}
        return dict(gone)

    write = disk.RealDisk.write

    def write_no_zeros(self: Any, handle: int, data: bytes, offset: int) -> None:
        if any(data):
            write(self, handle, data, offset)

    breaks: dict[str, tuple[object, str, object]] = {
        "destroy only says so": (key_file.KeyFile, "destroy", forget_without_zeros),
        "zeros do not reach the disk": (disk.RealDisk, "write", write_no_zeros),
        "files are not removed": (removal_queue, "remove_if_there", lambda *_: True),
        "files cannot be removed": (
            disk.RealDisk,
            "remove",
            lambda *_: (_ for _ in ()).throw(PermissionError),
        ),
        "files are not queued": (removal_queue.RemovalQueue, "extend", lambda *_: None),
        "rows are not queued": (row_backlog.RowBacklog, "delete", lambda *_: None),
        "the index forgets nothing": (RecordingIndex, "discard", lambda *_: None),
    }

    def plant(what: str) -> None:
        monkeypatch.setattr(*breaks[what])

    return plant


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("destroy only says so", ["key"]),
        ("files are not removed", ["file"]),
        ("files cannot be removed", ["file"]),
        ("files are not queued", ["file"]),
        ("rows are not queued", ["row"]),
        ("the index forgets nothing", ["index"]),
    ],
)
async def test_what_is_left_is_found(
    house: House, broken: Callable[[str], None], what: str, found: list[str]
) -> None:
    await house.keep()
    broken(what)
    assert await failed(house) == found


async def test_a_deletion_that_fails_is_found(house: House, broken: Callable[[str], None]) -> None:
    """Everything is left then, the key first."""
    broken("zeros do not reach the disk")
    assert "key" in await failed(house)


@pytest.fixture
def listener(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Utterance], None]], None]:
    """Return what lets something hostile know of everything that is stored."""
    keep = RecordingStore.async_keep

    def plant(leak: Callable[[Utterance], None]) -> None:
        async def leaky(self: RecordingStore, utterance: Utterance, *args: Any) -> RecordingInfo:
            leak(utterance)
            return await keep(self, utterance, *args)

        monkeypatch.setattr(RecordingStore, "async_keep", leaky)

    return plant


@pytest.mark.parametrize(
    "leak",
    [
        lambda hass, said: hass.states.async_set("sensor.heard", "ok", {"text": said.transcript}),
        lambda hass, said: hass.states.async_set("sensor.heard", said.transcript),
        lambda hass, said: hass.states.async_set("sensor.heard", "ok", {"id": said.utterance_id}),
        lambda hass, said: hass.bus.async_fire("answered", {"answer": {"speech": [said.reply]}}),
        lambda hass, said: hass.bus.async_fire("heard", {"id": said.utterance_id}),
        lambda hass, said: hass.bus.async_fire(f"heard_{said.utterance_id}"),
        lambda hass, said: hass.states.async_set(f"sensor.heard_{said.utterance_id}", "ok"),
    ],
    ids=[
        "attribute",
        "state",
        "id in an attribute",
        "event",
        "id in an event",
        "id in the name of an event",
        "id in the name of an entity",
    ],
)
async def test_text_in_the_recorder_is_found(
    hass: HomeAssistant, house: House, listener: Callable[..., None], leak: Callable[..., None]
) -> None:
    listener(lambda said: leak(hass, said))
    assert await failed(house) == ["recorder"]


async def test_text_in_a_file_of_ours_is_found(
    hass: HomeAssistant, house: House, listener: Callable[..., None]
) -> None:
    stray = Path(hass.config.cache_path(DOMAIN)) / "debug.wav"
    listener(lambda said: stray.write_bytes(b"RIFF" + said.audio))
    assert await failed(house) == ["file"]


async def test_a_copy_of_the_keys_is_found(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(hass.config.cache_path(DOMAIN))
    evidence = RecordingStore.async_evidence

    async def copy(self: RecordingStore, recording_id: str) -> Any:
        (folder / "copy").mkdir(exist_ok=True)
        (folder / "copy" / "keys.a").write_bytes((folder / "keys.a").read_bytes())
        return await evidence(self, recording_id)

    monkeypatch.setattr(RecordingStore, "async_evidence", copy)
    assert await failed(house) == ["file"]


async def test_a_second_name_of_the_sealed_file_is_found(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = RecordingStore.async_evidence

    async def link(self: RecordingStore, recording_id: str) -> Any:
        found = await evidence(self, recording_id)
        (found.file.parent / "other").hardlink_to(found.file)
        return found

    monkeypatch.setattr(RecordingStore, "async_evidence", link)
    assert await failed(house) == ["file"]


# --- backups -------------------------------------------------------------------------------------


def add(tar: tarfile.TarFile, name: str, content: bytes = b"x") -> None:
    """Add a file to an archive."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def archive(*names: str, mode: str = "w") -> bytes:
    """Return an archive with files of these names."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as tar:  # type: ignore[call-overload]
        for name in names:
            add(tar, name)
    return packed.getvalue()


def put(house: House, name: str, content: bytes) -> None:
    """Put a file into the folder of backups."""
    path = Path(house.hass.config.path("backups"), name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def backup(house: House, *names: str, inner: str = "homeassistant.tar.gz", name: str = "new.tar") -> None:
    """Put a backup into the folder of backups, as Home Assistant makes them."""
    path = Path(house.hass.config.path("backups"), name)
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w") as outer:
        add(outer, "./backup.json", b"{}")
        add(outer, f"./{inner}", archive(*names, mode="w:gz" if inner.endswith("gz") else "w"))


@pytest.mark.parametrize("inner", ["homeassistant.tar.gz", "homeassistant.tar", "config.tgz"])
async def test_a_backup_with_our_folder_is_found(house: House, inner: str) -> None:
    backup(house, "data/.storage/auth", "data/.cache/other/x", inner=inner)
    assert await failed(house) == []
    backup(house, "data/.storage/auth", "data/.cache/voice_privacy/keys.a", inner=inner, name="newer.tar")
    assert await failed(house) == ["backup"]
    # Only the newest counts, and it is what the owner is to replace.
    backup(house, "data/.storage/auth", inner=inner, name="newest.tar")
    assert (await house.act("self_test"))["checks"]["backup"] == "passed"


async def test_a_plain_copy_of_the_configuration_is_found(house: House) -> None:
    put(house, "copy.tar", archive("config/.cache/voice_privacy/audio/store-id"))
    assert await failed(house) == ["backup"]


def encrypted(house: House, password: str, *names: str) -> None:
    """Put an encrypted backup into the folder of backups."""
    path = Path(house.hass.config.path("backups"), "encrypted.tar")
    path.parent.mkdir(exist_ok=True)
    with SecureTarArchive(path, "w", password=password) as outer:
        inner = outer.create_tar("./homeassistant.tar.gz", gzip=True)
        with inner as tar:
            for name in names:
                add(tar, name)


async def test_an_encrypted_backup_is_opened_with_the_password(hass: HomeAssistant, house: House) -> None:
    encrypted(house, "secret", "data/.cache/voice_privacy/keys.b")
    assert (await house.act("self_test"))["checks"]["backup"] == "not_checked"
    create = SimpleNamespace(password="secret")
    config = SimpleNamespace(data=SimpleNamespace(create_backup=create))
    hass.data["backup"] = SimpleNamespace(state="idle", config=config)
    encrypted(house, "secret", "data/.cache/voice_privacy/keys.b")
    assert await failed(house) == ["backup"]


@pytest.mark.parametrize("content", [b"", b"no archive", archive("a")[:300], bytes(20_000)])
async def test_a_damaged_backup_is_no_failure(house: House, content: bytes) -> None:
    put(house, "damaged.tar", content)
    assert await failed(house) == []


def obstacle(path: Path, kind: str) -> None:
    """Make what is no file."""
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "link":
            path.symlink_to("nowhere")
        case "folder":
            path.mkdir()
    later = time.time() + 60
    os.utime(path, (later, later), follow_symlinks=False)


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
async def test_what_is_no_backup_hides_none(house: House, kind: str) -> None:
    backup(house, "data/.cache/voice_privacy/keys.a")
    obstacle(Path(house.hass.config.path("backups"), "zzz.tar"), kind)
    assert await failed(house) == ["backup"]


async def test_a_backup_that_is_cut_off_is_not_vouched_for(house: House) -> None:
    whole = archive("data/.storage/auth", "data/.storage/core", "data/.cache/voice_privacy/keys.a")
    # Each file takes two blocks: this is the end of the second.
    put(house, "cut.tar", whole[: 4 * tarfile.BLOCKSIZE])
    assert (await house.act("self_test"))["checks"]["backup"] == "not_checked"
    put(house, "cut.tar", archive("data/.storage/auth", "data/.storage/core"))
    assert (await house.act("self_test"))["checks"]["backup"] == "passed"


@pytest.mark.parametrize("suffix", ["bz2", "xz"])
async def test_other_compressions_are_read(house: House, suffix: str) -> None:
    path = Path(house.hass.config.path("backups"), "new.tar")
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w") as outer:
        packed = archive("data/.cache/voice_privacy/keys.a", mode=f"w:{suffix}")
        add(outer, f"homeassistant.tar.{suffix}", packed)
    assert await failed(house) == ["backup"]


async def test_a_password_that_is_set_later_is_tried(hass: HomeAssistant, house: House) -> None:
    encrypted(house, "secret", "data/.cache/voice_privacy/keys.b")
    assert (await house.act("self_test"))["checks"]["backup"] == "not_checked"
    config = SimpleNamespace(data=SimpleNamespace(create_backup=SimpleNamespace(password="secret")))
    hass.data["backup"] = SimpleNamespace(state="idle", config=config)
    assert await failed(house) == ["backup"]


# --- nobody sees it ------------------------------------------------------------------------------


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what a function returns that is called while the recording of the test is stored."""
    seen: list[Any] = []
    settle = RecordingStore.async_settle

    async def look(self: RecordingStore) -> None:
        await settle(self)
        if len(seen) == 1:
            seen.append(await seen[0]())

    monkeypatch.setattr(RecordingStore, "async_settle", look)
    return seen


async def test_nobody_sees_the_recording(house: House, during: list[Any]) -> None:
    people = await people_of(house)
    desk = people[ADMIN].desk
    kept = await house.keep()
    events: list[HubEvent] = []
    house.hub.notices.listen_to_events(events.append)
    log = len(house.hub.access_log.entries)

    async def look() -> dict[str, Any]:
        assert len(house.hub.kept.store.recordings) == 2
        listed = await desk.ask(f"{DOMAIN}/recordings/list")
        shown = {
            "list": [recording["id"] for recording in listed["result"]["recordings"]],
            "rooms": list(house.hub.kept.satellite_ids),
            "total": house.hub.kept.summary().recordings,
            "last": house.hub.kept.summary().last_started_at,
        }
        return shown | {"deleted": (await house.act("delete_all", {"confirm": True}))["deleted"]}

    last = house.hub.kept.summary().last_started_at
    during.append(look)
    assert (await house.act("self_test"))["passed"]
    assert during[1] == {"list": kept, "rooms": ["kitchen"], "total": 1, "last": last, "deleted": 1}
    assert [event.satellite_id for event in events] == ["kitchen"]
    # The list was read, and everything deleted, by hand.
    assert len(house.hub.access_log.entries) == log + 2


async def test_the_last_recording_is_still_the_last(house: House, during: list[Any]) -> None:
    first, second = await record(house), await record(house)

    async def look() -> dict[str, Any]:
        return await house.act("delete_last")

    during.append(look)
    assert (await house.act("self_test"))["passed"]
    assert during[1]["deleted"] == 1
    assert house.ids() == [first]
    assert second not in house.ids()


async def test_a_test_that_was_cut_off_leaves_nothing(house: House) -> None:
    """As after a crash: the recording is on disk, and nothing remembers it."""
    with (
        patch.object(RecordingStore, "async_delete", side_effect=ZeroDivisionError),
        pytest.raises(ZeroDivisionError),
    ):
        await house.hub.self_test.async_run()
    assert len(house.sealed_files()) == 1
    assert house.ids() == []
    await house.reload()
    assert house.ids() == []
    await house.hub.kept.store.async_settle()
    assert house.sealed_files() == []


# --- when, and for whom --------------------------------------------------------------------------


async def test_it_runs_every_night(hass: HomeAssistant, house: House, freezer: Any) -> None:
    day = dt_util.start_of_local_day() + timedelta(days=1)
    for minute in range(61):
        assert problem(house) == "unknown" or minute
        freezer.move_to(day.replace(hour=3) + timedelta(minutes=minute))
        async_fire_time_changed(hass, dt_util.utcnow())
    await house.until_state("binary_sensor", "self_test", "off", ENTRY_ID)


async def test_it_waits_for_a_backup(hass: HomeAssistant, house: House, freezer: Any) -> None:
    hass.data["backup"] = SimpleNamespace(state="create_backup")
    with pytest.raises(HomeAssistantError) as refused:
        await house.act("self_test")
    assert refused.value.translation_key == "backup_under_way"
    await house.hub.self_test._async_nightly(dt_util.utcnow())
    assert problem(house) == "unknown"

    hass.data["backup"] = SimpleNamespace(state="idle")
    freezer.tick(timedelta(minutes=11))
    async_fire_time_changed(hass, dt_util.utcnow())
    await house.until_state("binary_sensor", "self_test", "off", ENTRY_ID)


async def test_it_waits_for_a_repair(house: House) -> None:
    await house.hub.kept.async_close()
    with pytest.raises(HomeAssistantError) as refused:
        await house.act("self_test")
    assert refused.value.translation_key == "store_not_ready"
    assert problem(house) == "unknown"
    await house.hub.kept.async_open()


async def test_a_test_that_has_passed_does_not_stand_for_ever(
    hass: HomeAssistant, house: House, freezer: Any
) -> None:
    desk = (await people_of(house))[ADMIN].desk
    assert await failed(house) == []
    for hours, state in ((49, "off"), (2, "unknown")):
        freezer.tick(timedelta(hours=hours))
        with patch.object(RecordingStore, "async_keep", side_effect=StoreFull("ENOSPC")):
            await house.hub.self_test._async_nightly(dt_util.utcnow())
        await house.until_state("binary_sensor", "self_test", state, ENTRY_ID)
    answer = (await desk.ask(f"{DOMAIN}/self_test/get"))["result"]["result"]
    assert answer["passed"] is None
    await house.reload()
    assert problem(house) == "unknown"
    assert await failed(house) == []


async def test_a_test_that_has_failed_stands(
    house: House, broken: Callable[[str], None], freezer: Any
) -> None:
    broken("files are not removed")
    assert await failed(house) == ["file"]
    freezer.tick(timedelta(days=30))
    house.hub.notices.changed()
    assert problem(house) == "on"


async def test_whatever_stops_it_it_is_tried_again(
    hass: HomeAssistant, house: House, freezer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(RecordingStore, "async_keep", side_effect=ZeroDivisionError("said")):
        await house.hub.self_test._async_nightly(dt_util.utcnow())
    assert "failed to run: ZeroDivisionError" in caplog.text
    freezer.tick(timedelta(minutes=11))
    async_fire_time_changed(hass, dt_util.utcnow())
    await house.until_state("binary_sensor", "self_test", "off", ENTRY_ID)


async def test_the_result_outlives_a_reload(house: House, broken: Callable[[str], None]) -> None:
    broken("files are not removed")
    assert await failed(house) == ["file"]
    await house.reload()
    assert problem(house) == "on"
    assert house.issue("self_test_file") == "self_test_file"


async def test_administrators_read_and_run_it_on_the_page(house: House) -> None:
    people = await people_of(house)
    desk = people[ADMIN].desk
    assert (await desk.ask(f"{DOMAIN}/self_test/get"))["result"] == {"result": None}
    run = (await desk.ask(f"{DOMAIN}/self_test/run"))["result"]
    assert run["result"]["checks"] == PASSED
    assert (await desk.ask(f"{DOMAIN}/self_test/get"))["result"] == run
    for command in ("self_test/get", "self_test/run"):
        assert await people[KITCHEN_MEMBER].desk.code_of(command) == "unauthorized"
    with pytest.raises(Unauthorized):
        await house.act("self_test", context=Context(user_id=people[KITCHEN_MEMBER].user.id))
