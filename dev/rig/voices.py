"""Voices: sentences spoken by flite, cached in a folder, and the sound of a quiet room.

usage: python -m dev.rig.voices "Alexa, turn on the kitchen light" OUT.wav [--voice slt]
"""

import argparse
import asyncio
from dataclasses import dataclass
from enum import StrEnum
import hashlib
import io
import json
from pathlib import Path
import subprocess
import tempfile
from typing import Final
import wave

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE: Final = 16_000
"""Samples a second of all speech here: mono, 16-bit little-endian."""

BYTES_PER_SECOND: Final = SAMPLE_RATE * 2

ROOM_NOISE_DBFS: Final = -65.0
"""Level of a quiet room; a real microphone is never digitally silent."""

DEFAULT_CACHE: Final = Path(tempfile.gettempdir()) / "voice_privacy_voices"

WAKE_WORD: Final = "Alexa"

COMMANDS: Final = (
    "turn on the kitchen light",
    "turn off the kitchen light",
    "what time is it",
    "delete what I just said",
    "delete everything I said today",
)
"""What the demo's house understands."""


class Voice(StrEnum):
    """Speakers that the wake engine hears reliably."""

    AWB = "awb"
    RMS = "rms"
    SLT = "slt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A stretch of speech between two pauses."""

    start: float
    """Seconds from the first sample."""

    end: float
    """Seconds from the first sample to the end of its last sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """A spoken sentence."""

    text: str
    pcm: bytes
    """Mono, 16-bit little-endian, 16 kHz."""

    phrases: tuple[Phrase, ...]

    @property
    def seconds(self) -> float:
        """Length, silence at both ends included."""
        return len(self.pcm) / BYTES_PER_SECOND

    @property
    def wake_end(self) -> float:
        """Seconds to the end of the first phrase: of the wake word in "Alexa, ..."."""
        return self.phrases[0].end

    @property
    def end(self) -> float:
        """Seconds to the end of the last sound."""
        return self.phrases[-1].end


def command(text: str) -> str:
    """Return a command as one says it to a satellite."""
    return f"{WAKE_WORD}, {text}"


async def synthesize(text: str, *, voice: Voice = Voice.SLT, cache: Path = DEFAULT_CACHE) -> Speech:
    """Speak a sentence with flite, or find it in the cache."""
    name = hashlib.sha256(f"{voice} {text}".encode()).hexdigest()[:24]
    return await asyncio.to_thread(_speak, text, voice, cache / name)


def _speak(text: str, voice: Voice, stem: Path) -> Speech:
    """Do what synthesize promises, in a thread."""
    sound, marks = stem.with_suffix(".wav"), stem.with_suffix(".json")
    if not marks.exists():
        stem.parent.mkdir(parents=True, exist_ok=True)
        # Others may speak the same sentence at the same time: nobody finds half of a file.
        with tempfile.TemporaryDirectory(dir=stem.parent) as folder:
            new_sound, new_marks = Path(folder) / sound.name, Path(folder) / marks.name
            flite = subprocess.run(
                ["flite", "-voice", voice, "-psdur", "-t", text, "-o", new_sound],
                check=True,
                capture_output=True,
                text=True,
            )
            new_marks.write_text(json.dumps(_phrases(flite.stdout)))
            new_sound.replace(sound)
            new_marks.replace(marks)
    with wave.open(str(sound)) as reader:
        if (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) != (SAMPLE_RATE, 1, 2):
            raise ValueError(f"voice {voice} does not speak 16 kHz, 16-bit mono")
        pcm = reader.readframes(reader.getnframes())
    phrases = tuple(Phrase(start=start, end=end) for start, end in json.loads(marks.read_text()))
    return Speech(text=text, pcm=pcm, phrases=phrases)


def _phrases(durations: str) -> list[tuple[float, float]]:
    """Read flite's "sound:end sound:end ..." into phrases; "pau" is a pause."""
    phrases: list[tuple[float, float]] = []
    start: float | None = None
    previous = 0.0
    for item in durations.split():
        sound, _, ends = item.partition(":")
        if sound == "pau":
            if start is not None:
                phrases.append((start, previous))
            start = None
        elif start is None:
            start = previous
        previous = float(ends)
    if start is not None:
        phrases.append((start, previous))
    return phrases


def room_noise(samples: int, *, level_dbfs: float = ROOM_NOISE_DBFS, seed: int = 1) -> NDArray[np.int16]:
    """Return the noise of a quiet room, louder towards low frequencies as rooms are."""
    white = np.random.default_rng(seed).standard_normal(samples)
    spectrum = np.fft.rfft(white)
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), len(spectrum) / 200))
    noise = np.fft.irfft(spectrum, samples)
    noise *= 32_768 * 10 ** (level_dbfs / 20) / np.sqrt(np.mean(noise**2))
    return np.rint(noise).astype(np.int16)


def with_room_noise(pcm: bytes, *, seed: int = 1) -> bytes:
    """Return speech as a microphone in a quiet room hears it."""
    speech = np.frombuffer(pcm, "<i2").astype(np.int32)
    return np.clip(speech + room_noise(len(speech), seed=seed), -32_768, 32_767).astype("<i2").tobytes()


def wav(pcm: bytes) -> bytes:
    """Return speech as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLE_RATE)
        writer.writeframes(pcm)
    return buffer.getvalue()


def main() -> None:
    """Write one sentence to a WAV file and print where its phrases end."""
    parser = argparse.ArgumentParser(description="Speak a sentence into a WAV file.")
    parser.add_argument("text")
    parser.add_argument("out", type=Path)
    parser.add_argument("--voice", type=Voice, choices=list(Voice), default=Voice.SLT)
    arguments = parser.parse_args()
    speech = asyncio.run(synthesize(arguments.text, voice=arguments.voice))
    arguments.out.write_bytes(wav(with_room_noise(speech.pcm)))
    for phrase in speech.phrases:
        print(f"{phrase.start:.3f} .. {phrase.end:.3f} s")  # noqa: T201


if __name__ == "__main__":
    main()
