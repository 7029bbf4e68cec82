"""The page in the sidebar and the card for dashboards, where there is a frontend."""

from hashlib import sha256
import logging
from pathlib import Path
from typing import Final

from homeassistant.components import frontend, panel_custom
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN

_LOGGER = logging.getLogger(__name__)

URL_PATH: Final = "voice-privacy"
"""The page's path."""

_STATIC: Final = f"/{DOMAIN}_static"
_FOLDER: Final = Path(__file__).parents[1] / "frontend"
_BUNDLES: Final = ("page", "card", "loader")


def _fingerprint() -> str:
    """Return a digest of the bundles: browsers keep each version for a month."""
    digest = sha256()
    for name in _BUNDLES:
        digest.update((_FOLDER / f"{name}.js").read_bytes())
    return digest.hexdigest()[:10]


async def _async_title(hass: HomeAssistant) -> str:
    """Return the page's name in the language of the house.

    The sidebar translates names of Home Assistant's own pages only, and so cannot follow each user's language.
    """
    texts = await async_get_translations(hass, hass.config.language, "config_panel", [DOMAIN])
    return texts.get(f"component.{DOMAIN}.config_panel.page.title", "Voice privacy")


async def async_setup_panel(hass: HomeAssistant) -> None:
    """Add the page and the card; without a frontend there is nothing to add them to."""
    if "frontend" not in hass.config.components or frontend.async_panel_exists(hass, URL_PATH):
        return
    try:
        fingerprint = await hass.async_add_executor_job(_fingerprint)
    except OSError as err:
        # A page that is missing is no reason to stop listening, muting or deleting.
        _LOGGER.error("The page cannot be shown, its files are missing: %s", type(err).__name__)
        return
    # Core keeps static paths until it stops, and takes the same one twice.
    await hass.http.async_register_static_paths([StaticPathConfig(_STATIC, str(_FOLDER), True)])
    await panel_custom.async_register_panel(
        hass,
        URL_PATH,
        "voice-privacy-page",
        sidebar_title=await _async_title(hass),
        sidebar_icon="mdi:shield-lock-outline",
        module_url=f"{_STATIC}/page.js?v={fingerprint}",
        embed_iframe=False,
        require_admin=False,
        # No config_panel_domain: it would put this page where the entry's options are opened.
        handle_safe_area=True,
    )
    # The card comes through a loader: a module that is evaluated before core's own is lost.
    frontend.add_extra_js_url(hass, f"{_STATIC}/loader.js?v={fingerprint}")


def async_remove_panel(hass: HomeAssistant) -> None:
    """Take the page out of the sidebar; the card says that nothing answers."""
    if "frontend" in hass.config.components:
        frontend.async_remove_panel(hass, URL_PATH, warn_if_unknown=False)
