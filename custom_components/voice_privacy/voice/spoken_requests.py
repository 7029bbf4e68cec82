"""Requests by voice command or language model: deletion, mute, guest mode and counts.

None of them can play a recording, switch a microphone on or end guest mode.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..core.capture import CaptureSession
from ..core.error_place import type_and_place
from ..core.errors import NotKeptNow, NotLoaded, RecordingNotFound, Refused, StoreError
from ..core.house_settings import HouseToggle, SatelliteToggle
from ..core.levels import keeps as keeps_at
from ..core.models import DeletionRequest, DeletionScope, DiscardReason, Requester, RequesterKind
from ..core.privacy import forbids
from ..core.voice_language import Language, Manner, Speech, VoiceCommand, Wording
from ..hub.callers import Permissions, Verdict
from ..hub.hub import VoicePrivacyHub
from ..satellites.pipeline_runs import entity_of_source
from .manner import async_manner

_LOGGER = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 15
"""Seconds in which a question can be answered."""

TOO_LATE_SECONDS: Final = 30
"""Seconds after a question in which an answer is reported as too late; after that it is not handled."""

_JUST_NOW: Final = timedelta(minutes=5)
"""Age up to which a recording is what somebody just said; of an older one, the time is told."""

FAILURES: Final = frozenset(
    {
        Speech.CANNOT_MUTE,
        Speech.FAILED,
        Speech.KEEP_FAILED,
        Speech.KEEP_FORBIDDEN,
        Speech.NOT_ALLOWED,
        Speech.VOICE_OFF,
    }
)
"""Answers that report that a request was not carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Request by voice command or language model, with its source."""

    command: VoiceCommand
    language: Language
    satellite_id: str | None
    """Id of the satellite that was spoken to or is named; None if it was not added to this entry."""

    at_satellite: bool
    """True if Assist names the satellite. Without a user, only Assist itself can have named it."""

    automation: str | None
    """Entity id of the automation or script that a conversation is led by, where one is at work."""

    user_id: str | None
    """Id of the user who writes to Assist or speaks to an app; None without a user."""

    conversation_id: str | None
    text: str | None
    """Text of the request; None if unknown."""

    turn: str | None
    """Id of the utterance, or None; a question cannot be answered in the turn in which it was asked."""

    over_seconds: float
    """Seconds after which the pipeline run of the request must have ended."""

    wording: Wording = Wording.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Authorized request."""

    command: VoiceCommand
    language: Language
    by: Requester
    own: CaptureSession | None
    """Capture of the request's own utterance, which is never kept."""

    turn: str | None
    """Id of the utterance, or None; a question cannot be answered in the turn in which it was asked."""

    spoken: bool
    """True if the words of the request are known; False if a language model asks for it."""

    wording: Wording
    manner: Manner

    @property
    def satellite_id(self) -> str | None:
        """Id of the satellite that was spoken to; None if it was not added to this entry."""
        return self.by.satellite_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Answer to a request."""

    speech: Speech
    text: str


@dataclass(slots=True, kw_only=True)
class Question:
    """Open question whether to delete something."""

    language: Language
    about: DeletionRequest
    """What is deleted at a yes."""

    turn: str | None
    timers: list[CALLBACK_TYPE]
    too_late: bool = False


class SpokenRequests:
    """Executor of requests by voice command and language model while the config entry is loaded."""

    def __init__(
        self, hass: HomeAssistant, hub: VoicePrivacyHub, entry_id: str, permissions: Permissions
    ) -> None:
        """Initialize without open questions."""
        self.questions: dict[str | None, Question] = {}
        """Open questions by satellite id."""

        self.on_questions: CALLBACK_TYPE | None = None
        """Callback for when a question is opened or closed."""

        self.hub = hub
        self._hass = hass
        self._entry_id = entry_id
        self._permissions = permissions
        self._forgetting: set[CALLBACK_TYPE] = set()
        self._requests: dict[VoiceCommand, Callable[[Request], Coroutine[Any, Any, Answer]]] = {
            VoiceCommand.DELETE_ALL: self._async_ask,
            VoiceCommand.DELETE_LAST: self._async_delete_last,
            VoiceCommand.DELETE_TODAY: self._async_delete_today,
            VoiceCommand.FALSE_WAKE: self._async_false_wake,
            VoiceCommand.GUEST_MODE: self._async_guest_mode,
            VoiceCommand.KEEP: self._async_keep,
            VoiceCommand.MUTE: self._async_mute,
            VoiceCommand.NO: self._async_no,
            VoiceCommand.SUMMARY: self._async_summary,
            VoiceCommand.YES: self._async_yes,
        }

    @callback
    def automation_of(self, context: Context | None) -> str | None:
        """Return the entity id of the automation or script behind a context, None if there is none."""
        return self._permissions.automations.name_of(context)

    @callback
    def forget_question(self, satellite_id: str | None) -> None:
        """Close a satellite's question: somebody else asks there now, and a yes would answer that."""
        self._close_question(satellite_id)

    def stop(self) -> None:
        """Close all questions and cancel timers."""
        for satellite_id in list(self.questions):
            self._close_question(satellite_id)
        while self._forgetting:
            self._forgetting.pop()()

    async def async_do(self, words: Words) -> Answer:
        """Carry out a request if it is allowed, and return the answer; every failure is answered as such."""
        command, language = words.command, words.language
        _LOGGER.debug("Voice command %s", command)
        by = Requester(
            kind=RequesterKind.VOICE,
            user_id=words.user_id,
            satellite_id=words.satellite_id,
            automation=words.automation,
        )
        verdict = await self._permissions.async_judge_words(command, by, speaks=words.at_satellite)
        own = self._claim(words, allowed=verdict is not Verdict.REFUSED)
        if verdict is Verdict.CONSENT_MISSING:
            return _say(language, Speech.VOICE_OFF)
        if verdict is Verdict.REFUSED:
            return _say(language, Speech.NOT_ALLOWED)

        async def ask_again() -> None:
            if self.hub.stopped:
                raise NotLoaded
            if await self._permissions.async_judge_words(command, by, speaks=True) is not Verdict.ALLOWED:
                raise Refused

        by = replace(by, automation=None, ask_again=ask_again)
        try:
            asked = Request(
                command=command,
                language=language,
                by=by,
                own=own,
                turn=words.turn,
                spoken=words.text is not None,
                wording=words.wording,
                manner=await async_manner(
                    self._hass,
                    self.hub,
                    self._entry_id,
                    language,
                    satellite_id=words.satellite_id,
                    user_id=words.user_id,
                ),
            )
            return await self._requests[command](asked)
        except NotLoaded:
            return _say(language, Speech.FAILED)
        except Refused:
            return _say(language, Speech.NOT_ALLOWED)
        except StoreError as err:
            _LOGGER.error("A voice command failed to delete recordings (%s)", err.code)
        except Exception as err:  # noqa: BLE001
            # The speaker must not take silence for success.
            _LOGGER.error("A voice command failed: %s", type_and_place(err))
        return _say(language, Speech.FAILED)

    # --- source and own utterance ----------------------------------------------------------------

    @callback
    def satellite_of(self, source: str) -> str | None:
        """Return the id of the satellite that is the source of a pipeline run, or None."""
        entity = entity_of_source(self._hass, source)
        if entity is not None and entity.config_entry_id == self._entry_id:
            return entity.config_subentry_id
        satellite = self.hub.satellites.of_source(source)
        return None if satellite is None else satellite.satellite_id

    def _claim(self, words: Words, *, allowed: bool) -> CaptureSession | None:
        """Return the capture of the request's own utterance, after forbidding that it is kept.

        If the text is unknown, use the newest capture of the conversation. If there is none and the request
        is allowed, purge the conversation from Assist after over_seconds. A refused request can only affect
        captures of the user's own apps and browsers.
        """
        satellite_id = words.satellite_id
        if not allowed:
            satellite_id = self._permissions.own_satellite(words.user_id) if words.user_id else None
        for capture in reversed(self.hub.in_flight(satellite_id)):
            if capture.conversation_id == words.conversation_id and words.text in (None, capture.transcript):
                capture.forbid(DiscardReason.VOICE_COMMAND)
                return capture
        if allowed and words.conversation_id is not None:
            self._forget_later(words.conversation_id, words.over_seconds)
        return None

    def _forget_later(self, conversation_id: str, over_seconds: float) -> None:
        """Purge the conversation of an uncaptured command from Assist once its run has ended."""

        @callback
        def forget(_now: datetime) -> None:
            self._forgetting.discard(cancel)
            self.hub.traces.forget_conversations({conversation_id})

        cancel = async_call_later(self._hass, over_seconds, forget)
        self._forgetting.add(cancel)

    async def _async_delete(self, asked: Request, request: DeletionRequest) -> list[datetime]:
        """Delete recordings and return their local start times. Raises StoreError if that is not verified."""
        before = {
            recording.recording_id: recording.started_at for recording in self.hub.deletion.meant(request)
        }
        before |= {
            utterance.utterance_id: utterance.started_at
            for utterance in self.hub.deletion.meant_in_flight(request)
        }
        # The last utterance is chosen by its id, which is not how anybody asks for it.
        logged_as = DeletionScope.LAST if request.scope is DeletionScope.IDS else None
        receipt = await self.hub.deletion.async_delete(request, asked.by, logged_as=logged_as)
        if not receipt.verified or receipt.deleted < len(before):
            raise StoreError
        return [dt_util.as_local(started_at) for started_at in before.values()]

    def _moments(self, request: DeletionRequest, *, kept_only: bool = False) -> list[datetime]:
        """Return the local start times of what a request would delete."""
        moments = [recording.started_at for recording in self.hub.deletion.meant(request)]
        if not kept_only:
            moments += [utterance.started_at for utterance in self.hub.deletion.meant_in_flight(request)]
        return [dt_util.as_local(moment) for moment in moments]

    def _before(self, asked: Request) -> list[CaptureSession]:
        """Return the utterances of the satellite in memory that began before the command, oldest first."""
        own = asked.own
        return [
            capture
            for capture in self.hub.in_flight(asked.satellite_id)
            if capture.forbidden is None
            and (own is None or capture.started_monotonic < own.started_monotonic)
        ]

    def _unfinished(self, asked: Request) -> list[CaptureSession]:
        """Return the utterances that began before the command and still take audio.

        Nobody has said those: Home Assistant may begin a run with the rest of the last utterance, and not end it.
        """
        return [] if asked.own is None else [one for one in self._before(asked) if not one.closed]

    def _last_before(self, asked: Request) -> DeletionRequest:
        """Return a request for the last utterance before the command, whether it is stored yet or not."""
        unfinished = self._unfinished(asked)
        earlier = [one.utterance_id for one in self._before(asked) if one not in unfinished]
        last = earlier[-1:] or [
            recording.recording_id
            for recording in self.hub.deletion.meant(self._request(asked, DeletionScope.LAST))
        ]
        return DeletionRequest(scope=DeletionScope.IDS, recording_ids=frozenset(last))

    @staticmethod
    def _request(asked: Request, scope: DeletionScope) -> DeletionRequest:
        """Return a request for the satellite that was spoken to; it selects nothing without a satellite."""
        satellite_ids = frozenset(() if asked.satellite_id is None else (asked.satellite_id,))
        return DeletionRequest(scope=scope, satellite_ids=satellite_ids)

    def _deleted(self, asked: Request, moments: list[datetime]) -> Answer:
        """Return an answer with the number and times of the deleted recordings."""
        if not moments:
            return _say(asked.language, Speech.NOTHING)
        return _say_count(asked, Speech.DELETED_ONE, Speech.DELETED_MANY, moments)

    def _deleted_last(self, asked: Request, moments: list[datetime]) -> Answer:
        """Return an answer about the deletion of the last utterance."""
        if len(moments) == 1 and _is_just_now(moments[0]):
            return _say(asked.language, Speech.DELETED_JUST_SAID)
        return self._deleted(asked, moments)

    # --- requests --------------------------------------------------------------------------------

    async def _async_delete_last(self, asked: Request) -> Answer:
        """Delete the last utterance before the request; only ask about it if the request was misheard."""
        if asked.wording is Wording.MISHEARD:
            return self._ask_about_last(asked)
        last = self._last_before(asked)
        for capture in self._unfinished(asked):
            capture.forbid(DiscardReason.DELETED)
        return self._deleted_last(asked, await self._async_delete(asked, last))

    def _ask_about_last(self, asked: Request) -> Answer:
        """Ask whether to delete the last utterance before a misheard request."""
        about = self._last_before(asked)
        moments = self._moments(about)
        if not moments:
            return _say(asked.language, Speech.NOTHING)
        self._open_question(asked, about)
        if _is_just_now(moments[0]):
            return _say(asked.language, Speech.ASK_JUST_SAID)
        span = asked.language.say_span(moments, dt_util.now().date(), asked.manner)
        return _say(asked.language, Speech.ASK_LAST, span=span)

    async def _async_delete_today(self, asked: Request) -> Answer:
        """Delete today's recordings."""
        request = self._request(asked, DeletionScope.TODAY)
        return self._deleted(asked, await self._async_delete(asked, request))

    async def _async_false_wake(self, asked: Request) -> Answer:
        """Delete the last utterance, which was not meant for the satellite."""
        request = self._last_before(asked)
        await self.hub.feedback.async_learn(request.recording_ids)
        moments = await self._async_delete(asked, request)
        return _say(asked.language, Speech.FALSE_WAKE if moments else Speech.NOTHING)

    async def _async_ask(self, asked: Request) -> Answer:
        """Ask whether to delete everything."""
        request = self._request(asked, DeletionScope.ALL)
        if not (moments := self._moments(request)):
            return _say(asked.language, Speech.NOTHING)
        self._open_question(asked, request)
        span = asked.language.say_span(moments, dt_util.now().date(), asked.manner)
        if len(moments) == 1:
            return _say(asked.language, Speech.ASK_ONE, span=span, seconds=ANSWER_SECONDS)
        return _say(asked.language, Speech.ASK_MANY, count=len(moments), span=span, seconds=ANSWER_SECONDS)

    async def _async_yes(self, asked: Request) -> Answer:
        """Delete what an open question is about, if that was asked in an earlier turn."""
        question = self.questions.get(asked.satellite_id)
        if question is not None and (asked.turn is None or asked.turn == question.turn):
            # The user has not had a turn to answer yet, and a language model must not answer for them.
            return _say(asked.language, Speech.NOT_ASKED)
        if question is not None and not asked.spoken and question.about.scope is not DeletionScope.ALL:
            # A model's tool confirms the deletion of everything, which this question is not about.
            return _say(asked.language, Speech.NOT_ASKED)
        if (question := self._close_question(asked.satellite_id)) is None:
            return _say(asked.language, Speech.NOT_ASKED)
        if question.too_late:
            return _say(question.language, Speech.TOO_LATE)
        moments = await self._async_delete(asked, question.about)
        if question.about.scope is DeletionScope.ALL:
            return self._deleted(asked, moments)
        return self._deleted_last(asked, moments)

    async def _async_no(self, asked: Request) -> Answer:
        """Close the question without deleting anything."""
        if (question := self._close_question(asked.satellite_id)) is None:
            return _say(asked.language, Speech.NOT_ASKED)
        return _say(question.language, Speech.CANCELED)

    async def _async_summary(self, asked: Request) -> Answer:
        """Return how many recordings are kept."""
        moments = self._moments(self._request(asked, DeletionScope.ALL), kept_only=True)
        if moments:
            speech = Speech.KEPT_ONE if len(moments) == 1 else Speech.KEPT_MANY
            text = asked.language.say_kept(moments, dt_util.now().date(), asked.manner)
        else:
            speech = Speech.KEPT_NONE
            text = asked.language.say(speech)
        if asked.wording is Wording.ARE_YOU_LISTENING and (satellite_id := asked.satellite_id) is not None:
            settings = self.hub.settings.of(satellite_id)
            keeps = forbids(settings) is None and keeps_at(settings.level)
            listening = Speech.LISTENING_KEEPS if keeps else Speech.LISTENING_KEEPS_NOTHING
            text = f"{asked.language.say(listening)} {text}"
        return Answer(speech=speech, text=text)

    async def _async_mute(self, asked: Request) -> Answer:
        """Switch the microphone off."""
        if asked.satellite_id is None:
            return _say(asked.language, Speech.CANNOT_MUTE)
        await self.hub.async_set_satellite(asked.satellite_id, SatelliteToggle.MUTED, asked.by, on=True)
        return _say(asked.language, Speech.MUTED)

    async def _async_keep(self, asked: Request) -> Answer:
        """Write the last recording of the satellite that is in memory only."""
        satellite_id = asked.satellite_id
        last = None if satellite_id is None else self.hub.memory.last_of(satellite_id)
        if last is None:
            return _say(asked.language, Speech.KEEP_NOTHING)
        try:
            await self.hub.memory.async_keep(last, asked.by)
        except NotKeptNow:
            return _say(asked.language, Speech.KEEP_FORBIDDEN)
        except RecordingNotFound:
            return _say(asked.language, Speech.KEEP_NOTHING)
        except StoreError as err:
            _LOGGER.error("A recording in memory could not be kept (%s)", err.code)
            return _say(asked.language, Speech.KEEP_FAILED)
        return _say(asked.language, Speech.KEPT_IT)

    async def _async_guest_mode(self, asked: Request) -> Answer:
        """Turn guest mode on: nothing is kept in any room."""
        await self.hub.async_set_house(HouseToggle.GUEST_MODE, asked.by, on=True)
        return _say(asked.language, Speech.GUEST_MODE)

    def _open_question(self, asked: Request, about: DeletionRequest) -> None:
        """Open a question about a deletion, for which yes and no are handled for TOO_LATE_SECONDS."""
        satellite_id = asked.satellite_id
        self._close_question(satellite_id)
        question = self.questions[satellite_id] = Question(
            language=asked.language, about=about, turn=asked.turn, timers=[]
        )

        @callback
        def too_late(_now: datetime) -> None:
            question.too_late = True

        @callback
        def forget(_now: datetime) -> None:
            self._close_question(satellite_id)

        question.timers.append(async_call_later(self._hass, ANSWER_SECONDS, too_late))
        question.timers.append(async_call_later(self._hass, TOO_LATE_SECONDS, forget))
        self._tell()

    def _close_question(self, satellite_id: str | None) -> Question | None:
        """Close and return the open question of a satellite, if there is one."""
        if (question := self.questions.pop(satellite_id, None)) is None:
            return None
        for cancel in question.timers:
            cancel()
        self._tell()
        return question

    def _tell(self) -> None:
        """Call on_questions."""
        if self.on_questions is not None:
            self.on_questions()


def _say(language: Language, speech: Speech, **values: int | str) -> Answer:
    """Return an answer in a language."""
    return Answer(speech=speech, text=language.say(speech, **values))


def _say_count(asked: Request, singular: Speech, plural: Speech, moments: list[datetime]) -> Answer:
    """Return an answer with the number, the times and the room of recordings."""
    text = asked.language.say_count(singular, plural, moments, dt_util.now().date(), asked.manner)
    return Answer(speech=singular if len(moments) == 1 else plural, text=text)


def _is_just_now(moment: datetime) -> bool:
    """Return whether a recording is so new that everybody knows which one is meant."""
    return dt_util.now() - moment <= _JUST_NOW
