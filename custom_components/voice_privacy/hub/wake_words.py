"""Wake words of the house: the files there are, and which satellite listens for which."""

from collections.abc import Collection, Mapping
import contextlib
from typing import Any, Final

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_WAKE_WORDS, DOMAIN
from ..core.errors import (
    InvalidRequest,
    ModelBaseMissing,
    ModelFileMissing,
    ModelInUse,
    ModelNotTried,
    NotAWakeWordModel,
    TaughtWordExists,
    WakeModelError,
)
from ..core.models import Requester
from ..wake.model_folder import wake_word_of, word_key
from ..wake.model_listing import ListedFile, Listing, ModelStatus
from ..wake_listening.model_library import (
    async_add_model,
    async_list_models,
    async_remove_model,
    async_used_files,
)
from .hub import VoicePrivacyHub

_MAX_LOGGED: Final = 200
"""Maximum characters of chosen wake words in the access log."""


def chosen_words(hub: VoicePrivacyHub) -> dict[str, list[str]]:
    """Return the chosen wake words of each satellite that the built-in engine hears."""
    return {
        satellite_id: [word.wake_word for word in satellite.config.wake_words]
        for satellite_id, satellite in hub.satellites.wyoming.items()
        if not satellite.has_other_engine
    }


def shown_words(listing: Listing, chosen: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """Return chosen wake words with the ids under which they are listed."""
    ids = {word_key(word): word for word in listing.ready}
    return {
        satellite_id: [ids.get(word_key(word), word) for word in words]
        for satellite_id, words in chosen.items()
    }


def users_of(file: ListedFile, chosen: Mapping[str, Collection[str]]) -> list[str]:
    """Return the ids of the satellites for which the wake word of a file is chosen."""
    return [
        satellite_id
        for satellite_id, words in chosen.items()
        if file.key in {word_key(word) for word in words}
    ]


def is_in_use(file: ListedFile, chosen: Mapping[str, Collection[str]]) -> bool:
    """Return whether a satellite listens for a wake word with this file, or may: it has not been tried yet."""
    maybe = file.status is ModelStatus.READY or isinstance(file.error, ModelNotTried)
    return maybe and bool(users_of(file, chosen))


def offered_words(listing: Listing, *chosen: Collection[str]) -> list[str]:
    """Return the wake words that can be chosen, sorted: those that are ready, and any that are chosen already.

    Ids that are the same words to a person are offered once.
    """
    offered = {word_key(word): word for word in listing.ready}
    for words in chosen:
        offered |= {word_key(word): word for word in words}
    return sorted(offered.values())


async def async_reason(hass: HomeAssistant, error: WakeModelError) -> str:
    """Return why a model cannot be used, in Home Assistant's language."""
    texts = await async_get_translations(hass, hass.config.language, "exceptions", [DOMAIN])
    text = texts.get(f"component.{DOMAIN}.exceptions.{error.code}.message", error.code)
    with contextlib.suppress(LookupError, ValueError):
        text = text.format(**error.placeholders)
    return text


def _code(file: str) -> str:
    """Return a file name as code in Markdown, which it cannot end."""
    return f"`{file.replace('`', chr(39))}`"


async def async_refused_text(hass: HomeAssistant, listing: Listing) -> str:
    """Return a paragraph for a form about the files that cannot be used; empty if there are none."""
    # Whoever copied the whole folder of openWakeWord has other models as well, which are no fault.
    refused = [file for file in listing.refused if not isinstance(file.error, NotAWakeWordModel)]
    if not refused:
        return ""
    texts = await async_get_translations(hass, hass.config.language, "selector", [DOMAIN])
    text = texts.get(f"component.{DOMAIN}.selector.wake_word_files.options.refused", "{file}: {reason}")
    first = refused[0]
    reason = await async_reason(hass, first.error) if first.error is not None else ""
    return "\n\n" + text.format(count=len(refused), file=_code(first.file), reason=reason)


async def async_refused_models(hub: VoicePrivacyHub) -> str:
    """Return the user's own files that keep wanted wake words from being detected, one a line with the reason."""
    listing = await async_list_models(hub.hass)
    ready = {word_key(word) for word in [*listing.ready, *hub.taught.words]}
    wanted = {word_key(word) for word in hub.wake_words_wanted} - ready
    return "\n".join(
        [
            f"- {_code(file.file)}: {await async_reason(hub.hass, file.error)}"
            for file in listing.refused
            if file.own and file.key in wanted and file.error is not None
            if not isinstance(file.error, ModelBaseMissing)
        ]
    )


async def async_add_file(
    hub: VoicePrivacyHub, name: str, content: bytes, manifest: bytes | None, by: Requester
) -> str:
    """Add a model file; return its name in the folder.

    Raises WakeModelError, InvalidRequest or TaughtWordExists, and Refused if the right was withdrawn meanwhile.
    """
    if (taught := hub.taught.of_key(wake_word_of(name))) is not None:
        # It would never be heard: the taught word is.
        raise TaughtWordExists(name=taught.name)
    added = await async_add_model(hub.hass, name, content, manifest, by.async_check)
    _log_file(hub, by, f"+ {added}")
    await _async_files_changed(hub)
    return added


async def async_remove_file(hub: VoicePrivacyHub, name: str, by: Requester) -> None:
    """Remove a model file that no satellite uses.

    Raises:
        ModelFileMissing: There is no such file.
        ModelInUse: A satellite uses it.
        ModelNotRemoved: It cannot be removed.
        Refused: The right was withdrawn meanwhile.
    """
    listing = await async_list_models(hub.hass)
    if (file := next((file for file in listing.files if file.file == name), None)) is None:
        raise ModelFileMissing("the model file does not exist")

    async def check() -> None:
        chosen = chosen_words(hub)
        if is_in_use(file, chosen):
            raise ModelInUse(
                "a satellite uses the model", name=hub.satellites[users_of(file, chosen)[0]].config.name
            )
        if (name_of_user := pipeline_with(hub.hass, file)) is not None:
            raise ModelInUse("a pipeline uses the model", name=name_of_user)
        await by.async_check()

    await check()
    await async_remove_model(hub.hass, name, check)
    _log_file(hub, by, f"- {name}")
    await _async_files_changed(hub)


def pipeline_with(hass: HomeAssistant, file: ListedFile) -> str | None:
    """Return the name of a pipeline that a file wakes through our wake word entity; None if there is none.

    Without its word, Home Assistant would let such a pipeline be woken by any other.
    """
    return pipeline_with_word(hass, file.wake_word) if file.status is ModelStatus.READY else None


def pipeline_with_word(hass: HomeAssistant, wake_word: str) -> str | None:
    """Return the name of a pipeline that a wake word wakes through our wake word entity; None if there is none."""
    key = word_key(wake_word)
    entities = er.async_get(hass).entities
    for pipeline in async_get_pipelines(hass):
        entity = entities.get(pipeline.wake_word_entity or "")
        if entity is not None and entity.platform == DOMAIN and word_key(pipeline.wake_word_id or "") == key:
            return pipeline.name
    return None


def _log_file(hub: VoicePrivacyHub, by: Requester, what: str) -> None:
    """Add to the access log that a file was added (+) or removed (-)."""
    hub.access_log.add_change(by, CONF_WAKE_WORDS, what[:_MAX_LOGGED])


async def async_choose(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    hub: VoicePrivacyHub,
    satellite_id: str,
    wake_words: Collection[str],
    by: Requester,
) -> None:
    """Choose the wake words of a satellite, as its form does; the entry reloads if they change.

    Raises InvalidRequest for a satellite or a wake word that the form does not offer.
    """
    known = chosen_words(hub)
    if satellite_id not in known or satellite_id not in entry.subentries:
        raise InvalidRequest
    listing = await async_list_models(hass)
    of_entry = entry.data.get(CONF_WAKE_WORDS, [])
    # Scores and learned filters belong to an id, so that a word which is chosen already keeps its id.
    taught = hub.taught.words
    ids = {word_key(word): word for word in [*listing.ready, *taught]}
    for words in (of_entry, *known.values(), known[satellite_id]):
        ids |= {word_key(word): word for word in words}
    offered = {word_key(word) for word in offered_words(listing, taught, of_entry, known[satellite_id])}
    if not offered.issuperset(map(word_key, wake_words)):
        raise InvalidRequest
    chosen = list(dict.fromkeys(ids[word_key(word)] for word in wake_words))
    await by.async_check()
    if (subentry := entry.subentries.get(satellite_id)) is None:
        raise InvalidRequest
    data = {**subentry.data, CONF_WAKE_WORDS: chosen}
    if hass.config_entries.async_update_subentry(entry, subentry, data=data):
        hub.access_log.add_change(
            by, CONF_WAKE_WORDS, ", ".join(chosen)[:_MAX_LOGGED] or "none", satellite_id
        )
        hass.config_entries.async_schedule_reload(entry.entry_id)


async def _async_files_changed(hub: VoicePrivacyHub) -> None:
    """Load the engine again if another file is to be used for one of its wake words."""
    if await async_used_files(hub.hass, hub.wake_words_wanted) != hub.listening.files:
        await hub.async_load_models()
    hub.changed()
