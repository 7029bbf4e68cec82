"""Sentence triggers for voice commands, matched in each language in use before any conversation agent."""

import asyncio
from collections.abc import Callable, Coroutine
import logging
from typing import Any, Final

from hassil.recognize import RecognizeResult
from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.components.conversation import ConversationInput, get_agent_manager
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, MATCH_ALL
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.util.ulid import ulid_now

from ..const import DOMAIN
from ..core.voice_language import (
    ANSWERS_TO_A_QUESTION,
    Language,
    Meaning,
    VoiceCommand,
    Wording,
    languages_of,
    templates,
)
from ..hub.permissions import WORDS
from ..satellites.pipeline_runs import source_of_entity, source_of_user
from ..wake.model_files import phrase_of, published_words
from .misheard import MisheardWishes
from .spoken_requests import SpokenRequests, Words

_LOGGER = logging.getLogger(__name__)

_RUN_OVER_SECONDS: Final = 5.0
"""Seconds after which the run of an uncaptured command has written all its traces."""

_ALWAYS: Final = frozenset(WORDS) - ANSWERS_TO_A_QUESTION


class VoiceCommands:
    """Registration of voice command sentences while the config entry is loaded."""

    def __init__(self, hass: HomeAssistant, spoken_requests: SpokenRequests) -> None:
        """Initialize; start() registers the sentences."""
        self._hass = hass
        self._requests = spoken_requests
        self._meanings: dict[str, Meaning] = {}
        self._unregister: CALLBACK_TYPE | None = None
        self._unregister_answers: CALLBACK_TYPE | None = None
        self._misheard = MisheardWishes(hass, spoken_requests.hub, self._async_ask_misheard)

    # --- sentences -------------------------------------------------------------------------------

    @callback
    def start(self, on_unload: Callable[[CALLBACK_TYPE], None]) -> None:
        """Register sentences in the languages in use, and update them when the languages change.

        Args:
            on_unload: Function that takes callbacks to be called on unload.
        """
        self._misheard.start(on_unload)
        self._register()
        self._requests.on_questions = self._register_answers
        on_unload(self._stop)
        on_unload(self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._on_language))
        if (pipelines := self._hass.data.get("assist_pipeline")) is not None:
            on_unload(pipelines.pipeline_store.async_add_listener(self._async_on_pipelines))

    @callback
    def _stop(self) -> None:
        """Unregister all sentences and close open questions."""
        self._requests.stop()
        self._requests.on_questions = None
        if self._unregister is not None:
            self._unregister()
            self._unregister = None

    @callback
    def _on_language(self, _event: Event[Any]) -> None:
        """Update the sentences when Home Assistant's language may have changed."""
        self._register()

    async def _async_on_pipelines(self, _change: str, _item_id: str, _item: object) -> None:
        """Update the sentences when a pipeline's languages may have changed."""
        self._register()

    @callback
    def _register(self) -> None:
        """Register the sentences unless they are unchanged: compiling them blocks other conversations."""
        meanings = templates(self._languages(), _ALWAYS, _wake_words())
        if meanings == self._meanings and self._unregister is not None:
            return
        if self._unregister is not None:
            self._unregister()
        self._meanings = meanings
        self._misheard.sentences_changed(list(meanings))
        self._unregister = get_agent_manager(self._hass).register_trigger(
            list(meanings), self._trigger(meanings)
        )

    def _languages(self) -> list[Language]:
        """Return the languages in use, Home Assistant's own first."""
        tags = [self._hass.config.language]
        for pipeline in async_get_pipelines(self._hass):
            tags += [pipeline.language, pipeline.stt_language or "", pipeline.conversation_language]
        return languages_of(tag for tag in tags if tag and tag != MATCH_ALL)

    def _trigger(
        self, meanings: dict[str, Meaning]
    ) -> Callable[[ConversationInput, RecognizeResult], Coroutine[Any, Any, str | None]]:
        """Return the callback for matching sentences."""

        async def on_sentence(heard: ConversationInput, result: RecognizeResult) -> str | None:
            sentence = result.intent_sentence
            if sentence is None or (meaning := meanings.get(sentence.text or "")) is None:
                return None
            # The next wake word cancels the pipeline, but must not cancel the command.
            return await asyncio.shield(
                self._hass.async_create_task(self._async_answer(heard, meaning), f"{DOMAIN}_voice_command")
            )

        return on_sentence

    # --- one command -----------------------------------------------------------------------------

    async def _async_answer(self, heard: ConversationInput, meaning: Meaning) -> str:
        """Carry out a command and return the spoken answer."""
        satellite_id = self._satellite_of(heard)
        if meaning.command in ANSWERS_TO_A_QUESTION and heard.extra_system_prompt:
            # The run follows a question that Home Assistant has asked; ours is not what is answered.
            self._requests.forget_question(satellite_id)
        words = Words(
            command=meaning.command,
            language=meaning.language,
            wording=meaning.wording,
            satellite_id=satellite_id,
            at_satellite=heard.satellite_id is not None,
            automation=self._requests.automation_of(heard.context),
            user_id=heard.context.user_id,
            conversation_id=heard.conversation_id,
            text=heard.text,
            # Each spoken sentence is a new turn: the speaker has heard any earlier question.
            turn=ulid_now(),
            over_seconds=_RUN_OVER_SECONDS,
        )
        return (await self._requests.async_do(words)).text

    async def _async_ask_misheard(self, heard: ConversationInput, language: Language) -> str:
        """Ask somebody who seems to want to delete what was said last."""
        meaning = Meaning(command=VoiceCommand.DELETE_LAST, language=language, wording=Wording.MISHEARD)
        return await asyncio.shield(
            self._hass.async_create_task(self._async_answer(heard, meaning), f"{DOMAIN}_misheard")
        )

    def _satellite_of(self, heard: ConversationInput) -> str | None:
        """Return the id of the satellite that was spoken to, or of the user's apps and browsers."""
        if heard.satellite_id is not None:
            return self._requests.satellite_of(source_of_entity(self._hass, heard.satellite_id))
        if (user_id := heard.context.user_id) is None:
            return None
        return self._requests.satellite_of(source_of_user(user_id))

    def _register_answers(self) -> None:
        """Register yes and no only while questions are open, and only in their languages."""
        if self._unregister_answers is not None:
            self._unregister_answers()
            self._unregister_answers = None
        if languages := {
            question.language.code: question.language for question in self._requests.questions.values()
        }:
            meanings = templates(languages.values(), ANSWERS_TO_A_QUESTION, _wake_words())
            self._unregister_answers = get_agent_manager(self._hass).register_trigger(
                list(meanings), self._trigger(meanings)
            )


def _wake_words() -> list[str]:
    """Return wake word phrases, which some satellites send as part of the command."""
    return sorted(
        {phrase_of(wake_word).lower() for wake_word in published_words()} | {"okay nabu", "ok nabu"}
    )


@callback
def async_setup_voice_commands(
    hass: HomeAssistant, spoken_requests: SpokenRequests, on_unload: Callable[[CALLBACK_TYPE], None]
) -> None:
    """Register voice commands until the entry is unloaded."""
    VoiceCommands(hass, spoken_requests).start(on_unload)
