"""A wake word taught at a satellite by speaking to it, through the page's own commands."""

from typing import Any

from custom_components.voice_privacy.const import DOMAIN

from .house import KITCHEN, House
from .people import Desk
from .talker import silence, speech

NAME = "Hey Lighthouse"
WORD = "hey_lighthouse"
SAID = "hey lighthouse"


async def code_of(desk: Desk, command: str, /, **fields: Any) -> str | None:
    """Send one of the commands for taught words; return the code of its error, None when it was done."""
    answer = await desk.ask(f"{DOMAIN}/taught/{command}", **fields)
    return None if answer["success"] else str(answer["error"]["code"])


class Lesson:
    """One teaching session of somebody at a desk."""

    def __init__(self, house: House, desk: Desk) -> None:
        """Sit down; nothing is begun yet."""
        self.house = house
        self.desk = desk
        self.number = 0
        self.session = ""
        self.word = ""

    def events(self, number: int, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the events of a subscription, oldest first."""
        return [
            dict(message["event"])
            for message in self.desk.told
            if message["type"] == "event"
            and message["id"] == number
            and kind in (None, message["event"].get("type"))
        ]

    async def ask(self, command: str, /, **fields: Any) -> dict[str, Any]:
        """Send a command that is to succeed; return its result."""
        answer = await self.desk.ask(f"{DOMAIN}/taught/{command}", **fields)
        assert answer["success"], answer
        return dict(answer["result"])

    async def refused(self, command: str, /, **fields: Any) -> str | None:
        """Send a command; return the code of its error, None when it was done."""
        return await code_of(self.desk, command, **fields)

    async def begin(self, name: str = NAME, satellite_id: str = KITCHEN) -> dict[str, Any]:
        """Begin; return the first event."""
        number = self.desk.send(f"{DOMAIN}/taught/begin", name=name, satellite_id=satellite_id, consent=True)
        await self.desk.until_told(
            lambda: bool(self.events(number)) or self.desk.answer_to(number) is not None
        )
        answer = self.desk.answer_to(number)
        assert answer is None or answer["success"], answer
        await self.desk.until_told(lambda: bool(self.events(number)))
        (told,) = self.events(number)
        self.number, self.session, self.word = number, told["session"], told["id"]
        return told

    @property
    def ends(self) -> list[str | None]:
        """Codes with which the session has ended."""
        return [event["code"] for event in self.events(self.number, "end")]

    async def open(self, kind: str = "word", person: int = 1) -> int:
        """Open the microphone for a clip and wait for its first sound; return the subscription's number."""
        number = self.desk.send(f"{DOMAIN}/taught/clip", session=self.session, kind=kind, person=person)
        await self.desk.until_told(
            lambda: bool(self.events(number)) or self.desk.answer_to(number) is not None
        )
        answer = self.desk.answer_to(number)
        assert answer is None or answer["success"], answer
        await self.desk.until_told(lambda: bool(self.events(number, "level")))
        return number

    async def hear(self, *pcm: bytes, kind: str = "word", person: int = 1) -> dict[str, Any]:
        """Have one clip recorded; return its event."""
        number = await self.open(kind, person)
        await self.house.kitchen.blurt(silence(0.3), *pcm, silence(1.2))
        await self.desk.until_told(lambda: bool(self.events(number, "end")))
        assert [event["code"] for event in self.events(number, "end")] == [None], self.events(number)
        (clip,) = self.events(number, "clip")
        return clip

    async def say(self, text: str = SAID, *, kind: str = "word", person: int = 1) -> dict[str, Any]:
        """Have somebody say something for one clip; return its event."""
        return await self.hear(await speech(text), kind=kind, person=person)

    async def teach(self, clips: int = 3, *, against: tuple[str, ...] = ()) -> None:
        """Say the word so many times, and what must not wake it twice each, and make the word."""
        for _ in range(clips):
            assert (await self.say())["verdict"] == "good"
        for text in against:
            for _ in range(2):
                await self.say(text, kind="other")
        await self.ask("make", session=self.session)

    async def save(self) -> str:
        """Save the word; return its id."""
        answer = await self.ask("save", session=self.session, accept_similar=True)
        return str(answer["id"])
