"""A house of its own whose recordings are of other days, so that nothing depends on when a test runs."""

from collections.abc import AsyncGenerator
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from .browser import CARD, Browser, Tab
from .furnish import add_integration
from .house import HomeAssistantProcess
from .household import Member
from .past import fill, utterance
from .satellite import Satellite
from .voices import synthesize

type Said = tuple[tuple[int, int, str | None, str | None], ...]
"""Days ago, hour, what was understood, what was answered; oldest first."""

SAID: Said = (
    (3, 9, "turn on the kitchen light", "Turned on the light"),
    (3, 10, "what time is it", "It is ten"),
    (2, 9, "turn off the kitchen light", "Turned off the light"),
    (2, 10, None, None),
    (2, 11, "what time is it", None),
    (1, 8, "turn on the kitchen light", "Turned on the light"),
    (1, 12, None, None),
    (1, 20, "what time is it", "It is eight"),
)

DASHBOARD = "privacy-card"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastHouse:
    """The house, and what was said in it."""

    house: HomeAssistantProcess
    hall: Member
    audio: dict[str, bytes]
    """By recording id, oldest first."""

    said: Said = SAID
    """What was said, in the same order."""

    def ids(self, *days_ago: int) -> set[str]:
        """Return the recordings of some days."""
        return {
            recording_id
            for recording_id, (day, *_) in zip(self.audio, self.said, strict=True)
            if day in days_ago
        }

    async def kept(self) -> set[str]:
        """Return the recordings that are there."""
        listed = await self.house.client.command("voice_privacy/recordings/list")
        return {recording["id"] for recording in listed["recordings"]}

    def day(self, days_ago: int) -> str:
        """Return a calendar day."""
        return (datetime.now(UTC).date() - timedelta(days=days_ago)).isoformat()


@contextlib.asynccontextmanager
async def past_house(folder: Path, satellite_name: str, said: Said = SAID) -> AsyncGenerator[PastHouse]:
    """Run such a house with one satellite of ours, and a dashboard with the card."""
    house = HomeAssistantProcess(folder)
    async with Satellite(satellite_name) as satellite:
        try:
            await house.start()
            client = house.client
            entry_id = await add_integration(client)
            hall = await Member.create(house, satellite, entry_id)
            for setting, value in (("keep_recordings", "until_deleted"), ("keep_false_wakes", "as_others")):
                await client.command("voice_privacy/retention/set", setting=setting, value=value)
            await _add_card(house)
            await house.stop()
            audio = await _fill(house, hall.subentry_id, said)
            await house.start()
            await hall.refresh()
            yield PastHouse(house=house, hall=hall, audio=audio, said=said)
            assert not house.problems()
        finally:
            await house.stop()


async def _add_card(house: HomeAssistantProcess) -> None:
    card: dict[str, Any] = {
        "type": f"custom:{CARD}",
        "rows": 3,
        "show_transcripts": True,
        "show_play": True,
    }
    await house.client.command(
        "lovelace/dashboards/create", url_path=DASHBOARD, title="Card", mode="storage", show_in_sidebar=False
    )
    await house.client.command(
        "lovelace/config/save", url_path=DASHBOARD, config={"views": [{"cards": [card]}]}
    )


async def _fill(house: HomeAssistantProcess, satellite_id: str, said: Said) -> dict[str, bytes]:
    today = datetime.now(UTC).date()
    utterances = []
    for days_ago, hour, transcript, reply in said:
        speech = await synthesize(transcript or "alexa")
        moment = datetime.combine(today - timedelta(days=days_ago), time(hour), UTC)
        utterances.append(utterance(satellite_id, moment, speech.pcm, transcript, reply=reply))
    fill(house.config, utterances)
    return {spoken.utterance_id: spoken.audio for spoken in utterances}


async def open_card(tab: Tab) -> None:
    """Show the dashboard until its card shows recordings."""
    await tab.open(f"/{DASHBOARD}/0")
    await expect(tab.page.locator(f"{CARD} .rows .line")).to_have_count(3)


async def sign_in(browser: Browser, house: HomeAssistantProcess, look: str) -> Tab:
    """Open the owner's tab in a look: light, dark, phone, right to left, German or zoomed to 200 %."""
    return await browser.sign_in(
        house.token,
        dark=look == "dark",
        phone=look == "phone",
        language={"right to left": "ar", "German": "de"}.get(look, "en"),
        zoom=2 if look == "zoomed" else 1,
    )
