"""Keys in a folder that the owner has chosen."""

from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components import voice_privacy
from custom_components.voice_privacy.const import CONF_CHECK_LEVEL, CONF_OFFER_WAKE_WORD, CONF_PIPELINES
from custom_components.voice_privacy.core.key_places import KeyPlaceRefusal
from custom_components.voice_privacy.recordings.key_folders import CONF_KEY_DIR
from custom_components.voice_privacy.storage.key_file_format import MIRRORS

from .helpers.house import ENTRY_ID, House
from .helpers.recordings import record

PACKAGE: Final = Path(voice_privacy.__file__).parent

DISK: Final = "27 1 254:0 / / rw - ext4 /dev/vda rw"
LAYER: Final = "27 1 0:60 / / rw - overlay overlay rw"


@dataclass(kw_only=True)
class Machine:
    """The machine as the integration sees it, whatever runs the tests."""

    table: Path
    monkeypatch: pytest.MonkeyPatch

    def become(self, *mounts: str, container: bool = False, supervised: bool = False) -> None:
        """Change the mounts and the kind of installation."""
        self.table.write_text("".join(f"{mount}\n" for mount in mounts), "ascii")
        module = "custom_components.voice_privacy.recordings.key_folders"
        self.monkeypatch.setattr(f"{module}._MOUNT_TABLE", self.table)
        self.monkeypatch.setattr(f"{module}.is_docker_env", lambda: container or supervised)
        if supervised:
            self.monkeypatch.setenv("SUPERVISOR", "172.30.32.2")
        else:
            self.monkeypatch.delenv("SUPERVISOR", raising=False)


@pytest.fixture(autouse=True)
def machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with one disk."""
    machine = Machine(table=tmp_path_factory.mktemp("proc") / "mountinfo", monkeypatch=monkeypatch)
    machine.become(DISK)
    return machine


def mounted(point: Path, fs_type: str = "ext4", source: str = "/dev/vdb", device: str = "254:16") -> str:
    """Return the line of something that is mounted on the root."""
    return f"40 27 {device} / {point} rw - {fs_type} {source} rw"


async def choose(house: House, key_dir: str) -> ConfigFlowResult:
    """Answer the options' form."""
    flow = await house.hass.config_entries.options.async_init(ENTRY_ID)
    answer: dict[str, Any] = {CONF_PIPELINES: [], CONF_OFFER_WAKE_WORD: False, CONF_CHECK_LEVEL: True}
    if key_dir:
        answer[CONF_KEY_DIR] = key_dir
    result = await house.hass.config_entries.options.async_configure(flow["flow_id"], answer)
    await house.hass.async_block_till_done()
    return result


def names_in(folder: Path) -> list[str]:
    """Return the names of everything in a folder."""
    return sorted(path.name for path in folder.iterdir())


def keys_in(folder: Path) -> list[str]:
    """Return the names of the key files in a folder."""
    return sorted(path.name for path in folder.glob("keys.*"))


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the configuration folder."""
    return tmp_path_factory.mktemp("elsewhere")


async def test_keys_move_where_the_owner_wants_them(house: House, elsewhere: Path) -> None:
    home = Path(house.hass.config.cache_path("voice_privacy"))
    safe, other = elsewhere / "safe", elsewhere / "other"
    kept = await record(house, "hello")
    for folder in (safe, other, None):
        result = await choose(house, str(folder or ""))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert house.ids() == [kept]
        assert (await house.hub.async_read(kept))[1].transcript == "hello"
        assert {place: keys_in(place) for place in (home, safe, other)} == {
            place: list(MIRRORS) if place == (folder or home) else [] for place in (home, safe, other)
        }
    await choose(house, str(safe))
    # Removing the integration takes the keys along, wherever they are.
    await house.hass.config_entries.async_remove(ENTRY_ID)
    await house.hass.async_block_till_done()
    assert not any(keys_in(place) for place in (home, safe, other))


async def test_what_does_not_do_is_refused(house: House) -> None:
    kept = await record(house)
    config = Path(house.hass.config.config_dir)
    for key_dir, error in (
        ("keys", "key_dir_not_absolute"),
        ("~/keys", "key_dir_not_absolute"),
        (f"{config}", "key_dir_in_config"),
        (f"{config}/keys", "key_dir_in_config"),
        (f"{config}/../{config.name}/.cache/keys", "key_dir_in_config"),
        ("/proc/voice_privacy", "key_dir_not_writable"),
        ("/dev/null", "key_dir_not_writable"),
        ("/dev/null/keys", "key_dir_not_writable"),
        ("/nul\0", "key_dir_not_writable"),
        ("/surrogate\ud800", "key_dir_not_writable"),
        ("/" + "long" * 100, "key_dir_not_writable"),
    ):
        result = await choose(house, key_dir)
        assert (result["type"], result["errors"]) == (FlowResultType.FORM, {CONF_KEY_DIR: error}), key_dir
        house.hass.config_entries.options.async_abort(result["flow_id"])
    assert house.ids() == [kept]


@pytest.mark.parametrize("loaded", [True, False])
async def test_home_assistant_os_refuses_what_backups_contain(
    house: House, elsewhere: Path, machine: Machine, loaded: bool
) -> None:
    (elsewhere / "link").symlink_to("/share/keys")
    share = "40 27 8:8 /share /share rw - ext4 /dev/sda8 rw"
    machine.become(LAYER, share, container=True, supervised=not loaded)
    if loaded:
        house.hass.config.components.add("hassio")
    for key_dir in ("/share/keys", "/srv/../media/keys", f"{elsewhere}/link/new"):
        result = await choose(house, key_dir)
        assert result["errors"] == {CONF_KEY_DIR: "key_dir_in_backup"}
        # What was typed is still there to be changed.
        assert result["data_schema"] is not None
        shown = {str(key): key.description for key in result["data_schema"].schema}
        assert shown[CONF_KEY_DIR] == {"suggested_value": key_dir}


async def test_only_a_place_that_lasts_is_accepted(house: House, elsewhere: Path, machine: Machine) -> None:
    kept = await record(house)
    home = Path(house.hass.config.cache_path("voice_privacy"))
    memory = mounted(elsewhere, "tmpfs", "tmpfs")
    for mounts, container, error in (
        ([LAYER], True, "key_dir_in_container"),
        (["garbage"], True, "key_dir_unknown"),
        ([], True, "key_dir_unknown"),
        ([LAYER, memory], True, "key_dir_in_memory"),
        ([DISK, memory], False, "key_dir_in_memory"),
    ):
        machine.become(*mounts, container=container)
        result = await choose(house, str(elsewhere / "not" / "there" / "yet"))
        assert result["errors"] == {CONF_KEY_DIR: error}
        assert names_in(elsewhere) == []
    assert keys_in(home) == list(MIRRORS)
    for name, mounts, container in (
        ("volume", [LAYER, mounted(elsewhere)], True),
        ("network", [LAYER, mounted(elsewhere, "nfs4", "nas:/export", "0:80")], True),
        ("unreadable", ["garbage"], False),
    ):
        machine.become(*mounts, container=container)
        result = await choose(house, str(elsewhere / name / "new"))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert keys_in(elsewhere / name / "new") == list(MIRRORS)
        assert house.issue("key_folder") is None
        assert house.ids() == [kept]


async def test_a_refused_folder_can_be_corrected(house: House, elsewhere: Path, machine: Machine) -> None:
    machine.become(LAYER, mounted(elsewhere), container=True)
    result = await choose(house, str(elsewhere.parent / "keys"))
    assert result["errors"] == {CONF_KEY_DIR: "key_dir_in_container"}
    answer = {CONF_PIPELINES: [], CONF_OFFER_WAKE_WORD: False, CONF_CHECK_LEVEL: True}
    result = await house.hass.config_entries.options.async_configure(
        result["flow_id"], answer | {CONF_KEY_DIR: str(elsewhere)}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.hass.async_block_till_done()
    assert keys_in(elsewhere) == list(MIRRORS)


async def test_a_folder_that_was_accepted_before_is_said_and_still_opens(
    house: House, elsewhere: Path, machine: Machine
) -> None:
    safe = elsewhere / "safe"
    kept = await record(house, "hello")
    await choose(house, str(safe))
    for mounts, container, code in (
        ([LAYER], True, "key_dir_in_container"),
        (["garbage"], True, "key_dir_unknown"),
        ([DISK, mounted(elsewhere, "tmpfs", "tmpfs")], False, "key_dir_in_memory"),
    ):
        machine.become(*mounts, container=container)
        await house.reload()
        assert house.issue("key_folder") == code
        assert (await house.hub.async_read(kept))[1].transcript == "hello"
    # Other options can still be changed, and the keys stay where they are until the owner moves them.
    result = await choose(house, str(safe))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert house.issue("key_folder") == "key_dir_in_memory"
    await choose(house, "")
    assert house.issue("key_folder") is None
    assert house.ids() == [kept]
    assert not keys_in(safe)


async def test_the_issue_goes_with_the_integration(house: House, elsewhere: Path, machine: Machine) -> None:
    await choose(house, str(elsewhere))
    machine.become(LAYER, container=True)
    await house.reload()
    assert house.issue("key_folder") == "key_dir_in_container"
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    assert house.issue("key_folder") is None


async def test_keys_that_a_backup_contains_are_said(house: House, elsewhere: Path, machine: Machine) -> None:
    """Another name of a folder that backups contain, as a bind mount gives it."""
    await choose(house, str(elsewhere))
    machine.become(
        LAYER,
        "40 27 8:8 /supervisor/share /share rw - ext4 /dev/sda8 rw",
        f"41 27 8:8 /supervisor/share/keys {elsewhere} rw - ext4 /dev/sda8 rw",
        supervised=True,
    )
    await house.reload()
    assert house.issue("key_folder") == "key_dir_in_backup"
    machine.become(
        DISK,
        f"40 27 8:1 / {house.hass.config.config_dir} rw - ext4 /dev/sda1 rw",
        f"41 27 8:1 /keys {elsewhere} rw - ext4 /dev/sda1 rw",
    )
    await house.reload()
    assert house.issue("key_folder") == "key_dir_in_config"


async def test_network_storage_that_is_away_is_not_taken_for_a_backup(
    house: House, elsewhere: Path, machine: Machine
) -> None:
    safe = elsewhere / "safe"
    await record(house)
    await choose(house, str(safe))
    unplugged = safe.rename(elsewhere / "unplugged")
    machine.become(
        LAYER,
        "40 27 8:8 /supervisor/share /share rw - ext4 /dev/sda8 rw",
        f"41 27 8:8 /supervisor/share/nas {elsewhere} ro - ext4 /dev/sda8 rw",
        supervised=True,
    )
    await house.reload()
    assert getattr(house.hub.kept.error, "code", None) == "key_file_lost"
    assert house.issue("key_folder") is None
    unplugged.rename(safe)
    await house.reload()
    assert house.issue("key_folder") == "key_dir_in_backup"


async def test_a_folder_that_cannot_be_looked_at_is_said(
    house: House, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await choose(house, str(elsewhere))

    def fail(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr("custom_components.voice_privacy.issues.key_folder.refused_place", fail)
    await house.reload()
    assert house.issue("key_folder") == "key_dir_unknown"


def test_every_refusal_has_its_words() -> None:
    texts = json.loads((PACKAGE / "translations" / "en.json").read_text("utf-8"))
    for refusal in KeyPlaceRefusal:
        assert texts["options"]["error"][refusal]
        assert "{folder}" in texts["issues"][refusal]["description"]
    assert len(set(texts["options"]["error"].values())) == len(texts["options"]["error"])


async def test_a_disk_that_is_not_there_is_said(house: House, elsewhere: Path) -> None:
    safe = elsewhere / "safe"
    kept = await record(house)
    await choose(house, str(safe))
    unplugged = safe.rename(elsewhere / "unplugged")
    await house.reload()
    assert getattr(house.hub.kept.error, "code", None) == "key_file_lost"
    assert not safe.exists()
    unplugged.rename(safe)
    await house.reload()
    assert getattr(house.hub.kept.error, "code", None) is None
    assert house.ids() == [kept]
