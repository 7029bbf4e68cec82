"""Set-up: the house once, then each satellite."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, override

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryFlow,
    OptionsFlowWithReload,
    SubentryFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    AreaSelector,
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from .const import (
    CONF_ACCEPT_LICENSE,
    CONF_AREA,
    CONF_CHECK_LEVEL,
    CONF_CHILD_SAFE,
    CONF_MEMBERS_MAY_OPEN_MICROPHONE,
    CONF_OFFER_WAKE_WORD,
    CONF_PIPELINES,
    CONF_SOURCE,
    CONF_THRESHOLD,
    CONF_WAKE_ENGINE,
    CONF_WAKE_WORDS,
    DEFAULT_CHECK_LEVEL,
    DEFAULT_PORT,
    DEFAULT_THRESHOLD,
    DOMAIN,
    MAX_THRESHOLD,
    MIN_THRESHOLD,
    MODEL_FOLDER,
    SUBENTRY_TYPE_ASSIST_SATELLITE,
    SUBENTRY_TYPE_SATELLITE,
)
from .coordinator import loaded_entry
from .core.cleaning import MAX_NAME, clean_name, clean_text
from .core.errors import NotSaved, WakeModelError
from .keep_question import KeepQuestionFlow
from .recordings.key_folders import CONF_KEY_DIR, CONF_KEY_DIRS_BEFORE, key_folder_error, runs_supervised
from .satellites.pipeline_runs import SOURCE_API, source_of_entity, source_of_user
from .satellites.wyoming_connection import CannotConnect, NotASatellite, async_probe
from .wake.model_files import LICENSE_URL, WAKE_WORDS, missing_files, phrase_of
from .wake_listening.model_downloads import async_fetch_models, async_installed_models
from .wake_listening.remote_engine import engine_entity_id, engine_reference, is_other_engine

_MAX_HOST: Final = 253
"""Characters of a host's name, as DNS has room for."""

_ASSIST_SATELLITE: Final = "assist_satellite"
_SOURCE_LABELS: Final = f"component.{DOMAIN}.selector.speech_source.options"
_WYOMING: Final = "wyoming"


def _wake_word_selector(wake_words: list[str]) -> SelectSelector:
    """Offer wake words by the way they are spoken."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=wake_word, label=phrase_of(wake_word))
                for wake_word in sorted(wake_words)
            ],
            multiple=True,
            mode=SelectSelectorMode.LIST,
        )
    )


def _name(typed: str) -> str | None:
    """Return a name without what cannot be seen, None where nothing is left or it is too long."""
    name = clean_text(typed, MAX_NAME + 1)
    return name if 0 < len(name) <= MAX_NAME else None


async def _async_installed(hass: HomeAssistant) -> list[str]:
    """Return the wake words whose models are on this machine."""
    return [model.wake_word for model in await async_installed_models(hass)]


class VoicePrivacyConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set up the house: wake words, and the license of their models."""

    VERSION = 1

    def __init__(self) -> None:
        """Begin with nothing chosen."""
        self._choice: dict[str, Any] = {}
        self._download: asyncio.Task[None] | None = None

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Each satellite is a subentry."""
        return {
            SUBENTRY_TYPE_ASSIST_SATELLITE: AssistSatelliteSubentryFlow,
            SUBENTRY_TYPE_SATELLITE: SatelliteSubentryFlow,
        }

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> VoicePrivacyOptionsFlow:
        """Choose the pipelines that are listened to."""
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
        """Show the form until the license is accepted or not needed."""
        errors: dict[str, str] = {}
        if user_input is not None:
            self._choice = user_input
            if not await self._async_must_fetch(user_input[CONF_WAKE_WORDS]):
                return await self.async_step_finish()
            if user_input[CONF_ACCEPT_LICENSE]:
                return await self.async_step_download()
            errors[CONF_ACCEPT_LICENSE] = "license_not_accepted"
        offered = sorted({*WAKE_WORDS, *await _async_installed(self.hass)})
        # A model of one's own that has been taken away since cannot be chosen again.
        chosen = [wake_word for wake_word in chosen if wake_word in offered]
        schema = vol.Schema(
            {
                vol.Required(CONF_WAKE_WORDS, default=chosen): _wake_word_selector(offered),
                vol.Required(CONF_ACCEPT_LICENSE, default=False): BooleanSelector(),
            }
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, self._choice),
            errors=errors,
            description_placeholders={"license_url": LICENSE_URL},
        )

    async def _async_must_fetch(self, wake_words: list[str]) -> bool:
        """Return whether any file for these wake words is not on this machine yet."""
        if not wake_words:
            return False
        folder = Path(self.hass.config.path(MODEL_FOLDER))
        return bool(await self.hass.async_add_executor_job(missing_files, folder, wake_words))

    async def async_step_download(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Fetch the models and show how far it is."""
        if self._download is None:
            self._download = self.hass.async_create_task(
                async_fetch_models(self.hass, self._choice[CONF_WAKE_WORDS], self.async_update_progress),
                f"{DOMAIN}_download",
            )
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

    async def async_step_model_download_failed(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """No source could be reached."""
        return self._show_failure("model_download_failed")

    async def async_step_model_hash_mismatch(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What came is not what is published."""
        return self._show_failure("model_hash_mismatch")

    async def async_step_model_not_written(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The folder cannot be written to."""
        return self._show_failure("model_not_written")

    async def async_step_model_disk_full(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """There is no room for it."""
        return self._show_failure("model_disk_full")

    def _show_failure(self, step_id: str) -> ConfigFlowResult:
        """Say why, and let the user try again or go on without models."""
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
    """Choose the pipelines through which other satellites are heard, and how wake words are checked."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the pipelines that transcribe speech."""
        errors: dict[str, str] = {}
        if user_input is not None:
            key_dir = user_input.pop(CONF_KEY_DIR, "").strip()
            errors = await self._async_key_dir_errors(key_dir) or await _async_hold(
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
        offered = {
            pipeline.id: pipeline.name for pipeline in async_get_pipelines(self.hass) if pipeline.stt_engine
        }
        chosen = [
            pipeline_id
            for pipeline_id in self.config_entry.options.get(CONF_PIPELINES, [])
            if pipeline_id in offered
        ]
        selector = SelectSelector(
            SelectSelectorConfig(
                options=[SelectOptionDict(value=value, label=label) for value, label in offered.items()],
                multiple=True,
                mode=SelectSelectorMode.LIST,
            )
        )
        offers = self.config_entry.options.get(CONF_OFFER_WAKE_WORD, False)
        checks = self.config_entry.options.get(CONF_CHECK_LEVEL, DEFAULT_CHECK_LEVEL)
        members = self.config_entry.options.get(CONF_MEMBERS_MAY_OPEN_MICROPHONE, False) and not _is_withheld(
            self.hass, CONF_MEMBERS_MAY_OPEN_MICROPHONE
        )
        schema = vol.Schema(
            {
                vol.Required(CONF_PIPELINES, default=chosen): selector,
                vol.Required(CONF_OFFER_WAKE_WORD, default=offers): BooleanSelector(),
                vol.Required(CONF_CHECK_LEVEL, default=checks): BooleanSelector(),
                vol.Required(CONF_MEMBERS_MAY_OPEN_MICROPHONE, default=members): BooleanSelector(),
                vol.Optional(CONF_KEY_DIR): TextSelector(),
            }
        )
        current = {CONF_KEY_DIR: self.config_entry.options.get(CONF_KEY_DIR, "")}
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or current),
            errors=errors,
        )

    async def _async_key_dir_errors(self, key_dir: str) -> dict[str, str]:
        """Return why the keys cannot live in a folder, or nothing; empty is beside the recordings."""
        if not key_dir or key_dir == self.config_entry.options.get(CONF_KEY_DIR):
            # One that is missing right now stays chosen: its disk may come back.
            return {}
        config_folder = Path(self.hass.config.config_dir)
        supervised = runs_supervised(self.hass)
        error = await self.hass.async_add_executor_job(
            partial(key_folder_error, config_folder, key_dir, supervised=supervised)
        )
        return {CONF_KEY_DIR: error} if error else {}

    @callback
    def _remember_key_dir(self, key_dir: str) -> None:
        """Note where the keys have been, so that they can move from there."""
        entry = self.config_entry
        before: list[str] = entry.data.get(CONF_KEY_DIRS_BEFORE, [])
        old = entry.options.get(CONF_KEY_DIR)
        if old and old != key_dir and old not in before:
            self.hass.config_entries.async_update_entry(
                entry, data={**entry.data, CONF_KEY_DIRS_BEFORE: [*before, old]}
            )


class AssistSatelliteSubentryFlow(KeepQuestionFlow):
    """Add a satellite that another integration connects to, or somebody's apps and browsers."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which one, then whether what is said to it is kept."""
        offered = await self._async_sources()
        if not offered:
            return self.async_abort(reason="no_satellites")
        errors: dict[str, str] = {}
        if user_input is not None:
            source = user_input.get(CONF_SOURCE, "")
            typed = user_input.get(CONF_NAME)
            name = _name(typed) if typed else clean_name(offered.get(source, "")) or source
            if source not in offered:
                errors[CONF_SOURCE] = "source_missing"
            if typed and name is None:
                errors[CONF_NAME] = "name_invalid"
            if not errors:
                return self.ask_to_keep(
                    {CONF_NAME: name, CONF_CHILD_SAFE: user_input[CONF_CHILD_SAFE], CONF_SOURCE: source}
                )
        schema = vol.Schema(
            {
                # Optional, and refused when it is missing: Home Assistant's frontend fills in the first option
                # of a required select, and would choose somebody whom nobody has named.
                vol.Optional(CONF_SOURCE): SelectSelector(
                    SelectSelectorConfig(
                        options=[
                            SelectOptionDict(value=value, label=label) for value, label in offered.items()
                        ],
                        mode=SelectSelectorMode.DROPDOWN,
                    )
                ),
                vol.Optional(CONF_NAME): TextSelector(),
                vol.Required(CONF_CHILD_SAFE, default=False): BooleanSelector(),
            }
        )
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or {}),
            errors=errors,
        )

    @override
    async def async_add(self, data: dict[str, Any]) -> SubentryFlowResult:
        """Save it, unless the same one has been added meanwhile."""
        if any(
            one.data.get(CONF_SOURCE) == data[CONF_SOURCE] for one in self._get_entry().subentries.values()
        ):
            return self.async_abort(reason="already_configured")
        return self.async_create_entry(title=data[CONF_NAME], unique_id=data[CONF_SOURCE], data=data)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change whether a child speaks to it."""
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None and not (
            errors := await _async_hold_child(self.hass, subentry, user_input)
        ):
            return self.async_update_reload_and_abort(self._get_entry(), subentry, data_updates=user_input)
        schema = vol.Schema({vol.Required(CONF_CHILD_SAFE, default=False): BooleanSelector()})
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or _shown(self.hass, subentry)
            ),
            errors=errors,
        )

    async def _async_sources(self) -> dict[str, str]:
        """Return who may speak and has not been added yet, with a name."""
        found: dict[str, str] = {}
        for entity in er.async_get(self.hass).entities.values():
            if entity.domain == _ASSIST_SATELLITE and entity.platform != DOMAIN and not entity.disabled_by:
                state = self.hass.states.get(entity.entity_id)
                name = state.name if state else entity.name or entity.original_name or entity.entity_id
                found[source_of_entity(self.hass, entity.entity_id)] = str(name)
        texts = await async_get_translations(self.hass, self.hass.config.language, "selector", [DOMAIN])
        for user in await self.hass.auth.async_get_users():
            if user.is_active and not user.system_generated:
                label = texts.get(f"{_SOURCE_LABELS}.user", "{name}")
                found[source_of_user(user.id)] = label.format(name=user.name)
        found[SOURCE_API] = texts.get(f"{_SOURCE_LABELS}.api", SOURCE_API)
        added = {subentry.data.get(CONF_SOURCE) for subentry in self._get_entry().subentries.values()}
        return {source: name for source, name in found.items() if source not in added}


async def _async_hold(
    hass: HomeAssistant, what: str, satellite_id: str | None = None, *, granted: bool
) -> dict[str, str]:
    """Have it on disk whether the entry may grant something, before the entry does; return what failed."""
    if (entry := loaded_entry(hass)) is None:
        return {}
    try:
        await entry.runtime_data.hub.settings.async_withhold(what, satellite_id, on=not granted)
    except NotSaved as err:
        return {"base": err.code}
    return {}


async def _async_hold_child(
    hass: HomeAssistant, subentry: ConfigSubentry, data: Mapping[str, Any]
) -> dict[str, str]:
    """Have it on disk whether a child speaks to a satellite; return what failed."""
    return await _async_hold(hass, CONF_CHILD_SAFE, subentry.subentry_id, granted=not data[CONF_CHILD_SAFE])


def _is_withheld(hass: HomeAssistant, what: str, satellite_id: str | None = None) -> bool:
    """Return whether something does not hold, even if the entry grants it."""
    entry = loaded_entry(hass)
    return entry is not None and entry.runtime_data.hub.settings.is_withheld(what, satellite_id)


def _shown(hass: HomeAssistant, subentry: ConfigSubentry) -> dict[str, Any]:
    """Return what holds for a satellite."""
    child = subentry.data.get(CONF_CHILD_SAFE, False) or _is_withheld(
        hass, CONF_CHILD_SAFE, subentry.subentry_id
    )
    return {**subentry.data, CONF_CHILD_SAFE: child}


async def _async_addresses(hass: HomeAssistant, host: str) -> set[str]:
    """Return the addresses behind a host, or the host itself when it cannot be resolved."""
    try:
        found = await hass.loop.getaddrinfo(host, None)
    except OSError, ValueError:
        return {host}
    return {str(address[4][0]) for address in found}


async def _async_is_same(hass: HomeAssistant, ours: dict[str, Any], theirs: Any) -> bool:
    """Return whether two host and port pairs mean the same socket."""
    if theirs.get(CONF_PORT) != ours[CONF_PORT] or not theirs.get(CONF_HOST):
        return False
    return bool(
        await _async_addresses(hass, ours[CONF_HOST]) & await _async_addresses(hass, theirs[CONF_HOST])
    )


class SatelliteSubentryFlow(KeepQuestionFlow):
    """Add or change a Wyoming satellite that we connect to ourselves."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask, test the connection, then ask whether what is said to it is kept."""
        errors: dict[str, str] = {}
        if user_input is not None:
            data = self._cleaned(user_input)
            data[CONF_NAME] = name = _name(user_input[CONF_NAME])
            errors = {CONF_NAME: "name_invalid"} if name is None else await self._async_errors(data)
            if not errors:
                return self.ask_to_keep(data)
        schema = vol.Schema(
            {
                vol.Required(CONF_NAME): TextSelector(),
                vol.Optional(CONF_AREA): AreaSelector(),
                **await self._async_connection_fields(),
            }
        )
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or {}),
            errors=errors,
        )

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change where a satellite is and what it listens for."""
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            data = self._cleaned(user_input)
            errors = await self._async_errors(data, subentry.subentry_id) or await _async_hold_child(
                self.hass, subentry, data
            )
            if not errors:
                return self.async_update_reload_and_abort(self._get_entry(), subentry, data_updates=data)
        schema = vol.Schema(await self._async_connection_fields())
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or self._shown(_shown(self.hass, subentry))
            ),
            errors=errors,
        )

    @override
    async def async_add(self, data: dict[str, Any]) -> SubentryFlowResult:
        """Save it, unless somebody else has begun to use it meanwhile."""
        if taken := await self._async_taken(data):
            return self.async_abort(reason=taken)
        return self.async_create_entry(title=data[CONF_NAME], data=data)

    def _shown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was saved, as the form shows it."""
        shown = dict(data)
        if (engine := shown.pop(CONF_WAKE_ENGINE, None)) is not None:
            shown[CONF_WAKE_ENGINE] = engine_entity_id(self.hass, engine)
        return shown

    async def _async_connection_fields(self) -> dict[Any, Any]:
        """Return the fields of both forms."""
        installed = await _async_installed(self.hass)
        chosen = self._get_entry().data.get(CONF_WAKE_WORDS, [])
        offered = sorted({*installed, *chosen})
        return {
            vol.Required(CONF_HOST): TextSelector(),
            vol.Required(CONF_PORT, default=DEFAULT_PORT): NumberSelector(
                NumberSelectorConfig(min=1, max=65_535, mode=NumberSelectorMode.BOX)
            ),
            vol.Optional(CONF_WAKE_WORDS, default=chosen[:1]): _wake_word_selector(offered),
            vol.Optional(CONF_WAKE_ENGINE): EntitySelector(
                EntitySelectorConfig(
                    domain="wake_word",
                    exclude_entities=[
                        entity.entity_id
                        for entity in er.async_get(self.hass).entities.values()
                        if entity.domain == "wake_word" and entity.platform == DOMAIN
                    ],
                )
            ),
            vol.Required(CONF_THRESHOLD, default=DEFAULT_THRESHOLD): NumberSelector(
                NumberSelectorConfig(
                    min=MIN_THRESHOLD, max=MAX_THRESHOLD, step=0.05, mode=NumberSelectorMode.SLIDER
                )
            ),
            vol.Required(CONF_CHILD_SAFE, default=False): BooleanSelector(),
        }

    def _cleaned(self, user_input: dict[str, Any]) -> dict[str, Any]:
        """Return what is to be saved."""
        engine = user_input.get(CONF_WAKE_ENGINE)
        return {
            **user_input,
            CONF_HOST: clean_text(user_input[CONF_HOST], _MAX_HOST),
            CONF_PORT: int(user_input[CONF_PORT]),
            CONF_WAKE_WORDS: user_input.get(CONF_WAKE_WORDS, []),
            CONF_WAKE_ENGINE: engine_reference(self.hass, engine) if engine else None,
        }

    async def _async_errors(self, data: dict[str, Any], subentry_id: str | None = None) -> dict[str, str]:
        """Return why this satellite cannot be saved, or nothing."""
        engine = data[CONF_WAKE_ENGINE]
        if engine and not is_other_engine(self.hass, engine_entity_id(self.hass, engine)):
            return {CONF_WAKE_ENGINE: "wake_engine_invalid"}
        if taken := await self._async_taken(data, subentry_id):
            return {"base": taken}
        if subentry_id is not None and data.items() >= {
            (CONF_HOST, self._get_reconfigure_subentry().data[CONF_HOST]),
            (CONF_PORT, self._get_reconfigure_subentry().data[CONF_PORT]),
        }:
            # Our own connection is up or being tried already, and a satellite serves only one.
            return {}
        try:
            await async_probe(data[CONF_HOST], data[CONF_PORT])
        except CannotConnect:
            return {"base": "cannot_connect"}
        except NotASatellite:
            return {"base": "not_a_satellite"}
        return {}

    async def _async_taken(self, data: dict[str, Any], subentry_id: str | None = None) -> str | None:
        """Return why a satellite is not free to be added, or None."""
        for subentry in self._get_entry().subentries.values():
            if subentry.subentry_id != subentry_id and await _async_is_same(self.hass, data, subentry.data):
                return "already_configured"
        for entry in self.hass.config_entries.async_entries(_WYOMING):
            if await _async_is_same(self.hass, data, entry.data):
                return "used_by_wyoming"
        return None
