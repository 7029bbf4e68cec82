"""Removal of conversations from Assist's memory.

Home Assistant has no public API for most of this. Each internal structure is looked up first; if one is
missing or has changed, the others are still cleaned.
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
"""Maximum number of recordings whose conversation is remembered; Assist itself holds far fewer."""


class AssistTraces:
    """Conversation ids by recording id, used to remove deleted recordings from Assist's memory."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start empty; Assist's memory does not survive a restart either."""
        self._hass = hass
        self._conversations: OrderedDict[str, str] = OrderedDict()

    @callback
    def utterance_ended(self, capture: CaptureSession, reason: DiscardReason | None) -> None:
        """Remember the conversation of a stored utterance; purge the conversation of a deleted one.

        Args:
            capture: The utterance.
            reason: Reason why it was discarded; None if it was stored.
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
        """Purge the conversations of these recordings from Assist."""
        known = self._conversations.keys() & recording_ids
        self.forget_conversations({self._conversations.pop(recording_id) for recording_id in known})

    @callback
    def forget_conversations(self, conversation_ids: set[str]) -> None:
        """Purge conversations from Assist: runs, chat logs, traces and cached sentences."""
        if not conversation_ids:
            return
        for forget in (self._forget_runs, self._forget_chat_logs, self._forget_traces, self._forget_agent):
            self._best_effort(forget, conversation_ids)

    def _best_effort(self, forget: Callable[[set[str]], None], conversation_ids: set[str]) -> None:
        """Call one of the functions below; a failure must not prevent the next one."""
        try:
            forget(conversation_ids)
        except Exception as err:  # noqa: BLE001
            # These are Home Assistant's internals, which may change; the message may contain what was said.
            _LOGGER.warning("Assist cannot be made to forget (%s): %s", forget.__name__, type(err).__name__)

    def _forget_runs(self, conversation_ids: set[str]) -> None:
        """Remove the events of pipeline runs; an active run continues without a record."""
        if (data := self._hass.data.get("assist_pipeline")) is None:
            return
        runs: Any
        for runs in data.pipeline_debug.values():
            for run_id, run in list(runs.items()):
                events = [event.data for event in run.events if event.data]
                if any(event.get("conversation_id") in conversation_ids for event in events):
                    del runs[run_id]

    def _forget_chat_logs(self, conversation_ids: set[str]) -> None:
        """End the chat sessions, which also removes their logs."""
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
        """Clear the built-in agent's sentence cache, whose entries name no conversation."""
        agent: Any = get_agent_manager(self._hass).default_agent
        if agent is not None:
            agent._intent_cache.clear()  # noqa: SLF001
