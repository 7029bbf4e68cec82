"""Subentry flows: add or reconfigure a satellite."""

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.core import HomeAssistant
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
    CONF_AREA,
    CONF_CHILD_SAFE,
    CONF_GIVE_BACK,
    CONF_MUTE_SWITCH,
    CONF_NO_MUTE_SWITCH,
    CONF_SAVE_RECORDINGS,
    CONF_SOURCE,
    CONF_TAKE_OVER,
    CONF_TAKEN_FROM,
    CONF_THRESHOLD,
    CONF_WAKE_ENGINE,
    CONF_WAKE_WORDS,
    DEFAULT_PORT,
    DEFAULT_THRESHOLD,
    DOMAIN,
    MAX_THRESHOLD,
    MIN_THRESHOLD,
    NO_MUTE,
)
from .coordinator import loaded_entry
from .core.cleaning import MAX_NAME, clean_name, clean_text
from .core.errors import NotSaved
from .core.typed_address import read_address
from .hub.settings import SettingsStore
from .hub.wake_words import async_refused_text, offered_words
from .issues.satellites_found import ignore_given_back
from .satellites.core_wyoming import addresses_lock, async_entry_at, async_is_same
from .satellites.found import satellites_found
from .satellites.own_mute import own_mute_of, reference_of_switch
from .satellites.pipeline_runs import SOURCE_API, is_satellite, source_of_user
from .satellites.take_over import TakeOverFailed, async_give_back
from .satellites.take_over_flow import (
    async_data_taken_over,
    async_offered,
    filled_in,
    give_back_field,
    take_over_field,
)
from .satellites.wyoming_connection import CannotConnect, NotASatellite, async_probe
from .wake.model_files import phrase_of
from .wake.model_listing import Listing
from .wake_listening.entity_references import entity_id_of, reference_of
from .wake_listening.model_library import async_list_models
from .wake_listening.remote_engine import is_other_engine

_SOURCE_LABELS: Final = f"component.{DOMAIN}.selector.speech_source.options"


def wake_word_selector(wake_words: list[str], phrase_of: Callable[[str], str] = phrase_of) -> SelectSelector:
    """Return a selector of wake words, labeled with their phrases."""
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


def clean_typed_name(typed: str) -> str | None:
    """Return a name without invisible characters, or None if it is empty or too long."""
    name = clean_text(typed, MAX_NAME + 1)
    return name if 0 < len(name) <= MAX_NAME else None


_CHOICES: Final = ["keep_nothing", "keep_recordings"]


class KeepQuestionFlow(ConfigSubentryFlow):
    """Base of flows that ask for consent to recordings in a separate step after the form.

    The step is a menu: Home Assistant's frontend preselects the first option of a required select, so users
    who press *Submit* without scrolling would consent without having read the question. A menu has no
    default.
    """

    _data: dict[str, Any]

    def ask_to_keep(self, data: dict[str, Any]) -> SubentryFlowResult:
        """Show the question for a satellite.

        Args:
            data: Data collected by the form, including the satellite's name.
        """
        self._data = data
        return self.async_show_menu(
            step_id="save_recordings",
            menu_options=_CHOICES,
            description_placeholders={"name": data[CONF_NAME]},
        )

    @abstractmethod
    async def async_add(self, data: dict[str, Any]) -> SubentryFlowResult:
        """Create the subentry, unless the satellite was added elsewhere since the form was checked."""

    async def async_step_save_recordings(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the question again."""
        return self.ask_to_keep(self._data)

    async def async_step_keep_nothing(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add the satellite without consent to recordings."""
        return await self.async_add(self._data | {CONF_SAVE_RECORDINGS: False})

    async def async_step_keep_recordings(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add the satellite with consent to recordings."""
        return await self.async_add(self._data | {CONF_SAVE_RECORDINGS: True})


class PipelineSatelliteSubentryFlow(KeepQuestionFlow):
    """Flow for a satellite of another integration, a user's apps and browsers, or the speech-to-text API."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the source, then for consent to recordings."""
        offered = await self._async_sources()
        if not offered:
            return self.async_abort(reason="no_satellites")
        errors: dict[str, str] = {}
        if user_input is not None:
            source = user_input.get(CONF_SOURCE, "")
            typed = user_input.get(CONF_NAME)
            name = clean_typed_name(typed) if typed else clean_name(offered.get(source, "")) or source
            if source not in offered:
                errors[CONF_SOURCE] = "source_missing"
            if typed and name is None:
                errors[CONF_NAME] = "name_invalid"
            mute = _mute_of_input(self.hass, user_input, errors) if is_satellite(source) else {}
            if not errors:
                return self.ask_to_keep(
                    {CONF_NAME: name, CONF_CHILD_SAFE: user_input[CONF_CHILD_SAFE], CONF_SOURCE: source}
                    | mute
                )
        schema = vol.Schema(
            {
                # Optional, with an error if it is missing: Home Assistant's frontend preselects the first
                # option of a required select, and would add a source that the user did not choose.
                vol.Optional(CONF_SOURCE): SelectSelector(
                    SelectSelectorConfig(
                        options=[
                            SelectOptionDict(value=value, label=label) for value, label in offered.items()
                        ],
                        mode=SelectSelectorMode.DROPDOWN,
                    )
                ),
                vol.Optional(CONF_NAME): TextSelector(),
                **(_mute_fields(self.hass) if any(map(is_satellite, offered)) else {}),
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
        """Create the subentry, unless the same source was added meanwhile."""
        if any(
            one.data.get(CONF_SOURCE) == data[CONF_SOURCE] for one in self._get_entry().subentries.values()
        ):
            return self.async_abort(reason="already_configured")
        return self.async_create_entry(title=data[CONF_NAME], unique_id=data[CONF_SOURCE], data=data)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change what mutes the satellite, and whether it is used by a child."""
        subentry = self._get_reconfigure_subentry()
        source = subentry.data[CONF_SOURCE]
        errors: dict[str, str] = {}
        if user_input is not None:
            mute = _mute_of_input(self.hass, user_input, errors) if is_satellite(source) else {}
            errors = errors or await _async_hold_child(self.hass, subentry, user_input)
            if not errors:
                kept = {key: value for key, value in subentry.data.items() if key != CONF_MUTE_SWITCH}
                data = kept | {CONF_CHILD_SAFE: user_input[CONF_CHILD_SAFE]} | mute
                return self.async_update_reload_and_abort(self._get_entry(), subentry, data=data)
        schema = vol.Schema(
            {
                **(_mute_fields(self.hass) if is_satellite(source) else {}),
                vol.Required(CONF_CHILD_SAFE, default=False): BooleanSelector(),
            }
        )
        shown = _shown(self.hass, subentry) | _shown_mute(self.hass, subentry)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or shown),
            errors=errors,
            description_placeholders={"name": subentry.title},
        )

    async def _async_sources(self) -> dict[str, str]:
        """Return the names of all sources that have not been added yet, by source."""
        found = {source: name for source, (_, name) in satellites_found(self.hass).items()}
        texts = await async_get_translations(self.hass, self.hass.config.language, "selector", [DOMAIN])
        for user in await self.hass.auth.async_get_users():
            if user.is_active and not user.system_generated:
                label = texts.get(f"{_SOURCE_LABELS}.user", "{name}")
                found[source_of_user(user.id)] = label.format(name=user.name)
        found[SOURCE_API] = texts.get(f"{_SOURCE_LABELS}.api", SOURCE_API)
        added = {subentry.data.get(CONF_SOURCE) for subentry in self._get_entry().subentries.values()}
        return {source: name for source, name in found.items() if source not in added}


def _mute_fields(hass: HomeAssistant) -> dict[Any, Any]:
    """Return the fields that say what mutes a satellite of another integration."""
    ours = [one.entity_id for one in er.async_get(hass).entities.values() if one.platform == DOMAIN]
    return {
        vol.Optional(CONF_MUTE_SWITCH): EntitySelector(
            EntitySelectorConfig(
                domain="switch", exclude_entities=[one for one in ours if one.startswith("switch.")]
            )
        ),
        vol.Required(CONF_NO_MUTE_SWITCH, default=False): BooleanSelector(),
    }


def _mute_of_input(
    hass: HomeAssistant, user_input: Mapping[str, Any], errors: dict[str, str]
) -> dict[str, str]:
    """Return what is saved about a satellite's mute: nothing if it is to be found; add form errors."""
    switch = user_input.get(CONF_MUTE_SWITCH)
    if user_input.get(CONF_NO_MUTE_SWITCH):
        if switch:
            errors[CONF_NO_MUTE_SWITCH] = "mute_switch_chosen"
        return {CONF_MUTE_SWITCH: NO_MUTE}
    if not switch:
        return {}
    reference = reference_of_switch(hass, switch)
    if reference is None:
        errors[CONF_MUTE_SWITCH] = "mute_switch_invalid"
        return {}
    return {CONF_MUTE_SWITCH: reference}


def _shown_mute(hass: HomeAssistant, subentry: ConfigSubentry) -> dict[str, Any]:
    """Return the switch that mutes a satellite now, as the form shows it."""
    chosen = subentry.data.get(CONF_MUTE_SWITCH)
    return {
        CONF_MUTE_SWITCH: own_mute_of(hass, subentry.data[CONF_SOURCE], chosen).switch,
        CONF_NO_MUTE_SWITCH: chosen == NO_MUTE,
    }


async def async_hold(
    hass: HomeAssistant, what: str, satellite_id: str | None = None, *, granted: bool
) -> dict[str, str]:
    """Save whether a setting of the entry is withheld, before the entry changes; return form errors."""
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
    """Save whether a child uses a satellite before its subentry changes; return form errors."""
    return await async_hold(hass, CONF_CHILD_SAFE, subentry.subentry_id, granted=not data[CONF_CHILD_SAFE])


def is_withheld(hass: HomeAssistant, what: str, satellite_id: str | None = None) -> bool:
    """Return whether a setting is withheld, even if the entry grants it."""
    entry = loaded_entry(hass)
    return entry is not None and entry.runtime_data.hub.settings.is_withheld(what, satellite_id)


def _shown(hass: HomeAssistant, subentry: ConfigSubentry) -> dict[str, Any]:
    """Return the effective settings of a satellite, as the form shows them."""
    child = subentry.data.get(CONF_CHILD_SAFE, False) or is_withheld(
        hass, CONF_CHILD_SAFE, subentry.subentry_id
    )
    return {**subentry.data, CONF_CHILD_SAFE: child}


def _with_address(user_input: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the input with host and port in their own fields, and form errors if the host is not clear.

    A port typed with the host takes precedence: it was typed for this host, the other may be the default.
    """
    if (address := read_address(user_input[CONF_HOST])) is None:
        return user_input, {CONF_HOST: "host_invalid"}
    port = user_input[CONF_PORT] if address.port is None else address.port
    return {**user_input, CONF_HOST: address.host, CONF_PORT: port}, {}


def _is_muted(hass: HomeAssistant, before: SettingsStore, satellite_id: str) -> bool:
    """Return whether a satellite is muted, as the loaded hub knows; while none is, as was known before."""
    loaded = loaded_entry(hass)
    settings = before if loaded is None else loaded.runtime_data.hub.settings
    return settings.of(satellite_id).muted


async def _async_give_back(hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry) -> None:
    """Let go of a satellite, let core have it again, and remove it here. Raises TakeOverFailed."""
    if (loaded := loaded_entry(hass)) is None:
        raise TakeOverFailed("give_back_failed")
    hub, satellite_id = loaded.runtime_data.hub, subentry.subentry_id
    if (satellite := hub.satellites.wyoming.get(satellite_id)) is not None:
        await satellite.async_stop()
    entry_id = subentry.data[CONF_TAKEN_FROM]["entry_id"]
    try:
        await async_give_back(
            hass, entry, entry_id, subentry, is_muted=partial(_is_muted, hass, hub.settings, satellite_id)
        )
    except BaseException:
        hass.config_entries.async_schedule_reload(entry.entry_id)
        raise
    ignore_given_back(hass, entry_id)
    hass.config_entries.async_remove_subentry(entry, satellite_id)


class WyomingSatelliteSubentryFlow(KeepQuestionFlow):
    """Flow for a Wyoming satellite that this integration connects to."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the settings, test the connection, then ask for consent to recordings."""
        errors: dict[str, str] = {}
        offered = await async_offered(self.hass, self._get_entry())
        if user_input is not None:
            user_input, errors = filled_in(user_input, offered)
            if not errors:
                user_input, errors = _with_address(user_input)
            if not errors:
                data = self._cleaned(user_input)
                data[CONF_NAME] = name = clean_typed_name(user_input[CONF_NAME])
                if name is None:
                    errors[CONF_NAME] = "name_invalid"
            if not errors and not (errors := await self._async_errors(data)):
                return self.ask_to_keep(data)
        # With a satellite to take over, its name and address need not be typed.
        required = vol.Optional if offered else vol.Required
        listing = await async_list_models(self.hass)
        schema = vol.Schema(
            {
                **take_over_field(offered),
                required(CONF_NAME): TextSelector(),
                vol.Optional(CONF_AREA): AreaSelector(),
                **self._connection_fields(listing, required=required),
            }
        )
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or {}),
            errors=errors,
            description_placeholders={"refused": await async_refused_text(self.hass, listing)},
        )

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change the connection and the wake word settings of a satellite."""
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None and user_input.pop(CONF_GIVE_BACK, False):
            try:
                await _async_give_back(self.hass, self._get_entry(), subentry)
            except TakeOverFailed as err:
                errors = {"base": err.reason}
            else:
                return self.async_abort(reason="given_back")
        elif user_input is not None:
            user_input, errors = _with_address(user_input)
            data = self._cleaned(user_input)
            async with addresses_lock(self.hass):
                errors = (
                    errors
                    or await self._async_errors(data, subentry.subentry_id)
                    or await _async_hold_child(self.hass, subentry, data)
                )
                if not errors:
                    return self.async_update_reload_and_abort(self._get_entry(), subentry, data_updates=data)
        listing = await async_list_models(self.hass)
        fields = self._connection_fields(listing, subentry.data.get(CONF_WAKE_WORDS, []))
        schema = vol.Schema({**fields, **give_back_field(self.hass, subentry)})
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or self._shown(_shown(self.hass, subentry))
            ),
            errors=errors,
            description_placeholders={
                "name": subentry.title,
                "refused": await async_refused_text(self.hass, listing),
            },
        )

    @override
    async def async_add(self, data: dict[str, Any]) -> SubentryFlowResult:
        """Create the subentry, unless the satellite was added here or to core's Wyoming meanwhile."""
        # Home Assistant saves it right after this step, before the next flow gets the lock.
        async with addresses_lock(self.hass):
            if taken := await self._async_taken(data):
                return self.async_abort(reason=taken)
            if CONF_TAKE_OVER in data:
                try:
                    data = await async_data_taken_over(self.hass, self._get_entry(), data)
                except TakeOverFailed as err:
                    return self.async_abort(reason=err.reason)
            return self.async_create_entry(title=data[CONF_NAME], data=data)

    def _shown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return saved data with the wake engine as an entity id, as the form shows it."""
        shown = dict(data)
        if (engine := shown.pop(CONF_WAKE_ENGINE, None)) is not None:
            shown[CONF_WAKE_ENGINE] = entity_id_of(self.hass, engine)
        return shown

    def _connection_fields(
        self, listing: Listing, current: Collection[str] = (), required: type[vol.Marker] = vol.Required
    ) -> dict[Any, Any]:
        """Return the fields that both forms share.

        Args:
            listing: Files of wake word models.
            current: Wake words of the satellite now.
            required: Marks the fields of the address.
        """
        chosen = self._get_entry().data.get(CONF_WAKE_WORDS, [])
        loaded = loaded_entry(self.hass)
        taught = None if loaded is None else loaded.runtime_data.hub.taught
        offered = offered_words(listing, () if taught is None else taught.words, chosen, current)
        selector = wake_word_selector(offered, phrase_of if taught is None else taught.phrase_of)
        return {
            required(CONF_HOST): TextSelector(),
            vol.Required(CONF_PORT, default=DEFAULT_PORT): NumberSelector(
                NumberSelectorConfig(min=1, max=65_535, mode=NumberSelectorMode.BOX)
            ),
            vol.Optional(CONF_WAKE_WORDS, default=chosen[:1]): selector,
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
        """Return the input, cleaned, as it is saved."""
        engine = user_input.get(CONF_WAKE_ENGINE)
        return {
            **user_input,
            CONF_PORT: int(user_input[CONF_PORT]),
            CONF_WAKE_WORDS: user_input.get(CONF_WAKE_WORDS, []),
            CONF_WAKE_ENGINE: reference_of(self.hass, engine) if engine else None,
        }

    async def _async_errors(self, data: dict[str, Any], subentry_id: str | None = None) -> dict[str, str]:
        """Return form errors if the satellite cannot be saved."""
        engine = data[CONF_WAKE_ENGINE]
        if engine and not is_other_engine(self.hass, entity_id_of(self.hass, engine)):
            return {CONF_WAKE_ENGINE: "wake_engine_invalid"}
        if subentry_id is not None and data.items() >= {
            (CONF_HOST, self._get_reconfigure_subentry().data[CONF_HOST]),
            (CONF_PORT, self._get_reconfigure_subentry().data[CONF_PORT]),
        }:
            # Do not probe an unchanged address: a satellite accepts one connection, and the hub holds it.
            return {}
        if taken := await self._async_taken(data, subentry_id):
            return {"base": taken}
        if CONF_TAKE_OVER in data:
            # Core holds its only connection; it is tried as soon as core has let go.
            return {}
        try:
            await async_probe(data[CONF_HOST], data[CONF_PORT])
        except CannotConnect:
            return {"base": "cannot_connect"}
        except NotASatellite:
            return {"base": "not_a_satellite"}
        return {}

    async def _async_taken(self, data: dict[str, Any], subentry_id: str | None = None) -> str | None:
        """Return the reason why a satellite cannot be added, or None."""
        for subentry in self._get_entry().subentries.values():
            if subentry.subentry_id != subentry_id and await async_is_same(self.hass, data, subentry.data):
                return "already_configured"
        entry = await async_entry_at(self.hass, data)
        return None if entry is None or entry.entry_id == data.get(CONF_TAKE_OVER) else "used_by_wyoming"
