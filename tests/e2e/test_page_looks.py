"""What the page and the card show: their trees as screen readers get them, and what axe finds wrong."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
import re
from typing import Any

from playwright.async_api import expect
import pytest
import pytest_asyncio

from dev.rig.browser import AXE, CARD, PAGE, Browser, Tab
from dev.rig.layout import WIDTHS, misfits, resize, small_targets
from dev.rig.past_house import PastHouse, open_card, past_house, sign_in

TREES = Path(__file__).parent / "aria"

type Steps = Callable[[Tab], Awaitable[None]]

# What is another on every day: of the clock, of the calendar, of the sealed files.
_VARYING = (
    (r"\d{1,2}:\d\d(:\d\d)?([\s\u202f]?[AP]M)?", "TIME"),
    (r"\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b(, | )", ""),
    (r"\b(January|February|March|April|May|June|July|August|September|October|November|December)\b", "MONTH"),
    (r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b", "MONTH"),
    (r"(\d{1,2} MONTH|MONTH \d{1,2})(,? \d{4})?", "DATE"),
    (r"\d{4}-\d\d-\d\d", "DATE"),
    (r"\d+(\.\d+)?[\s\u202f](kB|MB|byte)\b", "SIZE"),
    (r"\d+(\.\d+)?[\s\u202f]ms per 80 ms of sound \(\w+ load\)", "COST"),
    # How busy the machine is.
    (r"\d+(\.\d+)?% of one processor core", "SHARE of one processor core"),
    (r"(Sound lost by the wake engine\s+- definition: )\d+(\.\d+)?%", r"\1SHARE"),
    # What is a day old depends on the hour.
    (r"\d recordings \(SIZE\) would", "N recordings (SIZE) would"),
    # How often somebody has looked, and when, depends on how fast the tests run.
    (
        r'(region "Access log":\n(?:    .*\n)*?)    - heading "\w+ · DATE" \[level=2\]\n    - list:(?:\n      .*)+',
        r"\1    - ENTRIES",
    ),
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[PastHouse]:
    """A house with recordings of three days."""
    async with past_house(tmp_path_factory.mktemp("looks"), "Hall") as home:
        yield home


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(home: PastHouse) -> AsyncGenerator[Browser]:
    """A browser."""
    async with Browser.launch(home.house.url) as browser:
        yield browser


async def recordings(tab: Tab) -> None:
    """The list."""
    await tab.open()
    await expect(tab.find(".row")).to_have_count(8)
    await expect(tab.find(".day-column:enabled")).to_have_count(3)


async def filtering(tab: Tab) -> None:
    """The list, with its filter open and a row selected."""
    await recordings(tab)
    await tab.find(".tools button").first.click()
    await tab.find(".tools button").last.click()
    await tab.find(".row .pick").first.check()
    await tab.find("#delete-selected").wait_for()


async def searching(tab: Tab) -> None:
    """What a search finds."""
    await recordings(tab)
    await tab.find("input[type=search]").fill("kitchen")
    await expect(tab.find(".row")).to_have_count(3)
    await expect(tab.find(".progress .bar")).to_have_count(0)


async def nothing_found(tab: Tab) -> None:
    """A search in vain."""
    await recordings(tab)
    await tab.find("input[type=search]").fill("bathroom")
    await tab.find(".empty h2").wait_for()


async def microphones(tab: Tab) -> None:
    """What each microphone does."""
    await tab.open("/voice-privacy/microphones")
    await expect(tab.find("[data-state]")).to_have_attribute("data-state", "listening")
    await tab.find("voice-privacy-wake-word").first.wait_for()
    await tab.find("voice-privacy-levels form").wait_for()


async def below(tab: Tab) -> None:
    """What is asked for when the tab is there."""
    await tab.find("#option-key_dir").wait_for()
    await tab.find("voice-privacy-log li").first.wait_for()


async def consent(tab: Tab) -> None:
    """Toggles and retention."""
    await tab.open("/voice-privacy/consent")
    await tab.find("#delete-everything").wait_for()
    await below(tab)


async def retention(tab: Tab) -> None:
    """What a shorter retention would delete."""
    await consent(tab)
    await tab.find("#keep_recordings-house").select_option("day")
    await tab.find("#apply-retention").wait_for()


async def review(tab: Tab) -> None:
    """Helping to improve, which is off."""
    await tab.open("/voice-privacy/review")
    await tab.find("voice-privacy-review .empty h2").wait_for()
    await tab.find("#learned").wait_for()
    await below(tab)


async def log(tab: Tab) -> None:
    """The access log."""
    await tab.open("/voice-privacy/log")
    await tab.find("voice-privacy-log li").first.wait_for()


async def manage(tab: Tab) -> None:
    """The choice of what to delete or export."""
    await recordings(tab)
    await tab.find("#manage").click()
    await tab.find("#manage-all").wait_for()


async def choose_range(tab: Tab) -> None:
    """The days of a range."""
    await manage(tab)
    await tab.find("#manage-range").click()
    await tab.find("dialog[open] input[type=date]").first.wait_for()


async def export(tab: Tab) -> None:
    """The days of an export."""
    await manage(tab)
    await tab.find("#manage-export").click()
    await tab.find("#export").wait_for()


async def question(tab: Tab) -> None:
    """What deleting everything would do."""
    await manage(tab)
    await tab.find("#manage-all").click()
    await tab.find(".typed").wait_for()


async def card(tab: Tab) -> None:
    """The card, words shown."""
    await open_card(tab)


async def detail(tab: Tab) -> None:
    """All about one recording."""
    await recordings(tab)
    await tab.find(".row .what").first.click()
    await tab.find("#detail-delete").wait_for()


async def deletion(tab: Tab) -> None:
    """The question about one recording, with what it does unfolded."""
    await recordings(tab)
    await tab.find(".row").first.hover()
    await tab.find(".row .ends button").nth(1).click()
    await expect(tab.find("#confirm")).to_be_enabled()
    await tab.find("dialog[open] summary").click()


async def keys(tab: Tab) -> None:
    """Which keys do what."""
    await recordings(tab)
    await tab.page.keyboard.press("?")
    await tab.find("voice-privacy-keys dialog[open]").wait_for()


async def room(tab: Tab) -> None:
    """A room with a threshold that has not been applied."""
    await microphones(tab)
    await tab.find("voice-privacy-threshold input[type=range]").focus()
    await tab.page.keyboard.press("ArrowRight")
    await tab.find("[data-apply]").wait_for()


async def choose_wake_word(tab: Tab) -> None:
    """For which satellites a wake word counts."""
    await microphones(tab)
    await tab.find("voice-privacy-wake-word #choose").first.click()
    await tab.find("voice-privacy-wake-word .panel").wait_for()


async def try_wake_word(tab: Tab) -> None:
    """The test of a wake word, which has not begun."""
    await microphones(tab)
    await tab.find("voice-privacy-wake-word #test").first.click()
    await tab.find("voice-privacy-wake-word-test").wait_for()


async def refused_option(tab: Tab) -> None:
    """An option that cannot be saved."""
    await consent(tab)
    await tab.find("#option-key_dir").fill("keys")
    await tab.find("#save-options").click()
    await tab.find("#option-key_dir-error").wait_for()


PLACES: dict[str, tuple[str, Steps]] = {
    "recordings": (PAGE, recordings),
    "filtering": (PAGE, filtering),
    "searching": (PAGE, searching),
    "nothing_found": (PAGE, nothing_found),
    "microphones": (PAGE, microphones),
    "consent": (PAGE, consent),
    "retention": (PAGE, retention),
    "review": (PAGE, review),
    "log": (PAGE, log),
    "manage": (PAGE, manage),
    "range": (PAGE, choose_range),
    "export": (PAGE, export),
    "question": (PAGE, question),
    "card": (CARD, card),
}
"""Every tab and every dialog; the receipt is looked at where something is really deleted."""


MORE_PLACES: dict[str, tuple[str, Steps]] = {
    "detail": (PAGE, detail),
    "deletion": (PAGE, deletion),
    "keys": (PAGE, keys),
    "room": (PAGE, room),
    "choose_wake_word": (PAGE, choose_wake_word),
    "test_wake_word": (PAGE, try_wake_word),
    "refused_option": (PAGE, refused_option),
}
"""What is opened in them; nobody has approved of a tree of these."""

LOOKS = ("light", "dark", "phone", "right to left", "German", "zoomed")


def stable(tree: str) -> str:
    """Return a tree without what is another on every day."""
    for pattern, name in _VARYING:
        tree = re.sub(pattern, name, tree)
    return tree + "\n"


@pytest.mark.parametrize("place", sorted(PLACES.keys() - {"log"}))
async def test_the_tree_is_the_one_that_was_approved(
    home: PastHouse, browser: Browser, place: str, request: pytest.FixtureRequest
) -> None:
    element, go = PLACES[place]
    tab = await sign_in(browser, home.house, "light")
    await go(tab)
    tree = stable(await tab.page.locator(element).aria_snapshot())
    path = TREES / f"{place}.yaml"
    if request.config.getoption("update_snapshots"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(tree, "utf-8")
    assert tree == path.read_text("utf-8")
    assert tab.complaints == []
    await tab.page.context.close()


@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing_and_nothing_leaves_the_window(
    home: PastHouse, browser: Browser, look: str
) -> None:
    """Go everywhere in a look: measured at every width, and given to axe at one of them, which each look changes."""
    tab = await sign_in(browser, home.house, look)
    tab.stays = True
    size = tab.page.viewport_size
    assert size is not None
    widths = [width // 2 for width in WIDTHS if width >= 900] if look == "zoomed" else list(WIDTHS)
    # With the sidebar, or without it.
    sidebar = "always_hidden" if LOOKS.index(look) % 2 else "docked"
    await tab.page.add_init_script(f"localStorage.setItem('dockedSidebar', '\"{sidebar}\"')")
    found: dict[str, list[Any]] = {}
    for number, (name, (element, go)) in enumerate((PLACES | MORE_PLACES).items(), LOOKS.index(look)):
        await resize(tab, size["width"], size["height"])
        await go(tab)
        faults: list[Any] = []
        if element == PAGE:
            faults += (await misfits(tab, widths, height=size["height"])).items()
            await resize(tab, widths[number % len(widths)], size["height"])
        if AXE.exists():
            # scripts/setup installs it. What is scrolled halfway under the header is no fault of its size.
            await tab.page.evaluate("scrollTo(0, 0)")
            faults += await tab.violations(element)
        if faults:
            found[name] = faults
    assert found == {}
    assert tab.complaints == []
    await tab.page.context.close()


async def test_a_finger_reaches_everything(home: PastHouse, browser: Browser) -> None:
    tab = await sign_in(browser, home.house, "phone")
    tab.stays = True
    assert await tab.page.evaluate("matchMedia('(pointer: coarse)').matches")
    found: dict[str, list[str]] = {}
    for name, (element, go) in (PLACES | MORE_PLACES).items():
        if element != PAGE:
            continue
        await resize(tab, 390, 844)
        await go(tab)
        found[name] = await small_targets(tab)
        # A tablet, on which other rules about the width hold.
        await resize(tab, 1024, 844)
        found[f"{name} on a tablet"] = await small_targets(tab)
    assert {name: small for name, small in found.items() if small} == {}
    await tab.page.context.close()
