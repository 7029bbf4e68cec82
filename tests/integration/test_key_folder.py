"""Keys in a folder that the owner has chosen."""

from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.voice_privacy.const import CONF_CHECK_LEVEL, CONF_OFFER_WAKE_WORD, CONF_PIPELINES
from custom_components.voice_privacy.key_folder import CONF_KEY_DIR
from custom_components.voice_privacy.storage.key_file import MIRRORS

from .house import ENTRY_ID, House
from .recordings import record


async def choose(house: House, key_dir: str) -> ConfigFlowResult:
    """Answer the options' form."""
    flow = await house.hass.config_entries.options.async_init(ENTRY_ID)
    answer: dict[str, Any] = {CONF_PIPELINES: [], CONF_OFFER_WAKE_WORD: False, CONF_CHECK_LEVEL: True}
    if key_dir:
        answer[CONF_KEY_DIR] = key_dir
    result = await house.hass.config_entries.options.async_configure(flow["flow_id"], answer)
    await house.hass.async_block_till_done()
    return result


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
        assert {one: keys_in(one) for one in (home, safe, other)} == {
            one: list(MIRRORS) if one == (folder or home) else [] for one in (home, safe, other)
        }
    await choose(house, str(safe))
    # Removing the integration takes the keys along, wherever they are.
    await house.hass.config_entries.async_remove(ENTRY_ID)
    await house.hass.async_block_till_done()
    assert not any(keys_in(one) for one in (home, safe, other))


@pytest.mark.parametrize(
    ("key_dir", "error"),
    [
        ("keys", "key_dir_not_absolute"),
        ("{config}/keys", "key_dir_in_config"),
        ("{config}/../{name}/.cache/keys", "key_dir_in_config"),
        ("/proc/voice_privacy", "key_dir_not_writable"),
        ("/dev/null", "key_dir_not_writable"),
    ],
)
async def test_what_does_not_do_is_refused(house: House, key_dir: str, error: str) -> None:
    kept = await record(house)
    config = Path(house.hass.config.config_dir)
    result = await choose(house, key_dir.format(config=config, name=config.name))
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {CONF_KEY_DIR: error})
    assert house.ids() == [kept]


async def test_a_disk_that_is_not_there_is_said(house: House, elsewhere: Path) -> None:
    safe = elsewhere / "safe"
    kept = await record(house)
    await choose(house, str(safe))
    unplugged = safe.rename(elsewhere / "unplugged")
    await house.reload()
    assert getattr(house.hub.store_error, "code", None) == "key_file_lost"
    assert not safe.exists()
    unplugged.rename(safe)
    await house.reload()
    assert getattr(house.hub.store_error, "code", None) is None
    assert house.ids() == [kept]
