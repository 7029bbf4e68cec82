"""Setting up the house: wake words, the license of their models, and fetching them."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.voice_privacy.const import DOMAIN, MODEL_FOLDER
from custom_components.voice_privacy.core.errors import (
    ModelDiskFull,
    ModelDownloadFailed,
    ModelFileMissing,
    ModelHashMismatch,
    ModelNotWritten,
    WakeModelError,
)
from tests.wake import onnx_writer as ow

pytestmark = pytest.mark.usefixtures("core")


class Source:
    """Where models come from, as the test wants it to behave."""

    def __init__(self) -> None:
        """Deliver at once."""
        self.asked: list[list[str]] = []
        self.licensed: list[bool] = []
        self.error: WakeModelError | None = None
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def fetch(
        self,
        hass: HomeAssistant,
        wake_words: Iterable[str],
        on_progress: Callable[[float], None],
        *,
        licensed: bool = True,
    ) -> None:
        """Stand in for async_fetch_models."""
        self.asked.append(list(wake_words))
        self.licensed.append(licensed)
        on_progress(0.5)
        await asyncio.sleep(0)
        await self.may_go_on.wait()
        if self.error is not None:
            raise self.error
        on_progress(1.0)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    """Let nothing be fetched from anywhere."""
    source = Source()
    monkeypatch.setattr("custom_components.voice_privacy.config_flow.async_fetch_models", source.fetch)
    return source


async def start(hass: HomeAssistant) -> str:
    """Begin to set up; return the flow."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    assert "creativecommons.org" in str(result["description_placeholders"])
    return str(result["flow_id"])


async def submit(hass: HomeAssistant, flow_id: str, **answers: Any) -> dict[str, Any]:
    """Answer a form or a menu."""
    return dict(await hass.config_entries.flow.async_configure(flow_id, answers))


async def after_progress(hass: HomeAssistant, flow_id: str) -> dict[str, Any]:
    """Return what comes after the download."""
    await hass.async_block_till_done()
    return dict(await hass.config_entries.flow.async_configure(flow_id))


async def test_wake_words_are_fetched_once_the_license_is_accepted(
    hass: HomeAssistant, source: Source
) -> None:
    flow_id = await start(hass)
    result = await submit(hass, flow_id, wake_words=["hey_rhasspy"], accept_license=False)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"accept_license": "license_not_accepted"}
    assert source.asked == []

    source.may_go_on.clear()
    result = await submit(hass, flow_id, wake_words=["alexa", "hey_jarvis"], accept_license=True)
    assert (result["type"], result["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "download")
    # Whoever looks again in between sees the same progress, not a second download.
    result = dict(await hass.config_entries.flow.async_configure(flow_id))
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    source.may_go_on.set()
    result = await after_progress(hass, flow_id)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Voice Privacy"
    assert result["data"] == {"accept_license": True, "wake_words": ["alexa", "hey_jarvis"]}
    assert source.asked == [["alexa", "hey_jarvis"]]


async def test_free_models_need_no_license(hass: HomeAssistant, source: Source) -> None:
    flow_id = await start(hass)
    words = ["alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"]
    result = await submit(hass, flow_id, wake_words=words, accept_license=False)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    result = await after_progress(hass, flow_id)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"accept_license": False, "wake_words": words}
    assert (source.asked, source.licensed) == ([words], [False])


async def test_offered_wake_words(hass: HomeAssistant) -> None:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["data_schema"] is not None
    options = result["data_schema"].schema["wake_words"].config["options"]
    assert {option["label"] for option in options} >= {
        "Alexa",
        "Hey Jarvis",
        "Hey Mycroft",
        "Hey Rhasspy",
        "Okay Nabu",
    }
    assert not {"Timer", "Weather"} & {option["label"] for option in options}


async def test_only_what_can_be_used_is_offered_and_the_rest_is_explained(hass: HomeAssistant) -> None:
    folder = Path(hass.config.path(MODEL_FOLDER))
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "Good_Day.ONNX").write_bytes(ow.linear_head())
    (folder / "Alexa_v2.onnx").write_bytes(ow.linear_head())
    (folder / "page.onnx").write_bytes(b"<!doctype html>")
    (folder / "silero_vad.onnx").write_bytes(b"no wake word")
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["data_schema"] is not None
    labels = [option["label"] for option in result["data_schema"].schema["wake_words"].config["options"]]
    assert sorted(labels) == ["Alexa", "Good Day", "Hey Jarvis", "Hey Mycroft", "Hey Rhasspy", "Okay Nabu"]
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    # openWakeWord's base models are missing, which its own download mends.
    assert "cannot be used: 3" in placeholders["refused"]
    (folder / "Alexa_v2.onnx").unlink()
    (folder / "sub" / "Good_Day.ONNX").unlink()
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert "`page.onnx`: The file is a web page, not a model." in placeholders["refused"]
    (folder / "page.onnx").unlink()
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert (result["description_placeholders"] or {})["refused"] == ""


async def test_progress_is_shown(
    hass: HomeAssistant, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[float] = []
    monkeypatch.setattr(
        "custom_components.voice_privacy.config_flow.VoicePrivacyConfigFlow.async_update_progress",
        lambda self, progress: shown.append(progress),
    )
    flow_id = await start(hass)
    await submit(hass, flow_id, wake_words=["alexa"], accept_license=True)
    await after_progress(hass, flow_id)
    assert shown == [0.5, 1.0]


async def test_no_wake_word_is_chosen_in_advance(hass: HomeAssistant) -> None:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["data_schema"] is not None
    assert result["data_schema"]({}) == {"wake_words": [], "accept_license": False}


async def test_without_wake_words_no_license_is_needed(hass: HomeAssistant, source: Source) -> None:
    flow_id = await start(hass)
    result = await submit(hass, flow_id, wake_words=[], accept_license=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"accept_license": False, "wake_words": []}
    assert source.asked == []


async def test_models_that_are_there_are_not_fetched(
    hass: HomeAssistant, source: Source, models: Path
) -> None:
    flow_id = await start(hass)
    result = await submit(hass, flow_id, wake_words=["alexa"], accept_license=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert source.asked == []


@pytest.mark.parametrize(
    ("error", "step_id"),
    [
        (ModelDiskFull(), "model_disk_full"),
        (ModelDownloadFailed(), "model_download_failed"),
        (ModelFileMissing(), "model_download_failed"),
        (ModelHashMismatch(), "model_hash_mismatch"),
        (ModelNotWritten(), "model_not_written"),
    ],
)
async def test_a_failed_download_can_be_repeated_or_left(
    hass: HomeAssistant, source: Source, error: WakeModelError, step_id: str
) -> None:
    flow_id = await start(hass)
    source.error = error
    await submit(hass, flow_id, wake_words=["alexa"], accept_license=True)
    for _ in range(2):
        result = await after_progress(hass, flow_id)
        assert (result["type"], result["step_id"]) == (FlowResultType.MENU, step_id)
        assert result["menu_options"] == ["download", "finish"]
        await submit(hass, flow_id, next_step_id="download")
    result = await after_progress(hass, flow_id)
    assert len(source.asked) == 3
    result = await submit(hass, flow_id, next_step_id="finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_repeated_download_that_succeeds_finishes(hass: HomeAssistant, source: Source) -> None:
    flow_id = await start(hass)
    source.error = ModelDownloadFailed()
    await submit(hass, flow_id, wake_words=["alexa"], accept_license=True)
    await after_progress(hass, flow_id)
    source.error = None
    await submit(hass, flow_id, next_step_id="download")
    result = await after_progress(hass, flow_id)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_dialog_that_is_closed_ends_the_download(hass: HomeAssistant, source: Source) -> None:
    flow_id = await start(hass)
    source.may_go_on.clear()
    await submit(hass, flow_id, wake_words=["alexa"], accept_license=True)
    hass.config_entries.flow.async_abort(flow_id)
    # With the download still under way this would wait for ever.
    async with asyncio.timeout(5):
        await hass.async_block_till_done()
    assert hass.config_entries.async_entries(DOMAIN) == []


async def test_there_is_one_house_only(hass: HomeAssistant) -> None:
    MockConfigEntry(domain=DOMAIN).add_to_hass(hass)
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "single_instance_allowed")


async def test_reconfigure_fetches_further_wake_words(hass: HomeAssistant, source: Source) -> None:
    # A model of the owner's own, since taken out of the folder, can no longer be chosen.
    entry = MockConfigEntry(domain=DOMAIN, data={"wake_words": ["alexa", "gone"], "accept_license": True})
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "reconfigure")
    assert result["data_schema"] is not None
    defaults = result["data_schema"]({"accept_license": True})
    assert defaults["wake_words"] == ["alexa"]

    await submit(hass, result["flow_id"], wake_words=["hey_rhasspy"], accept_license=True)
    outcome = await after_progress(hass, result["flow_id"])
    assert (outcome["type"], outcome["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.data["wake_words"] == ["hey_rhasspy"]
    assert source.asked == [["hey_rhasspy"]]
    await hass.async_block_till_done()
