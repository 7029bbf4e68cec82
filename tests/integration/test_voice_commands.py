"""Deletion by voice: spoken to a real satellite link, through Home Assistant's own pipeline."""

import json
from typing import Any, Literal, override

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components import conversation
from homeassistant.components.assist_pipeline import async_get_pipeline, async_update_pipeline
from homeassistant.components.conversation import trace
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import intent
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.models import RequesterKind
from custom_components.voice_privacy.voice import spoken_requests as deeds

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.talker import Talker, speech

AGENT = "language_model"

DELETE_LAST = {
    "en": ("delete what I just said", "Done. I deleted what you just said."),
    "de": ("Lösche, was ich gerade gesagt habe.", "Erledigt. Ich habe gelöscht, was du gerade gesagt hast."),
    "fr": ("Efface ce que je viens de dire.", "C'est fait. J'ai supprimé ce que vous venez de dire."),
    "es": ("Borra lo que acabo de decir.", "Hecho. He borrado lo que acabas de decir."),
    "nl": ("Verwijder wat ik net heb gezegd.", "Klaar. Ik heb verwijderd wat je net zei."),
    "it": ("Cancella quello che ho appena detto.", "Fatto. Ho cancellato quello che hai appena detto."),
}


class LanguageModel(conversation.AbstractConversationAgent):
    """Stands for a large language model: every sentence that reaches it has left the house."""

    def __init__(self) -> None:
        """Have heard nothing."""
        self.heard: list[str] = []

    @property
    @override
    def supported_languages(self) -> Literal["*"]:
        return "*"

    @override
    async def async_process(
        self, user_input: conversation.ConversationInput
    ) -> conversation.ConversationResult:
        self.heard.append(user_input.text)
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech("I have no idea")
        return conversation.ConversationResult(response=response, conversation_id=user_input.conversation_id)


class Speaker:
    """Somebody in a room, and what they are answered."""

    def __init__(self, house: House, owner: str = KITCHEN) -> None:
        """Stand in front of a satellite."""
        self.house = house
        self.owner = owner

    async def say(self, text: str) -> str:
        """Say something and return what is spoken in reply."""
        house, owner = self.house, self.owner
        satellite = house.satellites[owner]
        before = len(satellite.log.received("synthesize"))
        told = len(house.activity(owner))
        house.transcriber.text = text
        await satellite.ask()
        await house.until(
            lambda: any(event in ("kept", "discarded") for event, _ in house.activity(owner)[told:]),
            f"{text!r} has an end; told {house.activity(owner)}",
        )
        await house.until_state("assist_satellite", "assist_satellite", "idle", owner)
        return str(satellite.log.received("synthesize")[before].data["text"])


@pytest.fixture
async def allowed(house: House) -> House:
    """A house where deleting by voice is switched on."""
    await house.switch("deletion_by_voice", on=True, owner=ENTRY_ID)
    return house


@pytest.fixture
async def model(allowed: House) -> LanguageModel:
    """The pipeline's agent, to which only what is not understood in the house may go."""
    agent = LanguageModel()
    hass = allowed.hass
    entry = MockConfigEntry(domain="test", entry_id=AGENT)
    entry.add_to_hass(hass)
    conversation.async_set_agent(hass, entry, agent)
    await async_update_pipeline(
        hass, async_get_pipeline(hass), conversation_engine=AGENT, prefer_local_intents=False
    )
    return agent


def traces_of(hass: HomeAssistant, text: str) -> list[str]:
    """Return the places in Assist's memory that hold a text."""
    assist: Any = hass.data["assist_pipeline"]
    agent = conversation.get_agent_manager(hass).default_agent
    assert agent is not None
    places = {
        "runs": [
            event.data
            for runs in assist.pipeline_debug.values()
            for run in runs.values()
            for event in run.events
        ],
        "chat logs": [log.as_dict() for log in hass.data.get("conversation_chat_logs", {}).values()],
        "traces": [found.as_dict() for found in trace.async_get_traces()],
        "cache": list(agent._intent_cache.cache),
    }
    return [place for place, held in places.items() if text in json.dumps(held, default=repr)]


async def test_off_it_says_where_to_switch_it_on_and_deletes_nothing(house: House) -> None:
    await house.keep()
    answer = await Speaker(house).say("delete what I just said")
    assert "switched off" in answer
    assert "Home Assistant" in answer
    assert len(house.ids(KITCHEN)) == 1
    assert ("discarded", "voice_command") in house.activity()


async def test_what_was_just_said_is_deleted_and_only_there(allowed: House, bedroom: Talker) -> None:
    first, _last = await allowed.keep(2)
    (elsewhere,) = await allowed.keep(1, BEDROOM)

    answer = await Speaker(allowed).say("delete what I just said")

    assert answer == "Done. I deleted what you just said."
    assert allowed.ids(KITCHEN) == [first]
    assert allowed.ids(BEDROOM) == [elsewhere]
    entry = allowed.hub.access_log.entries[-1]
    assert (entry.by.kind, entry.by.satellite_id, entry.count) == (RequesterKind.VOICE, KITCHEN, 1)
    assert entry.subject == "last"
    assert ("deleted", 1) in allowed.activity()


async def test_with_nothing_kept_there_is_nothing_to_delete(allowed: House) -> None:
    assert await Speaker(allowed).say("delete what I just said") == "There is nothing to delete."
    assert allowed.ids() == []


async def test_today_is_deleted_with_count(allowed: House, bedroom: Talker) -> None:
    await allowed.keep(3)
    await allowed.keep(1, BEDROOM)
    answer = await Speaker(allowed).say("delete everything I said today")
    assert answer.startswith("I deleted 3 recordings, from ")
    assert allowed.ids(KITCHEN) == []
    assert len(allowed.ids(BEDROOM)) == 1


async def test_everything_is_deleted_only_after_yes_from_the_same_satellite(
    allowed: House, bedroom: Talker
) -> None:
    await allowed.keep(2)
    kitchen, elsewhere = Speaker(allowed), Speaker(allowed, BEDROOM)

    question = await kitchen.say("delete everything I have ever said")
    assert question.startswith("I will delete 2 recordings")
    assert "15 seconds" in question
    assert "nothing to confirm" in await elsewhere.say("yes")
    assert len(allowed.ids(KITCHEN)) == 2

    assert (await kitchen.say("yes")).startswith("I deleted 2 recordings")
    assert allowed.ids(KITCHEN) == []


async def test_a_yes_that_comes_too_late_deletes_nothing(
    allowed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The clock of the house cannot be moved on: its satellites would be taken for dead.
    assert deeds.ANSWER_SECONDS == 15
    monkeypatch.setattr(deeds, "ANSWER_SECONDS", 0)
    await allowed.keep()
    kitchen = Speaker(allowed)
    await kitchen.say("delete everything I have ever said")
    assert "too long" in await kitchen.say("yes")
    assert len(allowed.ids(KITCHEN)) == 1


async def test_yes_means_nothing_to_us_once_the_question_is_forgotten(
    allowed: House, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deeds, "TOO_LATE_SECONDS", 0)
    await allowed.keep()
    kitchen = Speaker(allowed)
    await kitchen.say("delete everything I have ever said")
    assert await kitchen.say("yes") == "I have no idea"
    assert model.heard[-1] == "yes"


async def test_no_deletes_nothing(allowed: House) -> None:
    await allowed.keep()
    kitchen = Speaker(allowed)
    await kitchen.say("delete everything I have ever said")
    assert await kitchen.say("no") == "All right. Nothing was deleted."
    assert len(allowed.ids(KITCHEN)) == 1


async def test_what_was_not_meant_for_it_is_deleted(allowed: House) -> None:
    await allowed.keep()
    assert await Speaker(allowed).say("that was not for you") == "Sorry. I deleted it."
    assert allowed.ids() == []


async def test_it_tells_how_much_it_has_kept(house: House) -> None:
    kitchen = Speaker(house)
    assert await kitchen.say("what have you kept") == "I have kept nothing that was said here."
    await house.keep(2)
    assert (
        await kitchen.say("what have you kept") == "I have two recordings from the kitchen, both from today."
    )
    assert len(house.ids()) == 2


async def test_it_stops_listening_and_no_voice_makes_it_listen(house: House) -> None:
    answer = await Speaker(house).say("stop listening")
    assert answer == "OK, I've stopped listening. Turn me back on in Home Assistant."
    assert house.state("switch", "microphone") == "off"
    await house.until_state("sensor", "microphone_state", "muted")
    heard = len(house.transcriber.heard)
    await house.kitchen.say(await speech("Alexa, start listening"))
    assert len(house.transcriber.heard) == heard


@pytest.mark.parametrize("sentence", ["guest mode on", "stop recording"])
async def test_guest_mode_by_voice(house: House, sentence: str) -> None:
    assert "Guest mode is on" in await Speaker(house).say(sentence)
    assert house.state("switch", "guest_mode", ENTRY_ID) == "on"


async def test_it_says_whether_it_listens_and_saves(house: House) -> None:
    await house.keep(1)
    kitchen = Speaker(house)
    answer = await kitchen.say("are you listening?")
    assert answer.startswith(
        "Yes, I'm listening for the wake word. What you say after it is saved. I have one rec"
    )
    await house.switch("save_recordings", on=False)
    assert (await kitchen.say("are you listening")).startswith(
        "Yes, I'm listening for the wake word, but nothing is saved. I have one recording"
    )


@pytest.mark.parametrize("code", DELETE_LAST)
async def test_no_language_model_hears_a_command(allowed: House, model: LanguageModel, code: str) -> None:
    await async_update_pipeline(allowed.hass, async_get_pipeline(allowed.hass), language=code)
    await allowed.keep()
    assert len(model.heard) == 1

    sentence, answer = DELETE_LAST[code]
    assert (await Speaker(allowed).say(sentence)).startswith(answer)

    assert allowed.ids() == []
    assert len(model.heard) == 1


async def test_assist_forgets_what_was_deleted_and_the_command(allowed: House) -> None:
    kitchen = Speaker(allowed)
    await kitchen.say("open the pod bay doors")
    assert set(traces_of(allowed.hass, "pod bay doors")) == {"runs", "chat logs", "traces", "cache"}

    await kitchen.say("delete what I just said")

    assert traces_of(allowed.hass, "pod bay doors") == []
    assert traces_of(allowed.hass, "what I just said") == []


async def test_an_action_makes_assist_forget_too(allowed: House) -> None:
    await Speaker(allowed).say("open the pod bay doors")
    await allowed.delete("last")
    assert traces_of(allowed.hass, "pod bay doors") == []


async def test_internals_that_have_changed_keep_nothing_from_being_deleted(
    allowed: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await allowed.keep()
    monkeypatch.delattr(trace, "async_get_traces")
    assert (await Speaker(allowed).say("delete what I just said")).startswith("Done. I deleted")
    assert "cannot be made to forget" in caplog.text
    assert traces_of_runs(allowed.hass) == []


def traces_of_runs(hass: HomeAssistant) -> list[object]:
    """Return the runs that hold a question."""
    assist: Any = hass.data["assist_pipeline"]
    return [
        run
        for runs in assist.pipeline_debug.values()
        for run in runs.values()
        if "what time" in repr(run.events)
    ]


async def test_a_store_that_fails_is_never_called_success(
    allowed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await allowed.keep()

    async def fail(*_: object) -> None:
        raise StoreError

    monkeypatch.setattr(allowed.hub.kept.store, "async_delete", fail)
    assert (await Speaker(allowed).say("delete what I just said")).startswith("I could not delete that")


async def test_unloaded_it_understands_nothing(house: House) -> None:
    before = conversation.get_agent_manager(house.hass).trigger_sentences
    assert before
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    assert conversation.get_agent_manager(house.hass).trigger_sentences == []


async def test_sentences_follow_the_languages_in_use(house: House) -> None:
    manager = conversation.get_agent_manager(house.hass)
    assert not any("Gastmodus" in sentence for sentence in manager.trigger_sentences)
    await async_update_pipeline(house.hass, async_get_pipeline(house.hass), language="de")
    await house.hass.async_block_till_done()
    assert any("Gastmodus" in sentence for sentence in manager.trigger_sentences)
    assert len(manager.trigger_sentences) <= 100


async def test_what_somebody_types_is_not_about_a_satellite(allowed: House) -> None:
    await allowed.keep()
    user = await allowed.hass.auth.async_create_user("Member", group_ids=[GROUP_ID_USER])
    result = await conversation.async_converse(
        allowed.hass, "delete what I just said", None, context=Context(user_id=user.id), language="en"
    )
    assert result.response.speech["plain"]["speech"] == "There is nothing to delete."
    assert len(allowed.ids()) == 1
