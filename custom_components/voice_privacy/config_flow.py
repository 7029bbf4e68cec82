"""Config flow and options flow of the integration."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlowWithReload,
)
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from .const import (
    CONF_ACCEPT_LICENSE,
    CONF_MEMBERS_MAY_OPEN_MICROPHONE,
    CONF_PIPELINES,
    CONF_WAKE_WORDS,
    DOMAIN,
    MODEL_FOLDER,
    SUBENTRY_TYPE_PIPELINE_SATELLITE,
    SUBENTRY_TYPE_SATELLITE,
)
from .core.errors import WakeModelError
from .hub.options import FLAGS, offered_pipelines, options_now
from .hub.wake_words import async_refused_text, offered_words
from .recordings.key_folders import CONF_KEY_DIR, CONF_KEY_DIRS_BEFORE, key_folder_error, runs_supervised
from .subentry_flows import (
    PipelineSatelliteSubentryFlow,
    WyomingSatelliteSubentryFlow,
    async_hold,
    is_withheld,
    wake_word_selector,
)
from .wake.model_files import LICENSE_URL, PublishedFile, missing_files, published_words
from .wake.model_folder import word_key
from .wake_listening.model_downloads import async_fetch_models, async_fetch_second_ears
from .wake_listening.model_library import async_list_models


class VoicePrivacyConfigFlow(ConfigFlow, domain=DOMAIN):
    """Config flow: choose wake words, accept the license of their models and download them."""

    VERSION = 1

    def __init__(self) -> None:
        """Initialize the flow with nothing chosen."""
        self._choice: dict[str, Any] = {}
        self._download: asyncio.Task[None] | None = None

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the subentry flows: each satellite is a subentry."""
        return {
            SUBENTRY_TYPE_PIPELINE_SATELLITE: PipelineSatelliteSubentryFlow,
            SUBENTRY_TYPE_SATELLITE: WyomingSatelliteSubentryFlow,
        }

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> VoicePrivacyOptionsFlow:
        """Return the options flow."""
        return VoicePrivacyOptionsFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose wake words and accept the license of their models."""
        return await self._async_choose("user", [], user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose further wake words."""
        chosen = self._get_reconfigure_entry().data.get(CONF_WAKE_WORDS, [])
        return await self._async_choose("reconfigure", chosen, user_input)

    async def _async_choose(
        self, step_id: str, chosen: list[str], user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show the form until the license is accepted or no model that needs it has to be downloaded."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._choice = user_input
            missing = await self._async_missing_files()
            if not missing:
                return await self.async_step_finish()
            if user_input[CONF_ACCEPT_LICENSE] or all(file.free for file in missing):
                return await self.async_step_download()
            errors[CONF_ACCEPT_LICENSE] = "license_not_accepted"
        listing = await async_list_models(self.hass)
        offered = offered_words(listing, listing.needs_base, published_words())
        # A custom model that was removed since cannot be chosen again.
        known = {word_key(wake_word) for wake_word in offered}
        offered = offered_words(
            listing, offered, [wake_word for wake_word in chosen if word_key(wake_word) in known]
        )
        chosen = [wake_word for wake_word in chosen if wake_word in offered]
        schema = vol.Schema(
            {
                vol.Required(CONF_WAKE_WORDS, default=chosen): wake_word_selector(offered),
                vol.Required(CONF_ACCEPT_LICENSE, default=False): BooleanSelector(),
            }
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, self._choice),
            errors=errors,
            description_placeholders={
                "license_url": LICENSE_URL,
                "refused": await async_refused_text(self.hass, listing),
            },
        )

    async def _async_missing_files(self) -> tuple[PublishedFile, ...]:
        """Return the model files for the chosen wake words that are missing on this machine."""
        if not (wake_words := self._choice[CONF_WAKE_WORDS]):
            return ()
        folder = Path(self.hass.config.path(MODEL_FOLDER))
        return await self.hass.async_add_executor_job(
            partial(
                missing_files,
                folder,
                wake_words,
                licensed=self._choice[CONF_ACCEPT_LICENSE],
                usable=True,
            )
        )

    async def async_step_download(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Download the models and show the progress."""
        if self._download is None:
            fetch = async_fetch_models
            if not self._choice[CONF_ACCEPT_LICENSE]:
                fetch = partial(async_fetch_models, licensed=False)
            self._download = self.hass.async_create_task(self._async_fetch(fetch), f"{DOMAIN}_download")
        if not self._download.done():
            return self.async_show_progress(
                step_id="download", progress_action="download", progress_task=self._download
            )
        download, self._download = self._download, None
        try:
            download.result()
        except WakeModelError as err:
            known = hasattr(self, f"async_step_{err.code}")
            return self.async_show_progress_done(next_step_id=err.code if known else "model_download_failed")
        return self.async_show_progress_done(next_step_id="finish")

    async def _async_fetch(self, fetch: Callable[..., Awaitable[None]]) -> None:
        """Download the models, then those with which both engines hear a wake word."""
        wake_words = self._choice[CONF_WAKE_WORDS]
        await fetch(self.hass, wake_words, self.async_update_progress)
        await async_fetch_second_ears(self.hass, wake_words)

    async def async_step_model_download_failed(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show that no download source could be reached."""
        return self._show_failure("model_download_failed")

    async def async_step_model_hash_mismatch(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show that a downloaded file does not match the published hash."""
        return self._show_failure("model_hash_mismatch")

    async def async_step_model_not_written(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show that the model folder is not writable."""
        return self._show_failure("model_not_written")

    async def async_step_model_disk_full(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show that the disk is full."""
        return self._show_failure("model_disk_full")

    def _show_failure(self, step_id: str) -> ConfigFlowResult:
        """Show a failed download, and let the user try again or continue without models."""
        return self.async_show_menu(step_id=step_id, menu_options=["download", "finish"])

    async def async_step_finish(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Create or update the entry."""
        data = {
            CONF_WAKE_WORDS: self._choice[CONF_WAKE_WORDS],
            CONF_ACCEPT_LICENSE: self._choice[CONF_ACCEPT_LICENSE],
        }
        if self.source == "reconfigure":
            return self.async_update_reload_and_abort(self._get_reconfigure_entry(), data_updates=data)
        return self.async_create_entry(title="Voice Privacy", data=data)


class VoicePrivacyOptionsFlow(OptionsFlowWithReload):
    """Options flow: pipelines, wake word options, rights of members and the key folder."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the options; only pipelines with a speech-to-text engine can be chosen."""
        errors: dict[str, str] = {}
        if user_input is not None:
            key_dir = user_input.pop(CONF_KEY_DIR, "").strip()
            errors = await self._async_key_dir_errors(key_dir) or await async_hold(
                self.hass,
                CONF_MEMBERS_MAY_OPEN_MICROPHONE,
                granted=user_input[CONF_MEMBERS_MAY_OPEN_MICROPHONE],
            )
            if not errors:
                self._remember_key_dir(key_dir)
                return self.async_create_entry(
                    data={**self.config_entry.options, **user_input, CONF_KEY_DIR: key_dir}
                )
            user_input[CONF_KEY_DIR] = key_dir
        offered = offered_pipelines(self.hass)
        now = options_now(self.hass, self.config_entry, partial(is_withheld, self.hass))
        selector = SelectSelector(
            SelectSelectorConfig(
                options=[SelectOptionDict(value=value, label=label) for value, label in offered.items()],
                multiple=True,
                mode=SelectSelectorMode.LIST,
            )
        )
        schema = vol.Schema(
            {
                vol.Required(CONF_PIPELINES, default=now[CONF_PIPELINES]): selector,
                **{vol.Required(name, default=now[name]): BooleanSelector() for name in FLAGS},
                vol.Optional(CONF_KEY_DIR): TextSelector(),
            }
        )
        current = {CONF_KEY_DIR: now[CONF_KEY_DIR]}
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or current),
            errors=errors,
        )

    async def _async_key_dir_errors(self, key_dir: str) -> dict[str, str]:
        """Return form errors for a key folder; an empty path means beside the recordings."""
        if not key_dir or key_dir == self.config_entry.options.get(CONF_KEY_DIR):
            # A chosen folder that is missing right now stays chosen: its disk may come back.
            return {}
        config_folder = Path(self.hass.config.config_dir)
        supervised = runs_supervised(self.hass)
        error = await self.hass.async_add_executor_job(
            partial(key_folder_error, config_folder, key_dir, supervised=supervised)
        )
        return {CONF_KEY_DIR: error} if error else {}

    @callback
    def _remember_key_dir(self, key_dir: str) -> None:
        """Store the previous key folder, from which the keys are moved at the next start."""
        entry = self.config_entry
        before: list[str] = entry.data.get(CONF_KEY_DIRS_BEFORE, [])
        old = entry.options.get(CONF_KEY_DIR)
        if old and old != key_dir and old not in before:
            self.hass.config_entries.async_update_entry(
                entry, data={**entry.data, CONF_KEY_DIRS_BEFORE: [*before, old]}
            )
