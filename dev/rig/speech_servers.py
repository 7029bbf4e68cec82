"""Wyoming speech-to-text and text-to-speech servers that work offline.

usage: python -m dev.rig.speech_servers [--stt-port PORT] [--tts-port PORT] [--whisper]
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
import contextlib
import json
from typing import Final, override

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioChunkConverter, AudioStart, AudioStop
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.tts import Synthesize

from .loopback_server import LoopbackServer
from .transcribers import GrammarTranscriber, Transcriber, WhisperTranscriber
from .voices import SAMPLE_RATE, Voice, synthesize

_CHUNK_BYTES: Final = 2_048
_ATTRIBUTION: Final = Attribution(name="", url="")

type Write = Callable[[Event], Awaitable[None]]


class _WyomingServer(LoopbackServer):
    """A TCP server that answers describe and hands every other event to its subclass."""

    @override
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def write(event: Event) -> None:
            await async_write_event(event, writer)

        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            events = self._events(reader, write)
            await self._handle(events, write)
        writer.close()

    async def _events(self, reader: asyncio.StreamReader, write: Write) -> AsyncIterator[Event]:
        while (event := await async_read_event(reader)) is not None:
            if Describe.is_type(event.type):
                await write(self._info().event())
            else:
                yield event

    def _info(self) -> Info:
        raise NotImplementedError

    async def _handle(self, events: AsyncIterator[Event], write: Write) -> None:
        raise NotImplementedError


class SttServer(_WyomingServer):
    """Transcribe what is sent, and count."""

    def __init__(self, transcriber: Transcriber | None = None, *, port: int = 0) -> None:
        """Use the closed grammar of the demo unless told otherwise."""
        super().__init__(port=port)
        self.transcriber: Transcriber = transcriber or GrammarTranscriber()
        self.transcripts: list[str] = []
        """Every answer, oldest first."""

        self.seconds_heard: list[float] = []
        """Length of every clip."""

        self._answers_nothing = False

    @contextlib.contextmanager
    def hearing_nothing(self) -> Iterator[None]:
        """Answer with an empty text, as after a wake without a command."""
        self._answers_nothing = True
        try:
            yield
        finally:
            self._answers_nothing = False

    async def stop(self) -> None:
        """Close the port and let go of the engine."""
        await super().stop()
        await self.transcriber.close()

    def _info(self) -> Info:
        model = AsrModel(
            name=self.transcriber.name,
            attribution=_ATTRIBUTION,
            installed=True,
            description=self.transcriber.name,
            version=None,
            languages=["en"],
        )
        program = AsrProgram(
            name=self.transcriber.name,
            attribution=_ATTRIBUTION,
            installed=True,
            description=None,
            version=None,
            models=[model],
        )
        return Info(asr=[program])

    async def _handle(self, events: AsyncIterator[Event], write: Write) -> None:
        audio = bytearray()
        converter = AudioChunkConverter(rate=SAMPLE_RATE, width=2, channels=1)
        async for event in events:
            if AudioStart.is_type(event.type) or Transcribe.is_type(event.type):
                audio.clear()
            elif AudioChunk.is_type(event.type):
                audio += converter.convert(AudioChunk.from_event(event)).audio
            elif AudioStop.is_type(event.type):
                text = "" if self._answers_nothing else await self.transcriber.transcribe(bytes(audio))
                self.transcripts.append(text)
                self.seconds_heard.append(len(audio) / (2 * SAMPLE_RATE))
                audio.clear()
                await write(Transcript(text=text).event())


class TtsServer(_WyomingServer):
    """Speak with flite."""

    def __init__(self, *, port: int = 0) -> None:
        """Prepare; start opens the port."""
        super().__init__(port=port)
        self.texts: list[str] = []
        """Everything it was asked to say, oldest first."""

    def _info(self) -> Info:
        voices = [
            TtsVoice(
                name=voice.value,
                attribution=_ATTRIBUTION,
                installed=True,
                description=voice.value,
                version=None,
                languages=["en_US"],
                speakers=None,
            )
            for voice in Voice
        ]
        program = TtsProgram(
            name="flite",
            attribution=_ATTRIBUTION,
            installed=True,
            description=None,
            version=None,
            voices=voices,
        )
        return Info(tts=[program])

    async def _handle(self, events: AsyncIterator[Event], write: Write) -> None:
        async for event in events:
            if not Synthesize.is_type(event.type):
                continue
            request = Synthesize.from_event(event)
            self.texts.append(request.text)
            name = request.voice.name if request.voice else None
            voice = Voice(name) if name in list(Voice) else Voice.SLT
            speech = await synthesize(request.text, voice=voice)
            await write(AudioStart(rate=SAMPLE_RATE, width=2, channels=1).event())
            for start in range(0, len(speech.pcm), _CHUNK_BYTES):
                audio = speech.pcm[start : start + _CHUNK_BYTES]
                await write(AudioChunk(rate=SAMPLE_RATE, width=2, channels=1, audio=audio).event())
            await write(AudioStop().event())


async def _run(arguments: argparse.Namespace) -> None:
    """Run both servers until interrupted."""
    transcriber = await WhisperTranscriber.create() if arguments.whisper else None
    stt, tts = SttServer(transcriber, port=arguments.stt_port), TtsServer(port=arguments.tts_port)
    await stt.start()
    await tts.start()
    print(json.dumps({"stt": stt.port, "tts": tts.port}), flush=True)  # noqa: T201
    try:
        await asyncio.Event().wait()
    finally:
        await stt.stop()
        await tts.stop()


def main() -> None:
    """Run both servers."""
    parser = argparse.ArgumentParser(description="Serve speech-to-text and text-to-speech offline.")
    parser.add_argument("--stt-port", type=int, default=0)
    parser.add_argument("--tts-port", type=int, default=0)
    parser.add_argument("--whisper", action="store_true", help="free speech instead of the demo's sentences")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
