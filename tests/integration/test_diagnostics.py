"""Diagnostics: an allow-list that nothing about people is on."""

import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.recordings.store import RecordingStore

from .helpers.house import ENTRY_ID, House
from .helpers.talker import QUESTION, Talker


async def download(hass: HomeAssistant, hass_client: Any) -> dict[str, Any]:
    """Download the diagnostics as an administrator does."""
    assert await async_setup_component(hass, "diagnostics", {})
    client = await hass_client()
    response = await client.get(f"/api/diagnostics/config_entry/{ENTRY_ID}")
    assert response.status == 200
    data: dict[str, Any] = (await response.json())["data"]
    return data


async def test_facts_about_the_machinery(
    hass: HomeAssistant, house: House, bedroom: Talker, hass_client: Any, snapshot: SnapshotAssertion
) -> None:
    await house.keep()
    await house.switch("microphone", on=False, owner="bedroom")
    data = await download(hass, hass_client)
    assert data == snapshot(exclude=props("chunks_dropped", "chunks_processed", "size"))
    assert data["size"] > 0
    assert data["satellites"][0]["chunks_processed"] > 0


@pytest.mark.parametrize("kitchen_options", [{"host": "localhost", "wake_words": ["alexa", "hey_grandma"]}])
async def test_nothing_about_the_people(
    hass: HomeAssistant, house: House, models: Path, hass_client: Any
) -> None:
    """A wake word of one's own may be somebody's name."""
    await house.keep()
    (info, content), *_ = await house.read_all(house.ids())
    text = json.dumps(await download(hass, hass_client)).lower()
    for secret in (
        QUESTION,
        content.transcript,
        content.reply,
        "grandma",
        "kitchen",
        "localhost",
        "127.0.0.1",
        str(house.kitchen.port),
        info.recording_id,
        info.satellite_id,
        f'"{ENTRY_ID}"',
        hass.config.config_dir,
        info.started_at.isoformat()[:16],
    ):
        assert secret
        assert secret.lower() not in text
    # Positive control: the search does find what is there.
    assert "alexa" in text


async def test_errors_are_codes(
    hass: HomeAssistant, house: House, hass_client: Any, monkeypatch: pytest.MonkeyPatch, models: Path
) -> None:
    async def fail(*_: object) -> None:
        raise StoreError("/a/path/that/tells")

    async def fail_to_load(*_: object) -> None:
        raise RuntimeError("/another/path")

    with monkeypatch.context() as broken:
        broken.setattr(RecordingStore, "async_open", fail)
        broken.setattr(
            "custom_components.voice_privacy.wake_listening.listener.async_load_engine", fail_to_load
        )
        await house.reload()
    data = await download(hass, hass_client)
    assert (data["store_error"], data["model_error"]) == ("store_failed", "RuntimeError")
    assert "path" not in json.dumps(data)
