"""Question to somebody whose wish to delete was misheard.

A transcript that only sounds like the wish is never kept (core/privacy.py). Before it reaches a conversation agent, a
sentence trigger for exactly this text is registered, which asks whether to delete what was said before.
"""

from collections.abc import Callable, Coroutine
import logging
import re
from typing import Any, Final

from hassil import Intents, recognize_all
from hassil.recognize import RecognizeResult
from homeassistant.components.conversation import ConversationInput, get_agent_manager
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..core.capture import CaptureSession
from ..core.misheard import language_of_wish
from ..core.models import DiscardReason
from ..core.voice_language import LANGUAGES, Language
from ..hub.events import HubEvent, HubEventType
from ..hub.hub import VoicePrivacyHub

_LOGGER = logging.getLogger(__name__)

_TRIGGER_SECONDS: Final = 10.0
"""Seconds after speech-to-text in which its text reaches the sentence triggers."""

_SYNTAX: Final = re.compile(r"([\\(){}<>\[\]|@:])")
"""Characters with a meaning in sentence templates."""

_PUNCTUATION: Final = ".,?!;:…¿¡"
"""Punctuation that is ignored at the ends of words."""

type Ask = Callable[[ConversationInput, Language], Coroutine[Any, Any, str]]


class MisheardWishes:
    """Watch over the transcripts of all captures while the config entry is loaded."""

    def __init__(self, hass: HomeAssistant, hub: VoicePrivacyHub, ask: Ask) -> None:
        """Initialize; start() begins to watch.

        Args:
            hass: Home Assistant.
            hub: Hub whose captures are watched.
            ask: Asks the speaker of an input whether to delete, and returns the question.
        """
        self._hass = hass
        self._hub = hub
        self._ask = ask
        self._exact: Intents | None = None
        self._registered: dict[str, list[CALLBACK_TYPE]] = {}
        """What ends a registered trigger, by its text."""

    @callback
    def start(self, on_unload: Callable[[CALLBACK_TYPE], None]) -> None:
        """Watch the captures; on_unload takes callbacks to be called on unload."""
        on_unload(self._hub.notices.listen_to_events(self._on_event))
        on_unload(self._stop)

    @callback
    def sentences_changed(self, sentences: list[str]) -> None:
        """Set the sentence templates of commands, which are never misheard."""
        self._exact = _intents(sentences)

    @callback
    def _stop(self) -> None:
        """Unregister all triggers."""
        for text in list(self._registered):
            self._unregister(text)

    @callback
    def _on_event(self, event: HubEvent) -> None:
        """Watch the newest capture of a satellite that woke."""
        if event.type is HubEventType.WOKE and (captures := self._hub.in_flight(event.satellite_id)):
            # Nothing that holds the capture: a cycle would keep what was said in memory until Python collects cycles.
            captures[-1].on_transcript = self._on_transcript

    @callback
    def _on_transcript(self, capture: CaptureSession) -> None:
        """Forbid to keep a misheard wish at once, and register the question. Must not raise: the run goes on."""
        text = capture.transcript
        try:
            if not text or (code := language_of_wish(text, capture.language)) is None:
                return
            if self._exact is not None and any(recognize_all(text, self._exact)):
                return
            capture.forbid(DiscardReason.VOICE_COMMAND)
            self._register(text, LANGUAGES[code])
        except Exception as err:  # noqa: BLE001
            _LOGGER.error("A misheard request cannot be asked about (%s)", type(err).__name__)

    @callback
    def _register(self, text: str, language: Language) -> None:
        """Register a trigger for exactly this text, for a few seconds."""
        self._unregister(text)
        words = " ".join(word.strip(_PUNCTUATION) for word in text.split())
        sentence = _SYNTAX.sub(r"\\\1", words)
        if not any(recognize_all(text, _intents([sentence]))):
            _LOGGER.debug("The text of a misheard request cannot be matched")
            return

        async def on_sentence(heard: ConversationInput, _result: RecognizeResult) -> str:
            self._unregister(text)
            return await self._ask(heard, language)

        @callback
        def forget(_now: object) -> None:
            self._unregister(text)

        self._registered[text] = [
            get_agent_manager(self._hass).register_trigger([sentence], on_sentence),
            async_call_later(self._hass, _TRIGGER_SECONDS, forget),
        ]

    @callback
    def _unregister(self, text: str) -> None:
        """Remove the trigger for a text, if there is one."""
        for end in self._registered.pop(text, []):
            end()


def _intents(sentences: list[str]) -> Intents:
    """Compile sentence templates as Home Assistant does for triggers."""
    return Intents.from_dict({"language": "en", "intents": {"trigger": {"data": [{"sentences": sentences}]}}})
