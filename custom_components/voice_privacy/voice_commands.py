"""Deletion, mute and guest mode by voice, in the speaker's language and before any other agent hears it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
import logging
from typing import Any, Final

from hassil.recognize import RecognizeResult
from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.components.conversation import ConversationInput, get_agent_manager
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, MATCH_ALL
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import VoicePrivacyConfigEntry
from .core.capture import CaptureSession
from .core.errors import StoreError
from .core.models import DeletionRequest, DeletionScope, DiscardReason, Requester, RequesterKind
from .core.phrases import (
    ANSWERS_TO_A_QUESTION,
    NEEDS_CONSENT,
    Language,
    Meaning,
    Speech,
    VoiceCommand,
    languages_of,
    templates,
)
from .pipelines import source_of_entity, source_of_user
from .settings import HouseToggle, SatelliteToggle
from .wake.model_files import WAKE_WORDS, phrase_of

_LOGGER = logging.getLogger(__name__)

_ANSWER_SECONDS: Final = 15
"""How long a question waits for its answer."""

_TOO_LATE_SECONDS: Final = 30
"""How long after a question an answer is told to be too late; then it means nothing any more."""

_RUN_OVER_SECONDS: Final = 5.0
"""A command that was not captured has left all its traces by then."""

_ALWAYS: Final = frozenset(VoiceCommand) - ANSWERS_TO_A_QUESTION


@dataclass(slots=True, kw_only=True)
class _Question:
    """Somebody was asked whether to delete everything."""

    language: Language
    timers: list[CALLBACK_TYPE]
    too_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """One command, as it was understood."""

    command: VoiceCommand
    language: Language
    by: Requester
    own: CaptureSession | None
    """The command's own utterance, which is never kept."""

    @property
    def satellite_id(self) -> str | None:
        """The satellite that was spoken to; None when nothing is ever kept of the place."""
        return self.by.satellite_id


class VoiceCommands:
    """Sentences for as long as the config entry is loaded."""

    def __init__(self, hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
        """Prepare; start registers the sentences."""
        self._hass = hass
        self._entry = entry
        self._hub = entry.runtime_data.hub
        self._meanings: dict[str, Meaning] = {}
        self._unregister: CALLBACK_TYPE | None = None
        self._unregister_answers: CALLBACK_TYPE | None = None
        self._questions: dict[str | None, _Question] = {}
        self._forgetting: set[CALLBACK_TYPE] = set()
        self._deeds: dict[VoiceCommand, Callable[[_Spoken], Coroutine[Any, Any, str]]] = {
            VoiceCommand.DELETE_ALL: self._async_ask,
            VoiceCommand.DELETE_LAST: self._async_delete_last,
            VoiceCommand.DELETE_TODAY: self._async_delete_today,
            VoiceCommand.FALSE_WAKE: self._async_false_wake,
            VoiceCommand.GUEST_MODE: self._async_guest_mode,
            VoiceCommand.MUTE: self._async_mute,
            VoiceCommand.NO: self._async_no,
            VoiceCommand.SUMMARY: self._async_summary,
            VoiceCommand.YES: self._async_yes,
        }

    # --- sentences -------------------------------------------------------------------------------

    @callback
    def start(self) -> None:
        """Understand the languages in use, and follow when they change."""
        self._register()
        entry = self._entry
        entry.async_on_unload(self._stop)
        entry.async_on_unload(self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._on_language))
        if (pipelines := self._hass.data.get("assist_pipeline")) is not None:
            entry.async_on_unload(pipelines.pipeline_store.async_add_listener(self._async_on_pipelines))

    @callback
    def _stop(self) -> None:
        """Understand nothing any more."""
        for satellite_id in list(self._questions):
            self._close_question(satellite_id)
        while self._forgetting:
            self._forgetting.pop()()
        if self._unregister is not None:
            self._unregister()
            self._unregister = None

    @callback
    def _on_language(self, _event: Event[Any]) -> None:
        """Follow the house's language."""
        self._register()

    async def _async_on_pipelines(self, _change: str, _item_id: str, _item: object) -> None:
        """Follow the pipelines' languages."""
        self._register()

    @callback
    def _register(self) -> None:
        """Register the sentences, unless they are the same as before: others wait while they are compiled."""
        meanings = templates(self._languages(), _ALWAYS, _wake_words())
        if meanings == self._meanings and self._unregister is not None:
            return
        if self._unregister is not None:
            self._unregister()
        self._meanings = meanings
        self._unregister = get_agent_manager(self._hass).register_trigger(
            list(meanings), self._trigger(meanings)
        )

    def _languages(self) -> list[Language]:
        """Return the languages in use, the house's own first."""
        tags = [self._hass.config.language]
        for pipeline in async_get_pipelines(self._hass):
            tags += [pipeline.language, pipeline.stt_language or "", pipeline.conversation_language]
        return languages_of(tag for tag in tags if tag and tag != MATCH_ALL)

    def _trigger(
        self, meanings: dict[str, Meaning]
    ) -> Callable[[ConversationInput, RecognizeResult], Coroutine[Any, Any, str | None]]:
        """Return what Home Assistant calls with a sentence that matches."""

        async def on_sentence(heard: ConversationInput, result: RecognizeResult) -> str | None:
            sentence = result.intent_sentence
            if sentence is None or (meaning := meanings.get(sentence.text or "")) is None:
                return None
            # The next wake word cancels the pipeline, but what was asked for is done.
            return await asyncio.shield(
                self._hass.async_create_task(self._async_answer(heard, meaning), f"{DOMAIN}_voice_command")
            )

        return on_sentence

    # --- one command -----------------------------------------------------------------------------

    async def _async_answer(self, heard: ConversationInput, meaning: Meaning) -> str:
        """Do what was asked for and say so."""
        satellite_id = self._satellite_of(heard)
        spoken = _Spoken(
            command=meaning.command,
            language=meaning.language,
            by=Requester(kind=RequesterKind.VOICE, user_id=heard.context.user_id, satellite_id=satellite_id),
            own=self._claim(heard, satellite_id),
        )
        _LOGGER.debug("Voice command %s", spoken.command)
        if spoken.command in NEEDS_CONSENT and not self._hub.settings.house(HouseToggle.DELETION_BY_VOICE):
            return spoken.language.say(Speech.VOICE_OFF)
        try:
            return await self._deeds[spoken.command](spoken)
        except StoreError as err:
            _LOGGER.error("A voice command could not delete (%s)", err.code)
        except Exception as err:  # noqa: BLE001
            # Whatever it is, the speaker must not take silence for success.
            _LOGGER.error("A voice command failed: %s", type(err).__name__)
        return spoken.language.say(Speech.FAILED)

    def _satellite_of(self, heard: ConversationInput) -> str | None:
        """Return which satellite was spoken to, or whose app or browser."""
        if heard.satellite_id is None:
            if (user_id := heard.context.user_id) is None:
                return None
            source = source_of_user(user_id)
        else:
            entity = er.async_get(self._hass).async_get(heard.satellite_id)
            if entity is not None and entity.config_entry_id == self._entry.entry_id:
                return entity.config_subentry_id
            source = source_of_entity(self._hass, heard.satellite_id)
        satellite = self._hub.foreign_satellite(source)
        return None if satellite is None else satellite.satellite_id

    def _claim(self, heard: ConversationInput, satellite_id: str | None) -> CaptureSession | None:
        """Find the command's own utterance and make sure that nothing of it is kept."""
        for capture in self._hub.in_flight(satellite_id):
            if capture.conversation_id == heard.conversation_id and capture.transcript == heard.text:
                capture.forbid(DiscardReason.VOICE_COMMAND)
                return capture
        if heard.conversation_id is not None:
            self._forget_later(heard.conversation_id)
        return None

    def _forget_later(self, conversation_id: str) -> None:
        """Make Assist forget a command that was not captured, once its run is over."""

        @callback
        def forget(_now: datetime) -> None:
            self._forgetting.discard(cancel)
            self._hub.traces.forget_conversations({conversation_id})

        cancel = async_call_later(self._hass, _RUN_OVER_SECONDS, forget)
        self._forgetting.add(cancel)

    async def _async_delete(self, spoken: _Spoken, request: DeletionRequest) -> list[datetime]:
        """Delete, and return from when the deleted recordings were; raises StoreError."""
        before = {one.recording_id: one.started_at for one in self._hub.meant(request)}
        before |= {one.utterance_id: one.started_at for one in self._hub.meant_in_flight(request)}
        receipt = await self._hub.async_delete(request, spoken.by)
        if not receipt.verified or receipt.deleted < len(before):
            raise StoreError
        return [dt_util.as_local(started_at) for started_at in before.values()]

    def _last_before(self, spoken: _Spoken) -> DeletionRequest:
        """Return a request for what was said last before the command, be it stored already or not."""
        own = spoken.own
        earlier = [
            capture.utterance_id
            for capture in self._hub.in_flight(spoken.satellite_id)
            if capture.forbidden is None
            and (own is None or capture.started_monotonic < own.started_monotonic)
        ]
        last = earlier[-1:] or [
            one.recording_id for one in self._hub.meant(self._request(spoken, DeletionScope.LAST))
        ]
        return DeletionRequest(scope=DeletionScope.IDS, recording_ids=frozenset(last))

    @staticmethod
    def _request(spoken: _Spoken, scope: DeletionScope) -> DeletionRequest:
        """Return a request for the satellite that was spoken to; of no satellite nothing is meant."""
        satellite_ids = frozenset(() if spoken.satellite_id is None else (spoken.satellite_id,))
        return DeletionRequest(scope=scope, satellite_ids=satellite_ids)

    def _deleted(self, spoken: _Spoken, moments: list[datetime]) -> str:
        """Say how many were deleted, and from when they were."""
        if not moments:
            return spoken.language.say(Speech.NOTHING)
        return spoken.language.say_count(
            Speech.DELETED_ONE, Speech.DELETED_MANY, moments, dt_util.now().date()
        )

    # --- deeds -----------------------------------------------------------------------------------

    async def _async_delete_last(self, spoken: _Spoken) -> str:
        """Delete what was said just before."""
        return self._deleted(spoken, await self._async_delete(spoken, self._last_before(spoken)))

    async def _async_delete_today(self, spoken: _Spoken) -> str:
        """Delete what was said today."""
        request = self._request(spoken, DeletionScope.TODAY)
        return self._deleted(spoken, await self._async_delete(spoken, request))

    async def _async_false_wake(self, spoken: _Spoken) -> str:
        """Delete what was not meant for the satellite."""
        moments = await self._async_delete(spoken, self._last_before(spoken))
        return spoken.language.say(Speech.FALSE_WAKE if moments else Speech.NOTHING)

    async def _async_ask(self, spoken: _Spoken) -> str:
        """Ask whether everything is to be deleted."""
        request = self._request(spoken, DeletionScope.ALL)
        moments = [one.started_at for one in self._hub.meant(request)]
        moments += [one.started_at for one in self._hub.meant_in_flight(request)]
        if not moments:
            return spoken.language.say(Speech.NOTHING)
        self._open_question(spoken)
        span = spoken.language.say_span([dt_util.as_local(one) for one in moments], dt_util.now().date())
        if len(moments) == 1:
            return spoken.language.say(Speech.ASK_ONE, span=span, seconds=_ANSWER_SECONDS)
        return spoken.language.say(Speech.ASK_MANY, count=len(moments), span=span, seconds=_ANSWER_SECONDS)

    async def _async_yes(self, spoken: _Spoken) -> str:
        """Delete everything, where that was asked just before."""
        if (question := self._close_question(spoken.satellite_id)) is None:
            return spoken.language.say(Speech.NOT_ASKED)
        if question.too_late:
            return question.language.say(Speech.TOO_LATE)
        moments = await self._async_delete(spoken, self._request(spoken, DeletionScope.ALL))
        return self._deleted(spoken, moments)

    async def _async_no(self, spoken: _Spoken) -> str:
        """Delete nothing."""
        if (question := self._close_question(spoken.satellite_id)) is None:
            return spoken.language.say(Speech.NOT_ASKED)
        return question.language.say(Speech.CANCELED)

    async def _async_summary(self, spoken: _Spoken) -> str:
        """Say how much is kept."""
        kept = self._hub.meant(self._request(spoken, DeletionScope.ALL))
        if not kept:
            return spoken.language.say(Speech.KEPT_NONE)
        return spoken.language.say_count(
            Speech.KEPT_ONE,
            Speech.KEPT_MANY,
            [dt_util.as_local(one.started_at) for one in kept],
            dt_util.now().date(),
        )

    async def _async_mute(self, spoken: _Spoken) -> str:
        """Switch the microphone off."""
        if spoken.satellite_id is None:
            return spoken.language.say(Speech.CANNOT_MUTE)
        await self._hub.async_set_satellite(spoken.satellite_id, SatelliteToggle.MUTED, spoken.by, on=True)
        return spoken.language.say(Speech.MUTED)

    async def _async_guest_mode(self, spoken: _Spoken) -> str:
        """Keep nothing anywhere from now on."""
        await self._hub.async_set_house(HouseToggle.GUEST_MODE, spoken.by, on=True)
        return spoken.language.say(Speech.GUEST_MODE)

    # --- questions -------------------------------------------------------------------------------

    def _open_question(self, spoken: _Spoken) -> None:
        """Understand yes and no for a while, which otherwise mean nothing to us."""
        satellite_id = spoken.satellite_id
        self._close_question(satellite_id)
        question = self._questions[satellite_id] = _Question(language=spoken.language, timers=[])

        @callback
        def too_late(_now: datetime) -> None:
            question.too_late = True

        @callback
        def forget(_now: datetime) -> None:
            self._close_question(satellite_id)

        question.timers.append(async_call_later(self._hass, _ANSWER_SECONDS, too_late))
        question.timers.append(async_call_later(self._hass, _TOO_LATE_SECONDS, forget))
        self._register_answers()

    def _close_question(self, satellite_id: str | None) -> _Question | None:
        """Wait for no answer any more; return what was asked."""
        if (question := self._questions.pop(satellite_id, None)) is None:
            return None
        for cancel in question.timers:
            cancel()
        self._register_answers()
        return question

    def _register_answers(self) -> None:
        """Understand yes and no in the languages of the open questions; nobody else's yes is taken away."""
        if self._unregister_answers is not None:
            self._unregister_answers()
            self._unregister_answers = None
        if languages := {question.language.code: question.language for question in self._questions.values()}:
            meanings = templates(languages.values(), ANSWERS_TO_A_QUESTION, _wake_words())
            self._unregister_answers = get_agent_manager(self._hass).register_trigger(
                list(meanings), self._trigger(meanings)
            )


def _wake_words() -> list[str]:
    """Return how wake words are spoken, for satellites that send theirs along with the command."""
    return sorted({phrase_of(wake_word).lower() for wake_word in WAKE_WORDS} | {"okay nabu", "ok nabu"})


@callback
def async_setup_voice_commands(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Understand voice commands until the entry is unloaded."""
    VoiceCommands(hass, entry).start()
