"""What needs a person, and how it is mended."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import (
    ModelDownloadFailed,
    ModelFileMissing,
    StoreError,
    WakeModelError,
)
from custom_components.voice_privacy.recordings.store import RecordingStore
from tests.wake import onnx_writer as ow

from .helpers.house import ENTRY_ID, House


class Browser:
    """An administrator's browser, opened when all views are there."""

    def __init__(self, hass: HomeAssistant, connect: Any) -> None:
        """Do not connect yet."""
        self._hass = hass
        self._connect = connect
        self._client: Any = None

    async def begin(self, issue_id: str) -> dict[str, Any]:
        """Open an issue's fix flow."""
        if self._client is None:
            assert await async_setup_component(self._hass, REPAIRS, {})
            self._client = await self._connect()
        return await self._post("", {"handler": DOMAIN, "issue_id": issue_id})

    async def submit(self, flow_id: str) -> dict[str, Any]:
        """Press the button."""
        return await self._post(f"/{flow_id}", {})

    async def _post(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        response = await self._client.post(f"/api/repairs/issues/fix{path}", json=data)
        assert response.status == 200, await response.text()
        result: dict[str, Any] = await response.json()
        return result


@pytest.fixture
def browser(hass: HomeAssistant, hass_client: Any) -> Browser:
    """An administrator's browser."""
    return Browser(hass, hass_client)


async def _fail(*_: object) -> None:
    raise StoreError


async def test_a_store_that_opens_again(
    browser: Browser, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = await house.keep()
    with monkeypatch.context() as broken:
        broken.setattr(RecordingStore, "async_open", _fail)
        await house.reload()
        flow = await browser.begin("store")
        assert (flow["type"], flow["step_id"]) == ("form", "confirm")
        result = await browser.submit(flow["flow_id"])
        assert (result["type"], result["errors"]) == ("form", {"base": "still_failing"})
    result = await browser.submit(flow["flow_id"])
    assert result["type"] == "create_entry"
    assert house.issue("store") is None
    assert house.ids() == [kept]
    await house.until_listening()
    assert await house.keep()


async def test_a_full_disk_that_has_room_again(
    browser: Browser, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = await house.keep()

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("custom_components.voice_privacy.storage.vault.write_new_file", no_space)
        await house.kitchen.ask()
        await house.until_told("discarded", "store_full")
    flow = await browser.begin("store")
    result = await browser.submit(flow["flow_id"])
    assert result["type"] == "create_entry"
    assert house.issue("store") is None
    assert house.ids() == [kept]
    assert await house.keep()


class Source:
    """Where models come from."""

    def __init__(self, folder: Path) -> None:
        """Take the models out of a folder, to put them back when they are fetched."""
        self.error: WakeModelError | None = None
        self._folder = folder
        self._origin = folder.rename(folder.with_name("elsewhere"))

    async def fetch(
        self, hass: HomeAssistant, wake_words: Iterable[str], on_progress: Callable[[float], None]
    ) -> None:
        """Stand in for async_fetch_models."""
        assert list(wake_words) == ["alexa"]
        if self.error is not None:
            raise self.error
        on_progress(1.0)
        self._origin.rename(self._folder)


async def test_missing_models_are_fetched(
    browser: Browser, quiet_house: House, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = quiet_house
    source = Source(models)
    monkeypatch.setattr("custom_components.voice_privacy.repairs.async_fetch_models", source.fetch)
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.until_state("sensor", "microphone_state", "not_listening")

    flow = await browser.begin("models_missing")
    assert flow["description_placeholders"] == {"code": "wake_model_missing"}
    for error, key in ((ModelDownloadFailed(), "model_download_failed"), (ModelFileMissing(), "unknown")):
        source.error = error
        result = await browser.submit(flow["flow_id"])
        assert (result["type"], result["errors"]) == ("form", {"base": key})
    source.error = None
    result = await browser.submit(flow["flow_id"])
    assert result["type"] == "create_entry"
    assert house.issue("models_missing") is None
    await house.until_listening()
    assert await house.keep()


async def test_models_that_came_but_do_not_load(
    browser: Browser, quiet_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch_nothing(*_: object) -> None:
        return

    monkeypatch.setattr("custom_components.voice_privacy.repairs.async_fetch_models", fetch_nothing)
    assert await quiet_house.hass.config_entries.async_setup(ENTRY_ID)
    flow = await browser.begin("models_missing")
    result = await browser.submit(flow["flow_id"])
    assert result["errors"] == {"base": "unknown"}
    assert quiet_house.issue("models_missing")


async def test_own_models_that_cannot_be_used_are_named_with_the_reason(
    browser: Browser, house: House, models: Path
) -> None:
    (models / "Alexa_v2.onnx").write_bytes(b"<html>")
    (models / "alexa_v3.onnx").write_bytes(ow.head([ow.node("Einsum", ["x"], ["y"])]))
    (models / "alexa_v0.1.onnx").unlink()
    await house.reload()
    flow = await browser.begin("models_missing")
    assert flow["step_id"] == "refused"
    assert flow["description_placeholders"]["models"].splitlines() == [
        "- `Alexa_v2.onnx`: The file is a web page, not a model. Download the file itself.",
        "- `alexa_v3.onnx`: The wake word model uses the operation Einsum, which is not supported.",
    ]
    (models / "alexa_v4.onnx").write_bytes(ow.linear_head())
    result = await browser.submit(flow["flow_id"])
    assert result["type"] == "create_entry"
    assert house.issue("models_missing") is None
    assert house.hub.listening.wake_words_available == ("alexa",)


async def test_a_fix_that_comes_after_the_entry_has_gone(browser: Browser, quiet_house: House) -> None:
    house = quiet_house
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    flow = await browser.begin("models_missing")
    assert await house.hass.config_entries.async_unload(ENTRY_ID)
    result = await browser.submit(flow["flow_id"])
    assert (result["type"], result["reason"]) == ("abort", "not_loaded")
    # Nobody is asked to mend what is not there.
    assert house.issue("models_missing") is None


async def test_an_alarm_goes_with_its_satellite(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.voice_privacy.core.stream_health.MUTE_GRACE_SECONDS", 0.1)
    house.kitchen.obeys_pause = False
    await house.switch("microphone", on=False)
    await house.until(lambda: house.issue("mute_violated_kitchen"), "an alarm")
    assert house.hass.config_entries.async_remove_subentry(house.entry, "kitchen")
    await house.hass.async_block_till_done()
    assert house.issue("mute_violated_kitchen") is None
