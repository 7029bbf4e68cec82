"""Registration of the page in the sidebar and of the dashboard card."""

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
"""URL path of the page."""

_STATIC: Final = f"/{DOMAIN}_static"
_FOLDER: Final = Path(__file__).parents[1] / "frontend"
_BUNDLES: Final = ("page", "card", "loader")


def _fingerprint() -> str:
    """Return a digest of the bundles for their URLs: browsers cache each version for a month."""
    # What the bundles share has its own digest in its name, which is part of them.
    digest = sha256()
    for name in _BUNDLES:
        digest.update((_FOLDER / f"{name}.js").read_bytes())
    return digest.hexdigest()[:10]


async def _async_title(hass: HomeAssistant) -> str:
    """Return the title of the page in Home Assistant's language.

    The sidebar only translates titles of Home Assistant's own pages, so the title cannot follow each user's
    language.
    """
    texts = await async_get_translations(hass, hass.config.language, "config_panel", [DOMAIN])
    return texts.get(f"component.{DOMAIN}.config_panel.page.title", "Voice privacy")


async def async_setup_panel(hass: HomeAssistant) -> None:
    """Register the page and the card, if the frontend is loaded and the page is not registered yet."""
    if "frontend" not in hass.config.components or frontend.async_panel_exists(hass, URL_PATH):
        return
    try:
        fingerprint = await hass.async_add_executor_job(_fingerprint)
    except OSError as err:
        # Without the page, wake words, mute and deletion still work.
        _LOGGER.error("The page is not available because its files cannot be read: %s", type(err).__name__)
        return
    # Core keeps static paths until it stops, and accepts the same path again.
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
        # No config_panel_domain: it would replace the options flow of the entry with this page.
        handle_safe_area=True,
    )
    # The card uses a loader: custom elements of a module that runs before core's own are lost.
    frontend.add_extra_js_url(hass, f"{_STATIC}/loader.js?v={fingerprint}")


def async_remove_panel(hass: HomeAssistant) -> None:
    """Remove the page from the sidebar; the card stays and shows that the integration does not answer."""
    if "frontend" in hass.config.components:
        frontend.async_remove_panel(hass, URL_PATH, warn_if_unknown=False)
