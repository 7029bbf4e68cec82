"""Requests about taught wake words: save, delete, and learn from a false wake."""

from collections.abc import Generator
import contextlib
from dataclasses import replace
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant

from ..const import CONF_WAKE_WORDS
from ..core.errors import ModelInUse, StoreError, TeachingOver, VoicePrivacyError
from ..core.models import DeletionReceipt, RecordingContent, Requester
from ..wake.model_folder import word_key
from ..wake_listening.taught_models import async_load_enroller, learned_from_false_wake
from .hub import VoicePrivacyHub
from .teaching_session import TeachingSession
from .wake_words import chosen_words, pipeline_with_word

_LOGGER = logging.getLogger(__name__)


def satellites_with(hub: VoicePrivacyHub, wake_word: str) -> list[str]:
    """Return the ids of the satellites for which a word is chosen."""
    key = word_key(wake_word)
    return [
        satellite_id
        for satellite_id, words in chosen_words(hub).items()
        if key in {word_key(word) for word in words}
    ]


async def async_save_word(hub: VoicePrivacyHub, session: TeachingSession, *, accept_similar: bool) -> str:
    """Keep the word of a session, which ends it, and let the engine hear it where it is wanted; return its id.

    Raises the same as TeachingSession.async_save.
    """
    await session.async_save(accept_similar=accept_similar)
    hub.access_log.add_change(session.by, CONF_WAKE_WORDS, f"+ {session.wake_word}")
    hub.review.learner.taught_word_added()
    if session.wake_word in hub.wake_words_wanted:
        await hub.async_load_models()
    hub.changed()
    return session.wake_word


async def async_delete_word(hub: VoicePrivacyHub, word_id: str, by: Requester) -> DeletionReceipt:
    """Delete a word that no satellite and no pipeline uses, and return the receipt.

    Raises TaughtWordMissing, ModelInUse, StoreError or Refused.
    """

    async def check() -> None:
        if satellites := satellites_with(hub, word_id):
            raise ModelInUse("a satellite uses the word", name=hub.satellites[satellites[0]].config.name)
        if (pipeline := pipeline_with_word(hub.hass, word_id)) is not None:
            raise ModelInUse("a pipeline uses the word", name=pipeline)
        await by.async_check()

    heard = set(hub.taught.models)
    try:
        receipt = await hub.taught.async_delete(word_id, check)
    except StoreError:
        await _async_unhear(hub, heard)
        raise
    return await _async_gone(hub, [word_id], receipt, by)


async def async_delete_all_words(
    hass: HomeAssistant, entry: ConfigEntry[Any], hub: VoicePrivacyHub, by: Requester
) -> DeletionReceipt:
    """Delete every taught word, also those in use: no satellite listens for any of them afterwards.

    Call it inside reload_for_released. Raises StoreError or Refused.
    """
    await by.async_check()
    if hub.teaching.session is not None:
        hub.teaching.session.end(TeachingOver.code)
    gone = hub.taught.all_ids
    heard = set(hub.taught.models)
    try:
        receipt = await hub.taught.async_delete_all()
    except StoreError:
        await _async_unhear(hub, heard)
        raise
    keys = {word_key(word) for word in gone}
    for satellite_id, words in chosen_words(hub).items():
        left = [word for word in words if word_key(word) not in keys]
        if left != words and (subentry := entry.subentries.get(satellite_id)) is not None:
            hass.config_entries.async_update_subentry(
                entry, subentry, data={**subentry.data, CONF_WAKE_WORDS: left}
            )
    return await _async_gone(hub, gone, receipt, by)


@contextlib.contextmanager
def reload_for_released(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Generator[None]:
    """Reload the entry at the end if satellites have other wake words then.

    Not earlier: what is deleted and told until then needs the loaded entry.
    """
    before = _words_of_satellites(entry)
    try:
        yield
    finally:
        if _words_of_satellites(entry) != before and entry.state is ConfigEntryState.LOADED:
            hass.config_entries.async_schedule_reload(entry.entry_id)


def _words_of_satellites(entry: ConfigEntry[Any]) -> dict[str, Any]:
    return {one: subentry.data.get(CONF_WAKE_WORDS) for one, subentry in entry.subentries.items()}


async def _async_unhear(hub: VoicePrivacyHub, heard: set[str]) -> None:
    """End what uses words that are gone although their deletion has failed: their keys were destroyed first."""
    if gone := heard - hub.taught.models.keys():
        hub.teaching.end_tests()
        if not gone.isdisjoint(hub.listening.wake_words_available):
            await hub.async_load_models()
        hub.changed()


async def _async_gone(
    hub: VoicePrivacyHub, word_ids: list[str], receipt: DeletionReceipt, by: Requester
) -> DeletionReceipt:
    """Log deleted words, and end and erase what still uses their numbers, or was learned for them.

    Returns the receipt, with what could not be erased yet.
    """
    if not word_ids:
        return receipt
    hub.teaching.end_tests()
    for word_id in word_ids:
        hub.access_log.add_change(by, CONF_WAKE_WORDS, f"- {word_id}")
    if not set(word_ids).isdisjoint(hub.listening.wake_words_available):
        await hub.async_load_models()
    hub.scores.words_deleted(word_ids)
    try:
        await hub.review.async_words_deleted(word_ids)
    except StoreError as err:
        _LOGGER.error("What was learned for a deleted wake word is still on disk (%s)", err.code)
        receipt = replace(receipt, pending_row_work=receipt.pending_row_work + 1, verified=False)
    hub.changed()
    return receipt


async def async_learn_false_wake(hub: VoicePrivacyHub, content: RecordingContent) -> bool:
    """Let a taught word not be woken again by what woke it in a recording; return whether it has learned.

    Whoever taught the word has agreed to it. Never raises: what somebody says of a recording must not fail because of it.
    """
    if (word := hub.taught.of_key(content.wake_word or "")) is None:
        return False
    try:
        async with hub.taught.turn:
            if not await _async_learn(hub, word.wake_word, content.audio):
                return False
    except StoreError as err:
        _LOGGER.error("A taught wake word could not learn from a false wake (%s)", err.code)
        return False
    except VoicePrivacyError as err:
        _LOGGER.debug("A taught wake word did not learn from a false wake (%s)", err.code)
        return False
    if word.wake_word in hub.listening.wake_words_available:
        await hub.async_load_models()
    return True


async def _async_learn(hub: VoicePrivacyHub, wake_word: str, audio: bytes) -> bool:
    """Keep what a word learns from a false wake; return whether it has learned. Raises VoicePrivacyError."""
    if (model := hub.taught.models.get(wake_word)) is None:
        return False
    enroller = await async_load_enroller(hub.hass)
    learned = await hub.hass.async_add_executor_job(learned_from_false_wake, enroller, model, audio)
    # Not of a word that was deleted meanwhile, nor of another one that has its id now.
    if learned is None or hub.taught.models.get(wake_word) is not model:
        return False
    saved = hub.taught.words[wake_word]
    saved = replace(saved, model=learned.to_bytes(), anti_examples=len(learned.anti_examples))
    await hub.taught.async_replace(saved, learned)
    return True
