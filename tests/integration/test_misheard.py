"""A wish to delete that speech-to-text misheard: never kept, and asked about; nothing goes without a yes."""

from typing import Any

from homeassistant.components.conversation import async_converse, get_agent_manager
from homeassistant.components.frontend.storage import async_user_store
from homeassistant.core import Context
from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.voice import spoken_requests

from .helpers.house import BEDROOM, ENTRY_ID, KITCHEN, House
from .helpers.talker import Talker
from .test_announce import act
from .test_voice_commands import LanguageModel, Speaker, allowed, model, traces_of  # noqa: F401

MISHEARD = "Dilly, everything I have ever said"
QUESTION = "Delete what you just said?"


def triggers(house: House) -> list[str]:
    """Return the sentences that are registered with Assist."""
    return get_agent_manager(house.hass).trigger_sentences


@pytest.mark.parametrize(
    "text",
    [
        MISHEARD,
        "I'm not doing everything I said today.",
        "Delete what (I) just |said|",
        "[Dilly] what I just said",
    ],
)
async def test_it_is_asked_and_neither_kept_nor_handed_on(
    allowed: House,  # noqa: F811
    model: LanguageModel,  # noqa: F811
    text: str,
) -> None:
    first, last = await allowed.keep(2)
    before, heard = triggers(allowed), list(model.heard)
    kitchen = Speaker(allowed)

    assert await kitchen.say(text) == QUESTION

    assert allowed.ids(KITCHEN) == [first, last]
    assert allowed.activity()[-1] == ("discarded", "voice_command")
    assert model.heard == heard
    assert await kitchen.say("yes") == "Done. I deleted what you just said."
    assert allowed.ids(KITCHEN) == [first]
    assert triggers(allowed) == before
    assert traces_of(allowed.hass, "ever said") == []


@pytest.mark.parametrize("save_transcripts", [True, False])
async def test_it_is_not_kept_while_deleting_by_voice_is_off(house: House, save_transcripts: bool) -> None:
    await house.switch("save_transcripts", on=save_transcripts)
    kept = await house.keep()
    assert "switched off" in await Speaker(house).say(MISHEARD)
    assert house.ids(KITCHEN) == kept
    assert house.activity()[-1] == ("discarded", "voice_command")


@pytest.mark.parametrize(
    "text", ["delete the milk from the shopping list", "turn everything off today", "repeat what I just said"]
)
async def test_an_ordinary_sentence_is_kept_and_handed_on(
    allowed: House,  # noqa: F811
    model: LanguageModel,  # noqa: F811
    text: str,
) -> None:
    assert await Speaker(allowed).say(text) == "I have no idea"
    assert model.heard[-1] == text
    assert len(allowed.ids(KITCHEN)) == 1


async def test_no_deletes_nothing_and_closes_the_question(allowed: House) -> None:  # noqa: F811
    kept = await allowed.keep()
    kitchen = Speaker(allowed)
    await kitchen.say(MISHEARD)
    assert await kitchen.say("no thanks") == "All right. Nothing was deleted."
    assert allowed.ids(KITCHEN) == kept
    assert not allowed.hass.config_entries.async_get_entry(ENTRY_ID).runtime_data.spoken_requests.questions  # type: ignore[union-attr]


async def test_another_room_cannot_answer(allowed: House, bedroom: Talker) -> None:  # noqa: F811
    kept = await allowed.keep()
    (elsewhere,) = await allowed.keep(1, BEDROOM)
    await Speaker(allowed).say(MISHEARD)
    assert "nothing to confirm" in await Speaker(allowed, BEDROOM).say("yes")
    assert (allowed.ids(KITCHEN), allowed.ids(BEDROOM)) == (kept, [elsewhere])
    assert await Speaker(allowed).say("yes") == "Done. I deleted what you just said."
    assert allowed.ids(BEDROOM) == [elsewhere]


async def test_a_late_yes_deletes_nothing(
    allowed: House,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spoken_requests, "ANSWER_SECONDS", 0)
    kept = await allowed.keep()
    kitchen = Speaker(allowed)
    await kitchen.say(MISHEARD)
    assert "too long" in await kitchen.say("yes")
    assert allowed.ids(KITCHEN) == kept


async def test_a_yes_to_an_expired_question_means_nothing(
    allowed: House,  # noqa: F811
    model: LanguageModel,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spoken_requests, "TOO_LATE_SECONDS", 0)
    kept = await allowed.keep()
    kitchen = Speaker(allowed)
    await kitchen.say(MISHEARD)
    assert await kitchen.say("yes") == "I have no idea"
    assert allowed.ids(KITCHEN)[:1] == kept


async def test_only_what_the_question_was_about_goes(allowed: House) -> None:  # noqa: F811
    first, asked_about = await allowed.keep(2)
    kitchen = Speaker(allowed)
    await kitchen.say(MISHEARD)
    (newer,) = await allowed.keep()
    await kitchen.say("yes")
    assert allowed.ids(KITCHEN) == [first, newer]
    assert asked_about not in allowed.ids(KITCHEN)


@pytest.mark.parametrize("question", [MISHEARD, "Delete all recordings"])
async def test_a_yes_to_what_home_assistant_asks_is_none_to_ours(
    allowed: House,  # noqa: F811
    model: LanguageModel,  # noqa: F811
    question: str,
) -> None:
    kept = await allowed.keep(2)
    await Speaker(allowed).say(question)
    opened = len(allowed.kitchen.log.received("detection"))
    await act(allowed, "start_conversation", start_message="Shall I dim the light?", preannounce=False)
    await allowed.kitchen.wait_for_count("detection", opened + 1)
    allowed.transcriber.text = "yes"
    await allowed.kitchen.finish("yes")
    await allowed.until(lambda: model.heard[-1:] == ["yes"], "the agent is answered")
    await allowed.until_state("assist_satellite", "assist_satellite", "idle")
    assert allowed.ids(KITCHEN)[:2] == kept


async def test_a_yes_to_what_home_assistant_asks_through_another_satellite(
    allowed: House,  # noqa: F811
) -> None:
    kept = await allowed.keep()
    await Speaker(allowed).say(MISHEARD)
    answered = await async_converse(
        allowed.hass,
        "yes",
        None,
        Context(),
        satellite_id=allowed.entity_id("assist_satellite", "assist_satellite"),
        extra_system_prompt="Shall I dim the light?",
    )
    assert "nothing to confirm" in answered.response.speech["plain"]["speech"]
    assert allowed.ids(KITCHEN) == kept


async def test_with_nothing_kept_there_is_nothing_to_ask(allowed: House) -> None:  # noqa: F811
    assert await Speaker(allowed).say(MISHEARD) == "There is nothing to delete."
    assert allowed.ids() == []


async def test_an_exact_sentence_is_carried_out_at_once(allowed: House) -> None:  # noqa: F811
    await allowed.keep()
    assert await Speaker(allowed).say("Delete everything I said today!") != QUESTION
    assert allowed.ids(KITCHEN) == []


async def test_unloaded_it_leaves_no_sentence_behind(allowed: House) -> None:  # noqa: F811
    assert await allowed.hass.config_entries.async_unload(ENTRY_ID)
    assert triggers(allowed) == []


@pytest.mark.parametrize(
    ("clock", "language", "said"),
    [("24", "en", ""), ("12", "en-GB", "M"), (None, "en", "M"), (None, "en-GB", ""), ("language", "en", "M")],
)
async def test_answers_name_the_room_and_tell_the_time_as_the_page_does(
    allowed: House,  # noqa: F811
    hass_owner_user: Any,
    clock: str | None,
    language: str,
    said: str,
) -> None:
    hass = allowed.hass
    hass.config.language = language
    if clock is not None:
        owner = await hass.auth.async_get_owner()
        assert owner is not None
        await (await async_user_store(hass, owner.id)).async_set_item("language", {"time_format": clock})
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, KITCHEN), ENTRY_ID)
    assert device is not None
    den = ar.async_get(hass).async_create("Ada's den")
    dr.async_get(hass).async_update_device(device.id, area_id=den.id)
    await allowed.keep()

    answer = await Speaker(allowed).say("what have you kept")

    assert answer.startswith("I have one recording from Ada's den, from ")
    assert answer.removesuffix(".")[-1:] == (said or answer.removesuffix(".")[-1:])
    assert (answer.removesuffix(".")[-2:] in ("AM", "PM")) is bool(said)
