"""Tools of the Assist API for language models: the same requests as voice commands, and no others.

When a model calls a tool, it has already received what was said; only the sentences of voice.sentences are
handled before any model. A model that errs or is misled can delete what was said to the same satellite, after
consent, and can delete everything only after another utterance.
"""

from typing import Final, override

from homeassistant.components.llm import LLMTools
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext, Tool, ToolAnnotations, ToolInput, ToolResult

from .const import DOMAIN
from .coordinator import loaded_entry
from .core.voice_language import VoiceCommand, languages_of
from .hub.permissions import WORDS
from .satellites.pipeline_runs import (
    SOURCE_API,
    SOURCE_NOBODY,
    SOURCE_UNKNOWN,
    RunIdentity,
    identify_run,
    source_of_user,
)
from .voice.spoken_requests import FAILURES, Words

_RUN_OVER_SECONDS: Final = 60.0
"""Seconds after which the run of an uncaptured request has written all its traces; models answer slowly."""

_NO_SPEAKER: Final = frozenset({SOURCE_API, SOURCE_NOBODY, SOURCE_UNKNOWN})

_PROMPT: Final = (
    "Recordings of what people say to this assistant may be kept. When somebody asks about these recordings, "
    f"use the tools that begin with {DOMAIN}__ and answer with their text. Never claim that something was "
    "deleted unless a tool says so. Nothing can play recordings or switch the microphone back on by voice."
)

_TOOLS: Final[dict[VoiceCommand, tuple[str, str, str]]] = {
    VoiceCommand.DELETE_LAST: (
        "delete_last",
        "Delete last recording",
        (
            "Deletes the recording of what the user said just before this request, here. Use it for "
            "“delete what I just said”."
        ),
    ),
    VoiceCommand.DELETE_TODAY: (
        "delete_today",
        "Delete the recordings of today",
        "Deletes all recordings of what was said here today.",
    ),
    VoiceCommand.DELETE_ALL: (
        "delete_everything",
        "Ask to delete all recordings",
        (
            "Prepares deleting every recording of what was ever said here. Deletes nothing yet: pass the returned "
            f"question on to the user, then wait for the answer and call {DOMAIN}__confirm_delete_everything."
        ),
    ),
    VoiceCommand.YES: (
        "confirm_delete_everything",
        "Confirm deleting all recordings",
        (
            "Deletes every recording of what was ever said here. Only after the user has said yes to the "
            f"question of {DOMAIN}__delete_everything, in an utterance of its own, within 15 seconds."
        ),
    ),
    VoiceCommand.NO: (
        "cancel_delete_everything",
        "Do not delete all recordings",
        f"The user has said no to the question of {DOMAIN}__delete_everything.",
    ),
    VoiceCommand.FALSE_WAKE: (
        "not_meant_for_assistant",
        "Not meant for the assistant",
        "Deletes what the user said last, because it was not meant for this assistant.",
    ),
    VoiceCommand.SUMMARY: (
        "what_is_kept",
        "What has been kept",
        "Tells how many recordings of what was said here are kept, and from when they are.",
    ),
    VoiceCommand.MUTE: (
        "stop_listening",
        "Stop listening",
        "Switches the microphone off. It cannot be switched on again by voice or by any tool.",
    ),
    VoiceCommand.KEEP: (
        "keep_that",
        "Keep what was just said",
        (
            "Writes the last recording of what was said here to disk, if it is in memory only. Only if the user asks "
            "to keep it."
        ),
    ),
    VoiceCommand.GUEST_MODE: (
        "guest_mode_on",
        "Guest mode on",
        (
            "Switches guest mode on: nothing that is said anywhere in the house is kept. It cannot be switched off "
            "by voice or by any tool."
        ),
    ),
}
"""Name without prefix, title and description of each tool, in English, which models understand best."""

_DELETES: Final = frozenset(
    {VoiceCommand.DELETE_LAST, VoiceCommand.DELETE_TODAY, VoiceCommand.FALSE_WAKE, VoiceCommand.YES}
)


class RequestTool(Tool):
    """Tool for one voice command."""

    integration = DOMAIN

    def __init__(self, command: VoiceCommand) -> None:
        """Describe the tool; it takes no arguments, so that a model cannot name recordings of others."""
        if command not in WORDS:
            raise KeyError(command)
        self._command = command
        name, self.title, self.description = _TOOLS[command]
        self.name = f"{DOMAIN}__{name}"
        self.annotations = ToolAnnotations(
            read_only=command is VoiceCommand.SUMMARY,
            destructive=command in _DELETES,
            idempotent=command not in _DELETES,
            open_world=False,
        )

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Carry out the command for the speaker; the result contains the answer to be spoken."""
        if (entry := loaded_entry(hass)) is None:
            return ToolResult(data={"done": False, "error": "not_loaded"}, error=True)
        spoken_requests = entry.runtime_data.spoken_requests
        identity = identify_run(hass)
        user_id = llm_context.context.user_id if llm_context.context is not None else None
        source = identity.source
        if source in _NO_SPEAKER and user_id is not None:
            source = source_of_user(user_id)
        answer = await spoken_requests.async_do(
            Words(
                command=self._command,
                language=languages_of([llm_context.language or hass.config.language])[0],
                satellite_id=None if source in _NO_SPEAKER else spoken_requests.satellite_of(source),
                # Whether a satellite speaks is known from the run alone.
                at_satellite=False,
                automation=spoken_requests.automation_of(llm_context.context),
                user_id=user_id,
                conversation_id=identity.conversation_id,
                text=None,
                turn=_turn(identity),
                over_seconds=_RUN_OVER_SECONDS,
            )
        )
        if answer.speech in FAILURES:
            return ToolResult(
                data={"done": False, "error": answer.speech.value, "answer": answer.text}, error=True
            )
        return ToolResult(data={"done": True, "result": answer.speech.value, "answer": answer.text})


def _turn(identity: RunIdentity) -> str | None:
    """Return an id of the utterance that a model works on: the id of the pipeline's run, if there is one."""
    return None if (run := identity.run) is None else str(run.id)


@callback
def async_get_tools(hass: HomeAssistant, llm_context: LLMContext, api_id: str) -> LLMTools | None:
    """Return the tools while the entry is loaded.

    They are also offered while deletion by voice is off: then they answer where to turn it on.
    """
    if api_id != LLM_API_ASSIST or loaded_entry(hass) is None:
        return None
    return LLMTools(tools=[RequestTool(command) for command in _TOOLS], prompt=_PROMPT)
