"""Tools of language models that are talked to directly: through Assist's own API, in real runs."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, Literal, override
from unittest.mock import patch

from homeassistant.components import conversation
from homeassistant.components.assist_pipeline import (
    PipelineEventType,
    async_get_pipeline,
    async_update_pipeline,
)
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import chat_session, intent, llm
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.models import RequesterKind
from custom_components.voice_privacy.voice import spoken_requests as deeds

from .helpers.pipeline_home import ENTRY_ID, PipelineHome, pipeline_home
from .test_voice_commands import traces_of

AGENT = "language_model"


class ToolUser(conversation.AbstractConversationAgent):
    """A language model that calls the tools it is told to, and reads their answers out."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Have called nothing."""
        self.hass = hass
        self.calls: list[str] = []
        """What the next sentence makes it call, all in the same turn."""

        self.results: list[dict[str, Any]] = []
        self.offered: list[llm.Tool] = []
        self.prompt = ""

    @property
    @override
    def supported_languages(self) -> Literal["*"]:
        return "*"

    @override
    async def async_process(
        self, user_input: conversation.ConversationInput
    ) -> conversation.ConversationResult:
        with (
            chat_session.async_get_chat_session(self.hass, user_input.conversation_id) as session,
            conversation.async_get_chat_log(self.hass, session, user_input) as log,
        ):
            await log.async_provide_llm_data(user_input.as_llm_context("test"), llm.LLM_API_ASSIST)
            assert log.llm_api is not None
            self.offered = [tool for tool in log.llm_api.tools if tool.integration == DOMAIN]
            self.prompt = log.llm_api.api_prompt
            answers = ["I have no idea"]
            calls, self.calls = self.calls, []
            if calls:
                content = conversation.AssistantContent(
                    agent_id=AGENT,
                    content="",
                    tool_calls=[llm.ToolInput(f"{DOMAIN}__{name}", {}) for name in calls],
                )
                answers = []
                async for result in log.async_add_assistant_content(content):
                    data = dict(result.result.data)
                    self.results.append(data)
                    answers.append(str(data.get("answer")))
            response = intent.IntentResponse(language=user_input.language)
            response.async_set_speech(" ".join(answers))
            return conversation.ConversationResult(response=response, conversation_id=session.conversation_id)


class ToolHome:
    """A home whose pipeline answers with a language model."""

    def __init__(self, home: PipelineHome, model: ToolUser) -> None:
        """Begin with nothing said."""
        self.home = home
        self.model = model

    async def say(self, satellite: str, *tools: str, text: str = "do it for me") -> str:
        """Say to a satellite what makes the model call these tools; return the reply."""
        self.model.calls = list(tools)
        self.home.transcriber.text = text
        await self.home.satellites[satellite].say()
        await self.home.settle()
        return self.home.satellites[satellite].replies[-1]

    async def keep(self, satellite: str, count: int = 1) -> list[str]:
        """Keep recordings and return their ids."""
        for _ in range(count):
            await self.say(satellite, text="what time is it")
        return self.home.ids(satellite)

    async def allow(self) -> None:
        """Switch deletion by voice on."""
        await self.home.switch("deletion_by_voice", on=True, owner=ENTRY_ID)


@pytest.fixture
async def house(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[ToolHome]:
    """A home with a model; deletion by voice is off, as at first."""
    async with pipeline_home(hass) as home:
        await home.set_up()
        model = ToolUser(hass)
        entry = MockConfigEntry(domain="test", entry_id=AGENT)
        entry.add_to_hass(hass)
        conversation.async_set_agent(hass, entry, model)
        await async_update_pipeline(hass, async_get_pipeline(hass), conversation_engine=AGENT)
        yield ToolHome(home, model)


@pytest.fixture
async def allowed(house: ToolHome) -> ToolHome:
    """The same with deletion by voice switched on."""
    await house.allow()
    return house


async def test_the_model_is_offered_every_request_and_nothing_that_plays_or_unmutes(house: ToolHome) -> None:
    await house.say("kitchen")
    names = {tool.name.removeprefix(f"{DOMAIN}__"): tool for tool in house.model.offered}
    assert set(names) == {
        "delete_last",
        "delete_today",
        "delete_everything",
        "confirm_delete_everything",
        "cancel_delete_everything",
        "not_meant_for_assistant",
        "what_is_kept",
        "stop_listening",
        "guest_mode_on",
        "keep_that",
    }
    assert all(tool.name.startswith(f"{DOMAIN}__") for tool in house.model.offered)
    assert all(tool.parameters.schema == {} for tool in house.model.offered)
    assert names["delete_last"].annotations.destructive
    assert names["what_is_kept"].annotations.read_only
    assert "Never claim" in house.model.prompt


@pytest.mark.parametrize(
    "tool",
    [
        "delete_last",
        "delete_today",
        "delete_everything",
        "confirm_delete_everything",
        "not_meant_for_assistant",
    ],
)
async def test_off_every_tool_that_deletes_refuses_and_says_where_to_switch_it_on(
    house: ToolHome, tool: str
) -> None:
    kept = await house.keep("kitchen")
    assert "switched off" in await house.say("kitchen", tool)
    assert house.model.results[-1]["done"] is False
    assert house.model.results[-1]["error"] == "voice_off"
    assert house.home.ids("kitchen") == kept


async def test_what_was_just_said_is_deleted_there_and_the_request_is_not_kept(allowed: ToolHome) -> None:
    first, _last = await allowed.keep("kitchen", 2)
    (elsewhere,) = await allowed.keep("bedroom")

    assert (await allowed.say("kitchen", "delete_last")).startswith("Done. I deleted what you just said.")

    assert allowed.home.ids("kitchen") == [first]
    assert allowed.home.ids("bedroom") == [elsewhere]
    by = allowed.home.hub.access_log.entries[-1].by
    assert (by.kind, by.satellite_id) == (RequesterKind.VOICE, "kitchen")


async def test_assist_forgets_the_request_and_what_was_deleted(allowed: ToolHome) -> None:
    await allowed.say("kitchen", text="open the pod bay doors")
    assert traces_of(allowed.home.hass, "pod bay doors")
    await allowed.say("kitchen", "delete_last", text="could you possibly lose that")
    assert traces_of(allowed.home.hass, "pod bay doors") == []
    assert traces_of(allowed.home.hass, "possibly lose") == []


async def test_today_is_deleted_with_count(allowed: ToolHome) -> None:
    await allowed.keep("kitchen", 3)
    await allowed.keep("bedroom")
    assert (await allowed.say("kitchen", "delete_today")).startswith("I deleted 3 recordings")
    assert allowed.home.ids("kitchen") == []
    assert len(allowed.home.ids("bedroom")) == 1


async def test_what_was_not_meant_for_it_is_deleted(allowed: ToolHome) -> None:
    await allowed.keep("kitchen")
    assert await allowed.say("kitchen", "not_meant_for_assistant") == "Sorry. I deleted it."
    assert allowed.home.ids("kitchen") == []


async def test_everything_is_deleted_only_after_another_utterance_from_there(allowed: ToolHome) -> None:
    await allowed.keep("kitchen", 2)
    question = await allowed.say("kitchen", "delete_everything")
    assert question.startswith("I will delete 2 recordings")

    assert "nothing to confirm" in await allowed.say("bedroom", "confirm_delete_everything")
    assert len(allowed.home.ids("kitchen")) == 2

    answer = await allowed.say("kitchen", "confirm_delete_everything")
    assert answer.startswith("I deleted 2 recordings")
    assert allowed.home.ids("kitchen") == []


async def test_a_model_cannot_answer_its_own_question(allowed: ToolHome) -> None:
    await allowed.keep("kitchen", 2)
    said = await allowed.say("kitchen", "delete_everything", "confirm_delete_everything")
    assert "nothing to confirm" in said
    assert len(allowed.home.ids("kitchen")) == 2


async def test_a_spoken_yes_answers_what_a_model_asked(allowed: ToolHome) -> None:
    await allowed.keep("kitchen", 2)
    await allowed.say("kitchen", "delete_everything")
    assert (await allowed.say("kitchen", text="yes")).startswith("I deleted 2 recordings")
    assert allowed.home.ids("kitchen") == []


async def test_a_confirmation_that_comes_too_late_deletes_nothing(
    allowed: ToolHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deeds, "ANSWER_SECONDS", 0)
    await allowed.keep("kitchen")
    await allowed.say("kitchen", "delete_everything")
    assert "too long" in await allowed.say("kitchen", "confirm_delete_everything")
    assert len(allowed.home.ids("kitchen")) == 1


async def test_no_deletes_nothing_and_closes_the_question(allowed: ToolHome) -> None:
    await allowed.keep("kitchen")
    await allowed.say("kitchen", "delete_everything")
    assert "Nothing was deleted" in await allowed.say("kitchen", "cancel_delete_everything")
    assert "nothing to confirm" in await allowed.say("kitchen", "confirm_delete_everything")
    assert len(allowed.home.ids("kitchen")) == 1


async def test_it_tells_how_much_is_kept_there(house: ToolHome) -> None:
    await house.keep("kitchen", 2)
    await house.keep("bedroom", 1)
    assert (await house.say("kitchen", "what_is_kept")).startswith("I have two recordings from the kitchen")


async def test_it_stops_listening_after_the_answer(house: ToolHome) -> None:
    assert "I've stopped listening" in await house.say("kitchen", "stop_listening")
    assert house.home.state("switch", "microphone") == "off"
    assert house.home.state("switch", "microphone", "bedroom") == "on"


async def test_guest_mode(house: ToolHome) -> None:
    assert "Guest mode is on" in await house.say("kitchen", "guest_mode_on")
    assert house.home.state("switch", "guest_mode", ENTRY_ID) == "on"


async def test_the_answer_is_in_the_language_of_the_request(allowed: ToolHome) -> None:
    hass = allowed.home.hass
    await async_update_pipeline(hass, async_get_pipeline(hass), conversation_language="de")
    await allowed.keep("kitchen")
    assert (await allowed.say("kitchen", "delete_last")).startswith("Erledigt. Ich habe gelöscht")


async def test_a_browser_reaches_only_its_users_recordings(allowed: ToolHome) -> None:
    home = allowed.home
    await allowed.keep("kitchen")
    await home.browser("what time is it")
    assert len(home.ids("paula")) == 1

    allowed.model.calls = ["delete_today"]
    events = await home.browser("do it for me")
    reply = next(event.data for event in events if event.type is PipelineEventType.INTENT_END)
    assert "I deleted one recording" in str(reply)
    assert home.ids("paula") == []
    assert len(home.ids("kitchen")) == 1


async def _call(hass: HomeAssistant, context: Context | None, name: str) -> llm.ToolResult:
    """Call a tool as a server of tools does that knows no conversation."""
    api = await llm.async_get_api(
        hass,
        llm.LLM_API_ASSIST,
        llm.LLMContext(
            platform="mcp_server", context=context, language="en", assistant="conversation", device_id=None
        ),
    )
    return await api.async_call_tool(llm.ToolInput(f"{DOMAIN}__{name}", {}))


async def test_without_a_conversation_only_the_user_is_known_and_nothing_can_be_confirmed(
    allowed: ToolHome,
) -> None:
    home = allowed.home
    await allowed.keep("kitchen")
    await home.browser("what time is it")
    context = Context(user_id=home.user_id)

    # Somebody whom nobody knows may be anybody, such as a user whose command was delayed.
    for name in ("delete_today", "stop_listening", "guest_mode_on"):
        nobody = await _call(home.hass, None, name)
        assert nobody.error
        assert nobody.data["error"] == "not_allowed"
    assert home.state("switch", "guest_mode", ENTRY_ID) == "off"
    assert (await _call(home.hass, context, "delete_everything")).data["result"] == "ask_one"
    assert (await _call(home.hass, context, "confirm_delete_everything")).data["result"] == "not_asked"
    assert len(home.ids("paula")) == len(home.ids("kitchen")) == 1

    assert (await _call(home.hass, context, "delete_today")).data["result"] == "deleted_one"
    assert home.ids("paula") == []
    assert len(home.ids("kitchen")) == 1


async def test_a_user_who_names_a_conversation_of_a_room_has_not_the_rights_of_the_room(
    allowed: ToolHome,
) -> None:
    """A run is found by its conversation, whose id anybody may send along."""
    home, hass = allowed.home, allowed.home.hass
    kept = await allowed.keep("kitchen", 2)
    seen: list[str | None] = []
    process, stop, answered = allowed.model.async_process, asyncio.Event(), asyncio.Event()

    async def process_later(heard: conversation.ConversationInput) -> conversation.ConversationResult:
        if heard.context.user_id is None:
            seen.append(heard.conversation_id)
            answered.set()
            await stop.wait()
        return await process(heard)

    with patch.object(allowed.model, "async_process", process_later):
        home.transcriber.text = "tell me a story"
        speaking = hass.async_create_task(home.kitchen.say())
        await answered.wait()
        user = await hass.auth.async_create_user("Guest")
        for tool in ("delete_last", "delete_today", "delete_everything", "stop_listening", "what_is_kept"):
            allowed.model.calls = [tool]
            answer = await conversation.async_converse(
                hass, "do it", seen[0], Context(user_id=user.id), "en", AGENT
            )
            said = answer.response.speech["plain"]["speech"]
            assert said == "You are not allowed to do this. Ask an administrator.", tool
            assert allowed.model.results[-1]["error"] == "not_allowed"
        assert home.state("switch", "microphone") == "on"
        stop.set()
        await speaking
        await home.settle()
    # What the room said meanwhile was not fenced off either.
    assert len(home.ids("kitchen")) == len(kept) + 1


async def test_unloaded_there_are_no_tools_and_one_in_hand_refuses(allowed: ToolHome) -> None:
    hass = allowed.home.hass
    context = llm.LLMContext(
        platform="test", context=None, language="en", assistant="conversation", device_id=None
    )
    api = await llm.async_get_api(hass, llm.LLM_API_ASSIST, context)
    assert await hass.config_entries.async_unload(ENTRY_ID)

    result = await api.async_call_tool(llm.ToolInput(f"{DOMAIN}__delete_last", {}))
    assert result.error
    assert result.data == {"done": False, "error": "not_loaded"}
    api = await llm.async_get_api(hass, llm.LLM_API_ASSIST, context)
    assert [tool.name for tool in api.tools if tool.integration == DOMAIN] == []
