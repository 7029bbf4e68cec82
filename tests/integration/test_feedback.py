"""Feedback on any recording: sealed with it or the label of its clip, by whoever may listen, gone with it."""

from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from custom_components.voice_privacy.core.errors import RecordingUnreadable, StoreFull
from custom_components.voice_privacy.core.feedback import Feedback, Label
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import AuditAction, RecordingKind, Requester
from custom_components.voice_privacy.hub.access_log import of_rooms
from custom_components.voice_privacy.hub.feedback import SUBJECT_FEEDBACK
from tests.storage.residue import Searcher

from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.people import ADMIN, KITCHEN_MEMBER, LAMP, READER, Person, people_of
from .helpers.recordings import record
from .helpers.talker import Talker
from .test_review_pool import consent, waiting
from .test_websocket_api import Connect, Tab, connect, owner  # noqa: F401

CORRECTION = "turn on that other wonderful light in the old kitchen, please"


async def household_may_listen(house: House) -> None:
    """Let members list and play."""
    await house.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)


async def give(tab: Tab, recording_id: str, label: str, correction: str | None = None) -> Any:
    """Give feedback; return what was read back."""
    answer = await tab.ask(
        "recordings/feedback", recording_id=recording_id, label=label, correction=correction
    )
    return answer["feedback"]


async def shown(tab: Tab, recording_id: str) -> Any:
    """Return the feedback that the details show."""
    return (await tab.ask("recordings/get", recording_id=recording_id)).get("feedback")


# --- without review -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(RecordingKind))
@pytest.mark.parametrize("label", list(Label))
async def test_any_recording_takes_feedback(
    house: House,
    owner: Tab,  # noqa: F811
    kind: RecordingKind,
    label: Label,
) -> None:
    recording_id = await record(house, kind=kind)
    before, content = await house.read(recording_id)
    assert await shown(owner, recording_id) is None
    expected = {
        "label": label.value,
        "correction": CORRECTION if label is Label.WRONG_TRANSCRIPT else None,
    }

    assert await give(owner, recording_id, label, CORRECTION) == expected

    assert await shown(owner, recording_id) == expected
    (row,) = (await owner.ask("recordings/list"))["recordings"]
    assert row["feedback"] == expected
    await house.reload()
    after, same = await house.read(recording_id)
    assert same.feedback == Feedback.given(label, CORRECTION)
    assert (same.audio, same.transcript, same.score) == (content.audio, content.transcript, content.score)
    assert (after.started_at, after.sequence, after.kind) == (before.started_at, before.sequence, kind)
    assert not house.hub.review.pool.items


async def test_the_last_word_counts(house: House, owner: Tab) -> None:  # noqa: F811
    recording_id = await record(house)
    assert (await give(owner, recording_id, "wrong_transcript", CORRECTION))["correction"] == CORRECTION
    assert await give(owner, recording_id, "cut_off") == {"label": "cut_off", "correction": None}
    assert await shown(owner, recording_id) == {"label": "cut_off", "correction": None}


async def test_it_goes_with_its_recording_and_was_never_readable(
    hass: HomeAssistant,
    house: House,
    owner: Tab,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    searcher = Searcher({"correction": CORRECTION.encode()})
    events: list[str] = []
    hass.bus.async_listen("*", lambda event: events.append(str(event.as_dict())))
    recording_id = await record(house)
    await give(owner, recording_id, "wrong_transcript", CORRECTION)
    await house.flush()
    assert not [text for text in (*events, caplog.text) if CORRECTION in text]
    folder = hass.config.path()

    def found() -> set[tuple[str, str]]:
        from pathlib import Path  # noqa: PLC0415

        models = Path(folder) / "openwakeword"
        parts = [part for part in Path(folder).iterdir() if part != models]
        hits = [
            searcher.search_folder(part) if part.is_dir() else searcher.search(part.read_bytes())
            for part in parts
        ]
        return set().union(*hits)

    assert await hass.async_add_executor_job(found) == set()
    await house.delete("last")
    await house.flush()
    assert await hass.async_add_executor_job(found) == set()
    assert house.sealed_files() == []
    assert (
        await owner.is_refused("recordings/feedback", recording_id=recording_id, label="cut_off")
        == "recording_not_found"
    )


async def test_a_correction_goes_when_transcripts_go(house: House, owner: Tab) -> None:  # noqa: F811
    recording_id = await record(house, None, kind=RecordingKind.FALSE_WAKE)
    await give(owner, recording_id, "wrong_transcript", CORRECTION)
    assert house.hub.recordings[recording_id].has_text
    assert await house.hub.deletion.async_forget_texts([recording_id], Requester()) == 1
    assert await shown(owner, recording_id) == {"label": "wrong_transcript", "correction": None}


async def test_a_deletion_that_may_be_undone_takes_no_feedback(house: House, owner: Tab) -> None:  # noqa: F811
    recording_id = await record(house)
    house.hub.kept.hidden.add(recording_id)
    fields = {"recording_id": recording_id, "label": "cut_off"}
    assert await owner.is_refused("recordings/feedback", **fields) == "recording_not_found"
    house.hub.kept.hidden.clear()
    assert await shown(owner, recording_id) is None


@pytest.mark.parametrize("failure", [StoreFull(), RecordingUnreadable()])
async def test_what_was_not_written_is_not_said_to_be(
    house: House,
    owner: Tab,  # noqa: F811
    failure: Exception,
) -> None:
    recording_id = await record(house)
    await give(owner, recording_id, "cut_off")
    with patch.object(house.hub.kept.store, "async_write_feedback", side_effect=failure):
        code = await owner.is_refused("recordings/feedback", recording_id=recording_id, label="false_wake")
    assert code == getattr(failure, "code", None)
    assert await shown(owner, recording_id) == {"label": "cut_off", "correction": None}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"label": "cut_off"},
        {"recording_id": "0" * 32, "label": "splendid"},
        {"recording_id": 7, "label": "cut_off"},
        {"recording_id": "0" * 32, "label": None},
        {"recording_id": "0" * 32, "label": "wrong_transcript", "correction": "x" * 501},
        {"recording_id": "0" * 32, "label": "wrong_transcript", "correction": ["x"]},
        {"recording_id": "0" * 32, "label": "cut_off", "more": 1},
    ],
)
async def test_bad_input_is_refused(house: House, owner: Tab, fields: dict[str, Any]) -> None:  # noqa: F811
    assert await owner.is_refused("recordings/feedback", **fields) == "invalid_request"


# --- who may --------------------------------------------------------------------------------------


@pytest.fixture
async def people(house: House, bedroom: Talker) -> dict[str, Person]:
    """The owner, and others with rights to one room, to look, and to a lamp."""
    return await people_of(house, (ADMIN, KITCHEN_MEMBER, READER, LAMP))


async def test_who_may_listen_may_give_feedback(house: House, people: dict[str, Person]) -> None:
    kitchen, bedroom = await record(house), await record(house, owner=BEDROOM)

    async def code(name: str, recording_id: str) -> str | None:
        return await people[name].desk.code_of(
            "recordings/feedback", recording_id=recording_id, label="cut_off"
        )

    for name in (KITCHEN_MEMBER, READER, LAMP):
        assert await code(name, kitchen) == "unauthorized", name
    assert await code(ADMIN, kitchen) is None
    await household_may_listen(house)
    assert await code(KITCHEN_MEMBER, kitchen) is None
    assert await code(KITCHEN_MEMBER, bedroom) == "recording_not_found"
    # Who may look at every entity of a room may listen, and so may say what was wrong.
    assert await code(READER, bedroom) is None
    assert await code(LAMP, kitchen) in ("unauthorized", "recording_not_found")
    (_, at_kitchen), (_, at_bedroom) = await house.read_all([kitchen, bedroom])
    assert at_kitchen.feedback == at_bedroom.feedback == Feedback(label=Label.CUT_OFF)


async def test_the_log_tells_of_it_without_its_words(house: House, owner: Tab) -> None:  # noqa: F811
    recording_id = await record(house)
    await give(owner, recording_id, "wrong_transcript", CORRECTION)
    entry = next(entry for entry in house.hub.access_log.entries if entry.action is AuditAction.REVIEWED)
    assert (entry.count, entry.subject, entry.value) == (1, SUBJECT_FEEDBACK, "wrong_transcript")
    assert of_rooms(entry, [KITCHEN]) is not None
    assert of_rooms(entry, [BEDROOM]) is None
    assert CORRECTION not in str(entry)


# --- with review ----------------------------------------------------------------------------------


async def test_in_review_there_is_one_label(house: House, owner: Tab) -> None:  # noqa: F811
    """Whether it is given in review or in the details: it is that of the clip, and goes with the clip."""
    await consent(house)
    recording_id = await record(house)
    assert await give(owner, recording_id, "wrong_transcript", CORRECTION) == {
        "label": "wrong_transcript",
        "correction": CORRECTION,
    }
    item = waiting(house)[recording_id]
    assert (item.label, item.correction) == (Label.WRONG_TRANSCRIPT, CORRECTION)
    assert (await house.read(recording_id))[1].feedback is None
    await owner.ask("review/label", review_id=item.review_id, label="false_wake")
    assert await shown(owner, recording_id) == {"label": "false_wake", "correction": None}
    (row,) = (await owner.ask("recordings/list"))["recordings"]
    assert row["feedback"]["label"] == "false_wake"

    # Consent is withdrawn: what was said for review is gone, and what is said now stays with the recording.
    await house.switch("help_improve", on=False)
    assert waiting(house) == {}
    assert await shown(owner, recording_id) is None
    await give(owner, recording_id, "cut_off")
    assert (await house.read(recording_id))[1].feedback == Feedback(label=Label.CUT_OFF)


async def test_a_member_labels_the_clip_without_knowing_of_it(
    house: House, people: dict[str, Person]
) -> None:
    await consent(house)
    await household_may_listen(house)
    recording_id = await record(house)
    member = people[KITCHEN_MEMBER].desk
    answer = await member.ask("voice_privacy/recordings/feedback", recording_id=recording_id, label="cut_off")
    assert answer["result"] == {"feedback": {"label": "cut_off", "correction": None}}
    assert waiting(house)[recording_id].label is Label.CUT_OFF
    detail = (await member.ask("voice_privacy/recordings/get", recording_id=recording_id))["result"]
    assert detail["feedback"]["label"] == "cut_off"
    assert not {"clip", "not_reviewed"} & detail.keys()
    # The log does not tell members which clip was labeled either.
    entries = [entry for entry in house.hub.access_log.entries if entry.action is AuditAction.REVIEWED]
    assert [of_rooms(entry, [KITCHEN]) for entry in entries] == [None]


async def test_a_reviewer_who_may_listen_finds_no_clip_by_its_label(
    house: House, people: dict[str, Person]
) -> None:
    """Neither by what they say of a recording, nor by what they say of a clip."""
    await consent(house)
    await household_may_listen(house)
    recording_id = await record(house)
    member = people[KITCHEN_MEMBER]
    await house.hub.settings.async_set_reviewer(member.user.id, on=True)

    async def ask(name: str, **fields: Any) -> Any:
        return (await member.desk.ask(f"voice_privacy/{name}", **fields))["result"]

    said = await ask("recordings/feedback", recording_id=recording_id, label="cut_off")
    assert said["feedback"]["label"] == "cut_off"
    item = waiting(house)[recording_id]
    assert item.label is None
    await house.hub.review.async_label(item.review_id, Label.FALSE_WAKE, None, Requester())
    assert (await ask("recordings/get", recording_id=recording_id))["feedback"]["label"] == "cut_off"
    (row,) = (await ask("recordings/list"))["recordings"]
    assert row["feedback"]["label"] == "cut_off"
    # To everybody else, the label of the clip is the one that counts.
    answer = await people[ADMIN].desk.ask("voice_privacy/recordings/get", recording_id=recording_id)
    assert answer["result"]["feedback"]["label"] == "false_wake"


async def test_saving_no_transcripts_refuses_no_correction(house: House, owner: Tab) -> None:  # noqa: F811
    """Who writes it down wants it kept."""
    await house.hub.settings.async_set_satellite(
        KITCHEN, SatelliteToggle.SAVE_TRANSCRIPTS, Requester(), on=False
    )
    recording_id = await record(house)
    assert (await give(owner, recording_id, "wrong_transcript", CORRECTION))["correction"] == CORRECTION
