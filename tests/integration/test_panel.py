"""The page in the sidebar: there with a frontend, absent without one, gone with the integration."""

from collections.abc import Iterator
import gzip
from http import HTTPStatus
from pathlib import Path
from unittest.mock import patch

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, DATA_PANELS
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .helpers.house import ENTRY_ID, House

FOLDER = Path(__file__).parents[2] / "custom_components/voice_privacy/frontend"


@pytest.fixture
def frontend_files(tmp_path: Path) -> Iterator[None]:
    """An empty stand-in for Home Assistant's own page, which is large and not needed."""
    with patch("homeassistant.components.frontend._frontend_root", return_value=tmp_path):
        yield


@pytest.fixture
async def house_with_page(
    hass: HomeAssistant, frontend_files: None, models: Path, quiet_house: House
) -> House:
    """A house with a frontend."""
    assert await async_setup_component(hass, "frontend", {})
    assert await hass.config_entries.async_setup(ENTRY_ID)
    return quiet_house


async def test_page_and_card_are_registered(
    hass: HomeAssistant, house_with_page: House, hass_client_no_auth: ClientSessionGenerator
) -> None:
    panel = hass.data[DATA_PANELS]["voice-privacy"]
    assert panel.require_admin is False
    # The entry's own menu opens its options, which this page does not show.
    assert panel.config_panel_domain is None
    assert panel.config is not None
    client = await hass_client_no_auth()
    loader = next(url for url in hass.data[DATA_EXTRA_MODULE_URL].urls if "voice_privacy" in url)
    for url in (panel.config["_panel_custom"]["module_url"], loader):
        path, _, version = url.partition("?v=")
        assert len(version) == 10
        response = await client.get(url, headers={"Accept-Encoding": "gzip"})
        assert response.status == HTTPStatus.OK
        assert "max-age" in response.headers["Cache-Control"]
        assert response.headers["Content-Encoding"] == "gzip"
        assert await response.read() == (FOLDER / Path(path).name).read_bytes()


@pytest.mark.parametrize(("language", "title"), [("de", "Sprach-Privatsphäre"), ("xx", "Voice privacy")])
async def test_the_sidebar_speaks_the_language_of_the_house(
    hass: HomeAssistant, frontend_files: None, models: Path, quiet_house: House, language: str, title: str
) -> None:
    hass.config.language = language
    assert await async_setup_component(hass, "frontend", {})
    assert await hass.config_entries.async_setup(ENTRY_ID)
    assert hass.data[DATA_PANELS]["voice-privacy"].sidebar_title == title


async def test_page_stays_through_a_reload_and_goes_when_disabled(
    hass: HomeAssistant, house_with_page: House
) -> None:
    await house_with_page.reload()
    assert "voice-privacy" in hass.data[DATA_PANELS]

    await hass.config_entries.async_set_disabled_by(ENTRY_ID, ConfigEntryDisabler.USER)
    assert "voice-privacy" not in hass.data[DATA_PANELS]

    await hass.config_entries.async_set_disabled_by(ENTRY_ID, None)
    await hass.async_block_till_done()
    assert "voice-privacy" in hass.data[DATA_PANELS]

    await hass.config_entries.async_remove(ENTRY_ID)
    assert "voice-privacy" not in hass.data[DATA_PANELS]


async def test_without_a_frontend_everything_else_works(hass: HomeAssistant, house: House) -> None:
    assert "frontend" not in hass.config.components
    assert house.hub.kept.error is None


BUNDLES = sorted(path.name for path in FOLDER.glob("*.js"))


def test_bundles_share_one_file() -> None:
    (shared,) = set(BUNDLES) - {"page.js", "card.js", "loader.js"}
    for name in ("page", "card"):
        assert f'"./{shared}"' in (FOLDER / f"{name}.js").read_text()


@pytest.mark.parametrize("name", BUNDLES)
def test_packed_bundles_are_the_bundles(name: str) -> None:
    assert gzip.decompress((FOLDER / f"{name}.gz").read_bytes()) == (FOLDER / name).read_bytes()


def test_bundles_are_small() -> None:
    assert sum(len((FOLDER / f"{name}.gz").read_bytes()) for name in BUNDLES) < 80_000
