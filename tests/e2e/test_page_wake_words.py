"""Wake words on the page: choose a microWakeWord model that then wakes, test it, add and remove models."""

from collections.abc import AsyncGenerator
import re

from playwright.async_api import FilePayload, Locator, expect
import pytest
import pytest_asyncio

from dev.rig.browser import AXE, Browser, Tab
from dev.rig.furnish import add_integration, remove_entry
from dev.rig.house import HomeAssistantProcess
from dev.rig.household import Member
from dev.rig.satellite import Satellite
from dev.rig.voices import Voice, synthesize, with_room_noise
from tests.wake.micro_writer import manifest, streaming_model
from tests.wake.onnx_writer import linear_head

MICRO = "okay_nabu.micro.tflite"
SECTION = "voice-privacy-wake-words"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(house: HomeAssistantProcess) -> AsyncGenerator[Browser]:
    """A browser."""
    async with Browser.launch(house.url) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kitchen(house: HomeAssistantProcess) -> AsyncGenerator[Member]:
    """Our integration with models of both engines, and a satellite that listens for "Alexa"."""
    folder = house.config / "openwakeword"
    before = set(folder.glob("*"))
    async with Satellite("Kitchen") as satellite:
        entry_id = await add_integration(house.client, wake_words=["alexa", "okay_nabu"])
        yield await Member.create(house, satellite, entry_id, area="Kitchen")
        await remove_entry(house.client, entry_id)
        assert not house.problems()
    for path in set(folder.glob("*")) - before:
        path.unlink()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(house: HomeAssistantProcess, kitchen: Member, browser: Browser) -> AsyncGenerator[Tab]:
    """The owner's tab with the microphones; at the end, the browser has had nothing to complain about."""
    await kitchen.wait_for("microphone_state", "listening", timeout=30)
    tab = await browser.sign_in(house.token)
    await tab.open("/voice-privacy/microphones")
    await model(tab, MICRO).wait_for()
    yield tab
    assert tab.complaints == []
    await tab.page.context.close()


def model(tab: Tab, file: str) -> Locator:
    """Return the part of the page about a model file."""
    return tab.find(f"{SECTION} voice-privacy-wake-word").filter(
        has=tab.page.locator("code", has_text=re.compile(f"^{re.escape(file)}$"))
    )


async def upload(tab: Tab, files: dict[str, bytes]) -> None:
    """Choose files as one does in the browser's own dialog."""
    payload: list[FilePayload] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        for name, content in files.items()
    ]
    async with tab.page.expect_file_chooser() as chooser:
        await tab.find(f"{SECTION} #upload").click()
    await (await chooser.value).set_files(payload)


async def say(kitchen: Member, text: str) -> None:
    """Say something without "Alexa"."""
    speech = await synthesize(text, voice=Voice.RMS)
    await kitchen.satellite.say(with_room_noise(speech.pcm))


async def test_models_are_explained(tab: Tab) -> None:
    row = model(tab, MICRO)
    await expect(row.locator("h3")).to_have_text("Okay Nabu")
    await expect(row.locator(".state")).to_have_text("Ready")
    await expect(row.locator(".facts")).to_contain_text("microWakeWord")
    await expect(row.locator(".facts")).to_contain_text(
        re.compile(r"[\d.]+ ms per 80 ms of sound \(\w+ load\)")
    )
    await expect(row.locator(".used")).to_have_text("Not chosen for any satellite")
    for needed in ("melspectrogram.onnx", "embedding_model.onnx"):
        await expect(model(tab, needed)).to_have_count(0)
    alexa = model(tab, "alexa_v0.1.onnx")
    await expect(alexa.locator(".facts")).to_contain_text("openWakeWord")
    await expect(alexa.locator(".used")).to_contain_text("Kitchen")
    await alexa.locator("#remove").click()
    await expect(alexa.locator(".panel")).to_contain_text("still chosen for: \u2068Kitchen\u2069")


async def test_a_model_hears_in_a_test_what_is_said(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab
) -> None:
    row = model(tab, MICRO)
    since = kitchen.satellite.frames_sent
    await row.locator("#test").press("Enter")
    await expect(row.locator("#start")).to_be_focused()
    await row.locator("#start").press("Enter")
    await expect(row.locator(".now")).to_have_text("Say “Okay Nabu” now")
    await expect(row.locator("[role=meter]")).to_have_count(2)
    if AXE.exists():
        assert await tab.violations() == []
    await expect(row.locator(".heard")).to_have_count(0)

    await say(kitchen, "Okay Nabu")
    await expect(row.locator(".heard")).to_have_text("Heard: 1", timeout=15_000)
    await row.locator("#stop").press("Enter")
    await expect(row.locator(".said")).to_contain_text("The test has ended.")
    # A muted satellite ends it, too.
    await row.locator("#start").press("Enter")
    await expect(row.locator(".now")).to_be_visible()
    await kitchen.switch("microphone", on=False)
    await expect(row.locator(".said")).to_contain_text("is muted. Turn its microphone on")
    await expect(row.locator("option")).to_have_text("Kitchen (Muted)")
    await kitchen.switch("microphone", on=True)
    # It is not chosen: the satellite has not woken.
    assert kitchen.satellite.frames_sent > since
    await kitchen.wait_for("microphone_state", "listening")
    assert kitchen.count("recordings") == 0

    await tab.open("/voice-privacy/log")
    tested = tab.find("voice-privacy-log li").filter(has_text="tested a wake word on Kitchen")
    await expect(tested.first).to_be_visible()


async def test_a_micro_model_that_is_chosen_in_the_browser_wakes(
    house: HomeAssistantProcess, kitchen: Member, tab: Tab
) -> None:
    row = model(tab, MICRO)
    await row.locator("#choose").press("Enter")
    box = row.get_by_role("checkbox", name="Kitchen")
    await expect(box).to_be_focused()
    await expect(box).not_to_be_checked()
    await box.press("Space")
    # It says so once the satellite listens for it.
    await expect(row.locator(".used")).to_have_text("Satellites: \u2068Kitchen\u2069", timeout=30_000)
    await kitchen.refresh("listening")

    async with kitchen.activity() as activity:
        await say(kitchen, "Okay Nabu, turn on the kitchen light")
        await activity.next("woke")
        await activity.next("kept")
    detected = kitchen.satellite.log.received("detection")[-1]
    assert detected.data["name"] == "okay_nabu"
    await tab.open("/voice-privacy/recordings")
    await expect(tab.find(".row")).to_have_count(1)
    # "Alexa" still wakes it, too.
    await kitchen.wait_for("microphone_state", "listening")
    async with kitchen.activity() as activity:
        await kitchen.say("what time is it")
        await activity.next("kept")
    await expect(tab.find(".row")).to_have_count(2)
    await house.client.command("voice_privacy/recordings/delete", scope="all")


async def test_own_models_are_added_and_removed(house: HomeAssistantProcess, tab: Tab) -> None:
    folder = house.config / "openwakeword"
    progress = tab.find(f"{SECTION} .progress .note")
    await upload(tab, {"hey_house_v2.onnx": linear_head()})
    await expect(progress).to_have_text("hey_house_v2.onnx: added")
    own = model(tab, "hey_house_v2.onnx")
    await expect(own.locator("h3")).to_have_text("Hey House")
    await expect(own.locator(".state")).to_have_text("Ready")
    await expect(own.locator(".facts")).to_contain_text("Your own model")

    await upload(tab, {"Computer.json": manifest(), "Computer.tflite": streaming_model()})
    await expect(progress).to_have_text("Computer.tflite: added")
    await expect(model(tab, "Computer.tflite").locator(".facts")).to_contain_text("microWakeWord")
    assert (folder / "Computer.json").read_bytes() == manifest()

    for file in ("hey_house_v2.onnx", "Computer.tflite"):
        row = model(tab, file)
        await row.locator("#remove").click()
        await row.locator("#confirm-remove").click()
        await expect(row).to_have_count(0)
        await expect(tab.find(f"{SECTION} h2")).to_be_focused()
    assert {path.name for path in folder.iterdir()}.isdisjoint(
        {"hey_house_v2.onnx", "Computer.tflite", "Computer.json"}
    )


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("page.onnx", b"<!DOCTYPE html><html></html>", "The file is a web page, not a model."),
        ("big.onnx", b"version https://git-lfs.github.com/spec/v1\n", "only points to the model in Git LFS"),
        ("damaged.tflite", b"\x1c\x00\x00\x00TFL3" + bytes(40), "damaged"),
        ("alexa_v0.1.onnx", linear_head(), "There is already another file named \u2068alexa_v0.1.onnx\u2069"),
    ],
)
async def test_a_refused_file_says_why(
    house: HomeAssistantProcess, tab: Tab, name: str, content: bytes, reason: str
) -> None:
    folder = house.config / "openwakeword"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    await upload(tab, {name: content})
    await expect(tab.find(f"{SECTION} .progress .note.warn")).to_contain_text(reason)
    await expect(tab.find(f"{SECTION} #upload")).to_be_enabled()
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    # The browser tells of each request that is refused.
    tab.complaints[:] = [told for told in tab.complaints if "/api/voice_privacy/wake_words" not in told]


@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_wake_words_fit_on_a_phone(
    house: HomeAssistantProcess, kitchen: Member, browser: Browser, language: str
) -> None:
    await kitchen.wait_for("microphone_state", "listening", timeout=30)
    tab = await browser.sign_in(house.token, phone=True, language=language)
    await tab.open("/voice-privacy/microphones")
    row = model(tab, MICRO)
    await row.wait_for()
    # Nobody drags files with a finger.
    await expect(tab.find(f"{SECTION} .drop")).to_be_hidden()
    for panel in ("test", "choose", "remove"):
        await row.locator(f"#{panel}").click()
        await row.locator(".panel").wait_for()
        for button in await row.locator("button, select, label.box-row").all():
            box = await button.bounding_box()
            assert box is not None
            assert box["height"] >= 48
        if AXE.exists():
            assert await tab.violations() == []
    assert await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.complaints == []
    await tab.page.context.close()
