"""A simulated satellite that says a sentence at once instead of in real time, so that tests need not wait for it."""

from collections.abc import AsyncGenerator
import contextlib
import time

from wyoming.event import Event

from dev.rig.satellite import Mode, Satellite
from dev.rig.voices import BYTES_PER_SECOND, room_noise, synthesize

QUESTION = "what time is it"


class Talker(Satellite):
    """A satellite over real TCP; room noise flows in real time, speech as fast as it is taken."""

    async def blurt(self, *pcm: bytes) -> None:
        """Send speech (mono, 16-bit, 16 kHz), in the noise of the room, without taking its time.

        A link lets a burst of 5 s pass, and then twice the speed of sound.
        """
        spoken = self.microphone.say(b"".join(pcm))
        while not spoken.done():
            audio = self.microphone.next_chunk()
            if self.is_streaming and await self._send(self._chunk(audio)):
                self.frames_sent += 1
                self._sent.append((time.monotonic(), audio))
        self.log.notify()

    async def wake_up(self) -> None:
        """Say the wake word, then nothing: the utterance stays open until somebody ends it."""
        since = time.monotonic()
        await self.blurt(silence(0.5), await speech("Alexa"), silence(0.3))
        await self.wait_for_event("detection", since=since)

    async def ask(self, text: str = QUESTION) -> None:
        """Say the wake word and a command, then be silent for long enough."""
        await self.wake_up()
        await self.finish(text)

    async def finish(self, text: str = QUESTION) -> None:
        """Say the command after the wake word, then be silent for long enough."""
        await self.blurt(await speech(text), silence(1.5))

    async def emit(self, event: Event) -> None:
        """Send any event."""
        await self._send(event)

    async def wait_for_count(self, event_type: str, count: int) -> None:
        """Wait until so many events of a type have come."""
        await self.log.wait_for(
            lambda: len(self.log.received(event_type)) >= count or None,
            f"no {event_type} number {count}",
            timeout=10,
        )

    def heard_by_server(self, audio: bytes) -> int:
        """Return at which byte of all audio that was sent this stretch begins, or -1."""
        return self.sent_audio().find(audio)


def silence(seconds: float) -> bytes:
    """Return nothing but a pause; the room's noise comes on top."""
    return bytes(int(seconds * BYTES_PER_SECOND) // 2 * 2)


def loud(seconds: float, *, seed: int = 5) -> bytes:
    """Return noise that nobody could miss, none of which repeats."""
    samples = int(seconds * BYTES_PER_SECOND) // 2
    return room_noise(samples, level_dbfs=-20.0, seed=seed).tobytes()


async def speech(text: str) -> bytes:
    """Return a spoken sentence, mono, 16-bit, 16 kHz."""
    return (await synthesize(text)).pcm


@contextlib.asynccontextmanager
async def talker(name: str, mode: Mode = Mode.ALWAYS_STREAMING) -> AsyncGenerator[Talker]:
    """Run a satellite on a free port."""
    satellite = Talker(name, mode=mode)
    await satellite.start()
    try:
        yield satellite
    finally:
        await satellite.stop()
