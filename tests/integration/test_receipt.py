"""What a deletion tells: how far it has come, what was counted, and what it could not reach."""

from typing import Any, NoReturn
from unittest.mock import patch

from homeassistant.components.recorder import get_instance
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockModule, mock_integration

from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.models import AuditAction, NotReachable, Requester
from custom_components.voice_privacy.recordings.unreachable_copies import not_reachable
from custom_components.voice_privacy.storage.rows import RowBatch, apply_batch

from .helpers.house import House
from .helpers.recordings import record
from .test_websocket_api import Connect, Tab, connect, owner

__all__ = ["Connect", "connect", "owner"]


async def events_of(tab: Tab, **fields: Any) -> list[dict[str, Any]]:
    """Follow a deletion to its end and return what it told."""
    number = await tab.follow("recordings/delete", follow=True, **fields)
    told: list[dict[str, Any]] = []
    while not told or told[-1]["type"] not in ("counted", "failed"):
        message = await tab.client.receive_json()
        if message["type"] == "event" and message["id"] == number:
            told.append(message["event"])
    return told


async def test_a_followed_deletion_tells_how_far_it_has_come(house: House, owner: Tab) -> None:
    for _ in range(120):
        await record(house)
    with patch("custom_components.voice_privacy.web.ws_deletion._TELL_EVERY", 0):
        told = await events_of(owner, scope="all")

    assert told[0] == {"type": "destroying", "total": 120}
    assert told[1]["type"] == "receipt"
    assert (told[1]["receipt"]["deleted"], told[1]["receipt"]["pending"]) == (120, 120)
    left = [event["left"] for event in told[2:-1]]
    assert left == sorted(left, reverse=True)
    assert len(left) >= 3
    assert left[-1] == 0
    assert told[-1] == {"type": "counted", "rows": 0}
    assert house.hub.deletion.pending == 0


async def test_rows_that_come_back_are_counted(house: House, owner: Tab) -> None:
    recording_id = await record(house)
    await house.hub.kept.store.async_flush()
    info = house.hub.recordings[recording_id]
    store = house.hub.kept.store

    async def bring_back(*_: Any) -> None:
        await flush()
        engine = get_instance(house.hass).engine
        assert engine is not None
        await get_instance(house.hass).async_add_executor_job(
            apply_batch, engine, store._vault.store_id, RowBatch(writes=(info,))
        )

    flush = store.async_flush
    with patch.object(store, "async_flush", bring_back):
        told = await events_of(owner, scope="all")
    assert told[-1] == {"type": "counted", "rows": 1}


async def test_a_followed_deletion_that_fails_says_why(house: House, owner: Tab) -> None:
    await record(house)
    with patch.object(house.hub.kept.store, "async_delete", side_effect=StoreError):
        told = await events_of(owner, scope="all")
    assert told[1:] == [{"type": "failed", "code": "store_failed"}]


async def test_what_was_exported_since_is_not_reached(house: House, owner: Tab) -> None:
    house.hub.access_log.add(Requester(), AuditAction.EXPORTED, count=1)
    recording_id = await record(house)
    receipt = await owner.ask("recordings/delete", scope="ids", recording_ids=[recording_id])
    assert receipt["not_reachable"] == []

    await record(house)
    house.hub.access_log.add(Requester(), AuditAction.EXPORTED, count=1)
    receipt = await owner.ask("recordings/delete", scope="all")
    assert receipt["not_reachable"] == ["exported_files"]

    assert (await owner.ask("recordings/delete", scope="all"))["not_reachable"] == []


@pytest.mark.parametrize("exported", [False, True])
async def test_what_is_not_reached_is_told_before_as_after(
    house: House, owner: Tab, *, exported: bool
) -> None:
    assert (await owner.ask("recordings/preview", scope="all"))["not_reachable"] == []
    await record(house)
    if exported:
        house.hub.access_log.add(Requester(), AuditAction.EXPORTED, count=1)
    before = await owner.ask("recordings/preview", scope="all")
    after = await owner.ask("recordings/delete", scope="all")
    assert before["not_reachable"] == after["not_reachable"] == (["exported_files"] if exported else [])
    assert (before["count"], before["size"]) == (after["deleted"], after["size"])


@pytest.fixture
def cloud(hass: HomeAssistant) -> str:
    """An integration that says of itself that it uses a cloud, with an engine of each kind."""
    mock_integration(hass, MockModule("far_away", partial_manifest={"iot_class": "cloud_push"}))
    hass.config.components.add("far_away")
    entities = er.async_get(hass)
    entities.async_get_or_create("stt", "far_away", "ear", suggested_object_id="far_away")
    entities.async_get_or_create("conversation", "far_away", "mind", suggested_object_id="far_away")
    return "far_away"


@pytest.mark.parametrize(
    ("engine", "code"),
    [("stt_engine", NotReachable.CLOUD_SPEECH_TO_TEXT), ("conversation_engine", NotReachable.CLOUD_AGENT)],
)
async def test_what_a_cloud_was_given_is_not_reached(
    house: House, cloud: str, engine: str, code: NotReachable
) -> None:
    class Pipeline:
        stt_engine = "stt.local"
        conversation_engine = "conversation.home_assistant"

    domain = engine.removesuffix("_engine")
    setattr(Pipeline, engine, f"{domain}.{cloud}")
    with patch(
        "custom_components.voice_privacy.recordings.unreachable_copies.async_get_pipelines",
        return_value=[Pipeline],
    ):
        assert not_reachable(house.hass, None, ()) == (code,)


async def test_backups_of_the_database_hold_rows(house: House) -> None:
    assert not_reachable(house.hass, None, ()) == ()
    assert await async_setup_component(house.hass, "backup", {})
    assert not_reachable(house.hass, None, ()) == (NotReachable.BACKUP_ROWS,)


async def test_pipelines_that_cannot_be_read_hide_no_deletion(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody knows who was sent what was said, it may be anybody."""

    def fail(_hass: HomeAssistant) -> NoReturn:
        raise RuntimeError

    kept = await record(house)
    monkeypatch.setattr(
        "custom_components.voice_privacy.recordings.unreachable_copies.async_get_pipelines", fail
    )
    receipt = await house.act("delete_last")
    assert (receipt["deleted"], kept in house.ids()) == (1, False)
    assert {"cloud_agent", "cloud_speech_to_text"} <= set(receipt["not_reachable"])
