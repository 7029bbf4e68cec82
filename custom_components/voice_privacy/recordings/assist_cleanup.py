"""What Assist itself still holds in memory of what was said, and how to make it forget.

Home Assistant has no public way to do most of this. Every place is looked for before it is touched, and
one that is not there, or has changed, keeps nothing else from being forgotten.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
import logging
from typing import Any, Final

from homeassistant.components.conversation import get_agent_manager, trace
from homeassistant.core import HomeAssistant, callback

from ..core.capture import CaptureSession
from ..core.models import DiscardReason

_LOGGER = logging.getLogger(__name__)

_REMEMBERED: Final = 1_000
"""Recordings whose conversation is known; Assist itself holds far fewer."""


class AssistTraces:
    """Know which conversation a recording belongs to, and make Assist forget it."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with nothing remembered; what was kept before a restart, Assist has forgotten by then."""
        self._hass = hass
        self._conversations: OrderedDict[str, str] = OrderedDict()

    @callback
    def utterance_ended(self, capture: CaptureSession, reason: DiscardReason | None) -> None:
        """Note the conversation of an utterance that was kept; forget one that was deleted before it was.

        Args:
            capture: the utterance.
            reason: why it was discarded; None when it was kept.
        """
        if (conversation_id := capture.conversation_id) is None:
            return
        if reason is None:
            self._conversations[capture.utterance_id] = conversation_id
            while len(self._conversations) > _REMEMBERED:
                self._conversations.popitem(last=False)
        elif capture.forbidden in (DiscardReason.DELETED, DiscardReason.VOICE_COMMAND):
            self.forget_conversations({conversation_id})

    @callback
    def forget_recordings(self, recording_ids: Iterable[str]) -> None:
        """Make Assist forget the conversations that these recordings belong to."""
        known = self._conversations.keys() & recording_ids
        self.forget_conversations({self._conversations.pop(recording_id) for recording_id in known})

    @callback
    def forget_conversations(self, conversation_ids: set[str]) -> None:
        """Make Assist forget conversations: runs, chat logs, traces, and recognized sentences."""
        if not conversation_ids:
            return
        for forget in (self._forget_runs, self._forget_chat_logs, self._forget_traces, self._forget_agent):
            self._best_effort(forget, conversation_ids)

    def _best_effort(self, forget: Callable[[set[str]], None], conversation_ids: set[str]) -> None:
        """Call one of the functions below; whatever it meets, the next one has its turn."""
        try:
            forget(conversation_ids)
        except Exception as err:  # noqa: BLE001
            # Other people's internals fail as they like; the message may hold what was said.
            _LOGGER.warning("Assist cannot be made to forget (%s): %s", forget.__name__, type(err).__name__)

    def _forget_runs(self, conversation_ids: set[str]) -> None:
        """Remove the events of pipeline runs; a run that is under way then goes on without a record."""
        if (data := self._hass.data.get("assist_pipeline")) is None:
            return
        runs: Any
        for runs in data.pipeline_debug.values():
            for run_id, run in list(runs.items()):
                events = [event.data for event in run.events if event.data]
                if any(event.get("conversation_id") in conversation_ids for event in events):
                    del runs[run_id]

    def _forget_chat_logs(self, conversation_ids: set[str]) -> None:
        """End the chat sessions, with which their logs go."""
        sessions: dict[str, Any] = self._hass.data.get("chat_session") or {}
        logs: dict[str, Any] = self._hass.data.get("conversation_chat_logs") or {}
        for conversation_id in conversation_ids:
            if (session := sessions.pop(conversation_id, None)) is not None:
                session.async_cleanup()
            logs.pop(conversation_id, None)

    def _forget_traces(self, conversation_ids: set[str]) -> None:
        """Remove the traces of conversation agents."""
        recent: dict[str, Any] = trace._recent_traces  # noqa: SLF001
        for found in trace.async_get_traces():
            events = [event.get("data") or {} for event in found.as_dict()["events"]]
            if any(event.get("conversation_id") in conversation_ids for event in events):
                recent.pop(found.trace_id, None)

    def _forget_agent(self, conversation_ids: set[str]) -> None:
        """Empty the built-in agent's cache of sentences, which does not say whose they were."""
        agent: Any = get_agent_manager(self._hass).default_agent
        if agent is not None:
            agent._intent_cache.clear()  # noqa: SLF001
