"""What one does on the page with recordings of other days: download, export, choose, delete, each in a real browser."""

from collections.abc import AsyncGenerator
import io
import json
import wave
import zipfile

from playwright.async_api import expect
import pytest
import pytest_asyncio

from dev.rig.browser import AXE, CARD, Browser, Tab
from dev.rig.past_house import SAID, PastHouse, open_card, past_house, sign_in


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[PastHouse]:
    """A house with recordings of three days; the last test deletes them."""
    async with past_house(tmp_path_factory.mktemp("deeds"), "Pantry") as home:
        yield home


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(home: PastHouse) -> AsyncGenerator[Browser]:
    """A browser."""
    async with Browser.launch(home.house.url) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def tab(home: PastHouse, browser: Browser) -> AsyncGenerator[Tab]:
    """The owner's tab; at the end, the browser has had nothing to complain about."""
    tab = await sign_in(browser, home.house, "light")
    await tab.open()
    await tab.find(".toolbar").wait_for()
    yield tab
    assert tab.complaints == []
    await tab.page.context.close()


def samples(path: str) -> bytes:
    """Return the samples of a WAV file that has the format that is promised."""
    with wave.open(path) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        return bytes(file.readframes(file.getnframes()))


async def test_one_recording_is_downloaded(home: PastHouse, tab: Tab) -> None:
    row = tab.find(".row").first
    recording_id = await row.get_attribute("data-id")
    assert recording_id == list(home.audio)[-1]
    await row.hover()
    async with tab.page.expect_download() as download:
        await row.locator(".ends button").first.click()
    file = await download.value
    assert file.suggested_filename == f"voice-privacy-{home.day(1)}T20-00-00.wav"
    assert samples(str(await file.path())) == home.audio[recording_id]


async def test_export_of_a_range_holds_those_days_and_no_other(home: PastHouse, tab: Tab) -> None:
    await tab.find("#manage").click()
    await tab.find("#manage-export").click()
    days = tab.find("dialog[open] input[type=date]")
    await days.first.fill(home.day(3))
    await days.last.fill(home.day(2))
    async with tab.page.expect_download() as download:
        await tab.find("#export").click()
    archive = zipfile.ZipFile(await (await download.value).path())

    wanted = home.ids(3, 2)
    assert set(json.loads(archive.read("index.json"))["recordings"]) == wanted
    names = {f"recordings/{wanted_id}.{kind}" for wanted_id in wanted for kind in ("wav", "json")}
    assert set(archive.namelist()) == names | {"index.json"}
    for (recording_id, audio), (_, _, transcript, reply) in zip(home.audio.items(), SAID, strict=True):
        if recording_id not in wanted:
            continue
        described = json.loads(archive.read(f"recordings/{recording_id}.json"))
        assert (described["transcript"], described["reply"]) == (transcript, reply)
        with wave.open(io.BytesIO(archive.read(f"recordings/{recording_id}.wav"))) as file:
            assert file.readframes(file.getnframes()) == audio
    await expect(tab.find("dialog[open] p[role=status]")).to_contain_text("Exported")


async def test_what_is_selected_with_shift_is_downloaded(home: PastHouse, tab: Tab) -> None:
    await tab.find(".tools button").last.click()
    picks = tab.find(".row .pick")
    await picks.nth(1).click()
    await picks.nth(4).click(modifiers=["Shift"])
    chosen = tab.find(".selection [role=status]")
    await expect(chosen).to_have_text("4 recordings selected")
    # A row without its box is selected like its box.
    await tab.find(".row .what").nth(6).click(modifiers=["Shift"])
    await expect(chosen).to_have_text("6 recordings selected")
    await picks.nth(4).click()
    await expect(chosen).to_have_text("5 recordings selected")
    async with tab.page.expect_download() as download:
        await tab.find(".selection .button").filter(has_text="Download").click()
    archive = zipfile.ZipFile(await (await download.value).path())
    newest_first = list(reversed(home.audio))
    assert set(json.loads(archive.read("index.json"))["recordings"]) == {
        newest_first[index] for index in (1, 2, 3, 5, 6)
    }

    await tab.find(".selection .button").filter(has_text="Select all shown").click()
    await expect(chosen).to_have_text("8 recordings selected")
    await tab.page.keyboard.press("Escape")
    await expect(tab.find(".selection")).to_have_count(0)
    assert await home.kept() == set(home.audio)


async def test_filters_leave_what_they_say(home: PastHouse, tab: Tab) -> None:
    await expect(tab.find(".kind")).to_contain_text(["All", "Commands", "False wakes"])
    await expect(tab.find(".kind .count")).to_have_text(["8", "6", "2"])
    await tab.find(".kind").last.click()
    await expect(tab.find(".row .said")).to_have_text(["No speech recognized"] * 2)
    await tab.find(".kind").first.click()
    await tab.find(".tools button").first.click()
    days = tab.find(".filters input[type=date]")
    await days.first.fill(home.day(2))
    await days.last.fill(home.day(2))
    await expect(tab.find(".row")).to_have_count(3)
    await expect(tab.find(".kind .count")).to_have_text(["3", "2", "1"])
    await tab.find("input[type=search]").fill("kitchen")
    await expect(tab.find(".row .said")).to_have_text(["turn off the kitchen light"])
    await expect(tab.find(".progress [role=status]")).to_have_text("1 recording found")
    await tab.find("input[type=search]").fill("")
    await tab.find(".filters select").select_option(label="Pantry")
    await tab.find(".filters button").click()
    await expect(tab.find(".row")).to_have_count(8)


async def test_retention_shows_what_would_go_before_it_is_chosen(home: PastHouse, tab: Tab) -> None:
    await tab.open("/voice-privacy/consent")
    choice = tab.find("#keep_recordings-house")
    before = await home.kept()
    await choice.select_option("day")
    await expect(tab.find("voice-privacy-consent [role=alert]")).to_contain_text("would be deleted")
    await tab.find("voice-privacy-consent [role=alert] .button").first.click()
    await expect(choice).to_have_value("until_deleted")

    # Nothing is older than a week: there is nothing to ask.
    await choice.select_option("week")
    await expect(tab.find(".toast")).to_contain_text("Saved")
    await expect(choice).to_have_value("week")
    await expect(tab.find("voice-privacy-consent [role=alert]")).to_have_count(0)
    await tab.open()
    await expect(tab.find(".row .meta").first).to_contain_text("until")
    await tab.open("/voice-privacy/consent")
    await choice.select_option("until_deleted")
    await expect(choice).to_have_value("until_deleted")
    assert await home.kept() == before
    await tab.open("/voice-privacy/log")
    changed = tab.find("voice-privacy-log li").filter(
        has_text="changed the retention of recordings to Until deleted"
    )
    await expect(changed.first).to_be_visible()


async def test_what_is_taken_of_the_limit_is_shown(home: PastHouse, tab: Tab) -> None:
    await expect(tab.find(".quota")).to_have_count(0)
    client = home.house.client
    await client.command("voice_privacy/retention/set", setting="storage_limit", value=1)
    await expect(tab.find(".quota")).to_contain_text("of the storage limit of 1 MB")
    await client.command("voice_privacy/retention/set", setting="storage_limit", value=0)
    await expect(tab.find(".quota")).to_have_count(0)


async def test_threshold_is_moved_with_the_keyboard(home: PastHouse, tab: Tab) -> None:
    await tab.open("/voice-privacy/microphones")
    slider = tab.find("voice-privacy-microphones input[type=range]")
    await slider.focus()
    await tab.page.keyboard.press("ArrowRight")
    await expect(slider).to_have_attribute("aria-valuetext", "55%")
    # Nothing holds before it is applied.
    await tab.find("[data-apply]").click()
    await expect(tab.find("[data-undo]")).to_have_text("Undo: back to 50%")
    await tab.open("/voice-privacy/log")
    await expect(tab.find("voice-privacy-log li").first).to_contain_text(
        "changed the wake word threshold (Pantry) to 55%"
    )
    # It is heard with from now on, and after a reload of the page it is still there.
    await tab.open("/voice-privacy/microphones")
    await expect(slider).to_have_value("55")
    await slider.focus()
    await tab.page.keyboard.press("ArrowLeft")
    await tab.find("[data-apply]").click()
    await expect(slider).to_have_value("50")


async def test_a_page_that_stays_open_survives_a_restart(home: PastHouse, browser: Browser) -> None:
    tab = await sign_in(browser, home.house, "light")
    await tab.open()
    await expect(tab.find(".row")).to_have_count(8)
    await home.house.stop()
    await expect(tab.find(".offline")).to_contain_text("No connection to Home Assistant")
    await expect(tab.find(".row")).to_have_count(8)
    await home.house.start()
    await expect(tab.find(".offline")).to_have_count(0, timeout=60_000)
    await expect(tab.find(".row")).to_have_count(8)
    await home.hall.refresh()
    # A browser that loses its server complains, and should.
    await tab.page.context.close()


async def test_the_card_is_offered_for_our_entities_and_edited_in_a_form(
    home: PastHouse, browser: Browser
) -> None:
    tab = await sign_in(browser, home.house, "light")
    await open_card(tab)
    answer = await tab.page.evaluate(
        """([name, ours]) => {
          const hass = document.querySelector("home-assistant").hass;
          const { schema, computeLabel } = customElements.get(name).getConfigForm();
          const card = window.customCards.find((one) => one.type === name);
          return {
            labels: Object.fromEntries(schema.map((one) => [one.name, computeLabel(one)])),
            ours: card.getEntitySuggestion(hass, ours),
            other: card.getEntitySuggestion(hass, "sun.sun"),
          };
        }""",
        [CARD, home.hall.entity("microphone")],
    )
    assert answer == {
        "labels": {
            "title": "Title",
            "satellites": "Satellites (leave empty for all)",
            "rows": "Recordings shown",
            "show_transcripts": "Show what was said",
            "show_play": "Show play buttons",
            "wall_tablet": "Wall tablet",
        },
        "ours": {"config": {"type": f"custom:{CARD}"}},
        "other": None,
    }
    assert tab.complaints == []
    await tab.page.context.close()


async def confirm(tab: Tab, count: int, *, typed: bool = False) -> None:
    """Go through the question to the receipt, which tells so many."""
    if typed:
        await expect(tab.find("#confirm")).to_be_disabled()
        await tab.find(".typed input").fill("delete")
    await tab.find("#confirm").click()
    recordings = "1 recording" if count == 1 else f"{count} recordings"
    await expect(tab.find("[data-receipt]")).to_contain_text(f"{recordings} deleted")
    await expect(tab.find("dl.receipt dd")).to_contain_text([str(count), "B", "destroyed and verified", "0"])
    if AXE.exists():
        assert await tab.violations() == []
    await tab.find("dialog[open] [data-first]").click()


async def test_what_is_deleted_is_what_was_chosen(home: PastHouse, browser: Browser, tab: Tab) -> None:
    other = await sign_in(browser, home.house, "phone")
    await other.open()
    left = set(home.audio)
    assert await home.kept() == left

    async def is_left(gone: set[str]) -> None:
        left.difference_update(gone)
        assert await home.kept() == left
        for page in (tab, other):
            await expect(page.find(".row")).to_have_count(len(left))
        assert {await row.get_attribute("data-id") for row in await tab.find(".row").all()} == left
        assert len(list(home.house.config.glob(".cache/voice_privacy/audio/*.sealed"))) >= len(left)

    # A day, by its button.
    await expect(tab.find("header.day")).to_have_count(3)
    await tab.find("header.day .icon-button").nth(1).click()
    await confirm(tab, 3)
    await is_left(home.ids(2))

    # A selection: the day of three days ago but for one.
    await tab.find(".tools button").last.click()
    await tab.find("header.day .pick").last.check()
    await expect(tab.find(".selection [role=status]")).to_have_text("2 recordings selected")
    await tab.find(".row .pick").nth(3).uncheck()
    await tab.find("#delete-selected").click()
    await confirm(tab, 1)
    await is_left({next(iter(home.audio))})

    # A range, both days included.
    await tab.find("#manage").click()
    await tab.find("#manage-range").click()
    days = tab.find("dialog[open] input[type=date]")
    await days.first.fill(home.day(4))
    await days.last.fill(home.day(2))
    await tab.find("dialog[open] .button.danger").click()
    await confirm(tab, 1, typed=True)
    await is_left(home.ids(3))

    # One that plays in another tab stops there.
    await other.find(".row .play").first.click()
    await other.find(".row.current").wait_for()
    await tab.find("#manage").click()
    await tab.find("#manage-false_wakes").click()
    await confirm(tab, 1)
    await is_left({list(home.audio)[6]})

    # Everything.
    await tab.find("#manage").click()
    await tab.find("#manage-all").click()
    await confirm(tab, 2, typed=True)
    await is_left(set(left))
    for page in (tab, other):
        await expect(page.find(".empty h2")).to_have_text("No recordings yet")
    await expect(other.find(".row.current")).to_have_count(0)
    assert other.complaints == []
    await other.page.context.close()
