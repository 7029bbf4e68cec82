"""What the screen must not do: answer for somebody, hide what can be set, lie about guests, or fall apart."""

from collections.abc import AsyncGenerator

from playwright.async_api import Locator, expect
import pytest
import pytest_asyncio

from dev.rig.browser import CARD, PAGE, Browser, Tab
from dev.rig.furnish import subentries
from dev.rig.layout import misfits
from dev.rig.past_house import DASHBOARD, PastHouse, past_house
from dev.rig.satellite import Satellite

WIDTHS = (320, 390, 600, 768, 871, 900, 960, 1024, 1100, 1280, 1920, 2560)
TABS = {
    "recordings": ".row",
    "microphones": "[data-state=listening]",
    "consent": "#delete-everything",
    "review": "#learned",
    "log": "voice-privacy-log li",
}
"""Each tab, with what is there as soon as it has been drawn."""

TEXT = {"recordings": (".what", 200), "log": ("li > span:not(.disc)", 150), "consent": (".toggle label", 150)}
"""Columns of text, and how wide each has to be at least."""

INTEGRATION = "/config/integrations/integration/voice_privacy"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[PastHouse]:
    """A house with recordings of three days."""
    async with past_house(tmp_path_factory.mktemp("screen"), "Hall") as home:
        yield home


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(home: PastHouse) -> AsyncGenerator[Browser]:
    """A browser."""
    async with Browser.launch(home.house.url) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def tab(home: PastHouse, browser: Browser) -> AsyncGenerator[Tab]:
    """The owner's tab; at the end, the browser has had nothing to complain about."""
    tab = await browser.sign_in(home.house.token)
    yield tab
    assert tab.complaints == []
    await tab.page.context.close()


# --- widths --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sidebar", ["docked", "always_hidden"])
@pytest.mark.parametrize("place", TABS)
async def test_the_page_holds_at_every_width(tab: Tab, place: str, sidebar: str) -> None:
    await tab.page.add_init_script(f"localStorage.setItem('dockedSidebar', '\"{sidebar}\"')")
    await tab.open(f"/voice-privacy/{place}")
    await tab.find(TABS[place]).first.wait_for()
    selector, least = TEXT.get(place, (None, 0))
    assert await misfits(tab, WIDTHS, height=900, text=selector, least=least) == {}


_CROWDED = """(host) => {
  const elements = (root) => [...root.querySelectorAll("*")].flatMap(
    (one) => [one, ...(one.shadowRoot ? elements(one.shadowRoot) : [])]);
  const shown = elements(host.shadowRoot).filter((one) => one.getClientRects().length);
  const name = (one) => `${one.localName}.${one.className} ${one.textContent.trim().slice(0, 40)}`;
  // Whoever cannot see that something scrolls takes what is cut off for all there is.
  const hidden = shown.filter((one) => one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).overflowX === "auto" && getComputedStyle(one).scrollbarWidth === "none");
  // Each row of text is inside of its element's box: nothing is printed over its neighbors.
  const spilled = shown.filter((one) => {
    if (one.closest(".sr, .skip")) return false;
    const box = (one.closest("label, div, section, button, li, p, h2") ?? one).getBoundingClientRect();
    const rows = [...one.childNodes].filter((node) => node.nodeType === 3 && node.data.trim()).flatMap((node) => {
      const range = document.createRange();
      range.selectNode(node);
      return [...range.getClientRects()];
    });
    return rows.some((row) => row.right > box.right + 1 || row.left < box.left - 1);
  });
  return [...hidden, ...spilled].map(name);
}"""

_SOMEBODY_SPEAKS = """(host) => {
  const { state } = host.shadowRoot.querySelector("voice-privacy-microphones").connection;
  state.house.toggles.guest_mode.on = true;
  const long = { ...state.satellites[0], state: "recording", recording_since: new Date(Date.now() - 3_600_000).toISOString() };
  state.satellites = ["Hall", "Wohnzimmer am Fenster", "Donaudampfschifffahrtsgesellschaft"].map((name, index) => (
    { ...long, id: `${index}`, name }));
  host.shadowRoot.querySelector("voice-privacy-microphones").requestUpdate();
}"""


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "it", "nl", "ar"])
async def test_nothing_is_cut_off_or_printed_over_on_a_small_phone(
    home: PastHouse, browser: Browser, language: str
) -> None:
    tab = await browser.sign_in(home.house.token, language=language)
    await tab.page.set_viewport_size({"width": 320, "height": 700})
    faults: dict[str, list[str]] = {}
    for place, drawn in TABS.items():
        await tab.open(f"/voice-privacy/{place}")
        await tab.find(drawn).first.wait_for()
        if place == "microphones":
            await tab.page.locator(PAGE).evaluate(_SOMEBODY_SPEAKS)
            await tab.find(".badge.recording").nth(2).wait_for()
            for index in range(3):
                await tab.find("voice-privacy-room .more").nth(index).click()
            await expect(tab.find("voice-privacy-room .detail")).to_have_count(3)
        faults[place] = await tab.page.locator(PAGE).evaluate(_CROWDED)
        for button in await tab.find("nav button").all():
            await expect(button).to_be_in_viewport(ratio=1)
    assert {place: found for place, found in faults.items() if found} == {}
    assert tab.complaints == []
    await tab.page.context.close()


# --- guests --------------------------------------------------------------------------------------


async def test_guest_mode_is_told_on_every_tab_and_on_the_card(home: PastHouse, tab: Tab) -> None:
    client = home.house.client
    guests = {"entity_id": "switch.voice_privacy_guest_mode"}
    banner = tab.find(".banner.guests")
    card = tab.page.locator(CARD)

    async def card_says(microphone: str, guest_mode: str) -> None:
        await tab.open(f"/{DASHBOARD}/0")
        await expect(card.locator("label.line small")).to_have_text([microphone, guest_mode])

    await card_says("Listening", "Off: 1 of 1 microphones keep recordings")
    await tab.open("/voice-privacy/microphones")
    about = tab.find("voice-privacy-room .detail .about")
    await expect(about).to_contain_text("The wake word and what is said after it are saved.")
    await expect(banner).to_have_count(0)

    await client.call("switch.turn_on", target=guests)
    await expect(banner).to_have_text("Guest mode is on: nothing is kept in any room. Commands still work.")
    await expect(about).to_contain_text("what is said to it is not kept")
    for place, drawn in TABS.items():
        await tab.open(f"/voice-privacy/{place}")
        await tab.find(drawn).first.wait_for()
        await expect(banner).to_be_visible()
    await card_says("Listening · keeps nothing", "On: nothing is kept in any room")

    await client.call("switch.turn_off", target=guests)
    await home.hall.switch("save_recordings", on=False)
    await card_says("Listening · keeps nothing", "Off: 0 of 1 microphones keep recordings")
    await home.hall.switch("save_recordings", on=True)


# --- Home Assistant's own dialogs ------------------------------------------------------------------


async def open_form(tab: Tab, name: str) -> Locator:
    """Press a button on the integration's page; return the dialog."""
    await tab.open(INTEGRATION)
    await tab.page.get_by_role("button", name=name, exact=True).first.click()
    dialog = tab.page.locator("dialog-data-entry-flow")
    await dialog.get_by_role("button", name="Submit").wait_for()
    return dialog


@pytest.mark.parametrize(("answer", "kept"), [("Keep nothing", "off"), ("Keep recordings", "on")])
async def test_the_owner_says_whether_a_new_satellite_keeps_recordings(
    home: PastHouse, tab: Tab, answer: str, kept: str
) -> None:
    client, entry_id = home.house.client, home.hall.entry_id
    name = f"Den {kept}"
    known = {subentry["subentry_id"] for subentry in await subentries(client, entry_id)}
    async with Satellite(name) as den:
        dialog = await open_form(tab, "Add Wyoming satellite")
        await dialog.get_by_role("textbox", name="Name").fill(name)
        await dialog.get_by_role("textbox", name="Host").fill("127.0.0.1")
        await dialog.get_by_role("spinbutton", name="Port").fill(str(den.port))
        await dialog.get_by_role("button", name="Submit").click()

        # All that the form fills in by itself has been sent, and nothing has been agreed to.
        await expect(dialog).to_contain_text(f"Keep recordings of {name}?")
        assert {subentry["subentry_id"] for subentry in await subentries(client, entry_id)} == known
        await dialog.get_by_text(answer, exact=True).click()
        await expect(dialog).to_contain_text("Finish")

        (added,) = [
            subentry
            for subentry in await subentries(client, entry_id)
            if subentry["subentry_id"] not in known
        ]
        switch = f"switch.{name.lower().replace(' ', '_')}_save_recordings"
        await client.wait_for_state(switch, lambda state: state == kept, timeout=30)
        await client.command(
            "config_entries/subentries/delete", entry_id=entry_id, subentry_id=added["subentry_id"]
        )
        await home.hall.refresh()


async def test_nobody_is_chosen_in_advance(home: PastHouse, tab: Tab) -> None:
    client, entry_id = home.house.client, home.hall.entry_id
    dialog = await open_form(tab, "Protect an existing satellite")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog).to_contain_text("Choose a satellite or a user.")
    assert len(await subentries(client, entry_id)) == 1


async def test_the_editor_of_the_card_shows_what_holds(home: PastHouse, tab: Tab) -> None:
    await tab.open(f"/{DASHBOARD}/0?edit=1")
    await tab.page.locator("hui-card-options").get_by_role("button", name="Edit", exact=True).click()
    editor = tab.page.locator("hui-form-editor")
    # The dashboard has rows, words and sound, and leaves the rest to what holds without being said.
    for index, name in enumerate(("Show what was said", "Show play buttons")):
        await expect(editor.get_by_role("switch").nth(index)).to_be_checked()
        await expect(editor).to_contain_text(name)
    await expect(editor.get_by_role("switch").nth(2)).not_to_be_checked()
    await expect(editor.get_by_role("textbox", name="Title")).to_have_attribute(
        "placeholder", "Voice privacy"
    )
    await expect(editor.get_by_role("spinbutton")).to_have_value("3")


async def test_the_options_can_be_reached(tab: Tab) -> None:
    dialog = await open_form(tab, "Configure")
    await expect(dialog).to_contain_text("Offer the wake word engine to other satellites")
