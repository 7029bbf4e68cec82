"""Runs of Assist, begun with what was understood: no audio is needed where only the words matter."""

from collections.abc import Awaitable, Callable
from unittest.mock import patch

from homeassistant.components.assist_pipeline import (
    PipelineInput,
    PipelineRun,
    PipelineStage,
    async_get_pipeline,
)
from homeassistant.components.conversation import ConversationInput, ConversationResult, get_agent_manager
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import chat_session, intent


async def say_in_run(
    hass: HomeAssistant,
    text: str,
    satellite_id: str,
    context: Context,
    instead: Callable[[ConversationInput], Awaitable[None]] | None = None,
) -> None:
    """Say something to a satellite.

    Args:
        hass: Home Assistant.
        text: What is said.
        satellite_id: The satellite's assist_satellite entity.
        context: What the run has as its context.
        instead: What the conversation does, instead of understanding the words.
    """
    agent = get_agent_manager(hass).default_agent
    assert agent is not None

    async def process(heard: ConversationInput) -> ConversationResult:
        assert instead is not None
        await instead(heard)
        response = intent.IntentResponse(language=heard.language)
        return ConversationResult(response=response, conversation_id=heard.conversation_id)

    with chat_session.async_get_chat_session(hass) as session:
        run = PipelineRun(
            hass,
            context=context,
            pipeline=async_get_pipeline(hass),
            start_stage=PipelineStage.INTENT,
            end_stage=PipelineStage.INTENT,
            event_callback=lambda _event: None,
        )
        spoken = PipelineInput(run=run, session=session, intent_input=text, satellite_id=satellite_id)
        if instead is None:
            await spoken.execute(validate=True)
        else:
            with patch.object(agent, "internal_async_process", process):
                await spoken.execute(validate=True)
