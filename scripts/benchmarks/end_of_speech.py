"""Last sound of a command to its end: ours against Home Assistant's detector alone, on the same audio in noise."""

from argparse import Namespace
import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
import itertools
from pathlib import Path
import statistics
from typing import Any, Final

from homeassistant.components.assist_pipeline.vad import VoiceCommandSegmenter
import numpy as np
from numpy.typing import NDArray
from pymicro_vad import MicroVad

from custom_components.voice_privacy.core.audio import SAMPLE_RATE
from custom_components.voice_privacy.core.capture import PRE_ROLL_SECONDS, CaptureSession, Wake
from custom_components.voice_privacy.core.models import StartedBy
from dev.rig.voices import Voice, room_noise, synthesize
from scripts.benchmarks import argument_parser, machine, print_json, print_machine
from scripts.benchmarks._recordings import read_wav

type Sound = NDArray[np.float64]

_BEFORE_SECONDS: Final = 4.5
"""Of the room, before the command begins: what a satellite's buffer holds, with the wake word at its end."""

_AFTER_SECONDS: Final = 18.0
_PIECE: Final = SAMPLE_RATE // 100
"""10 ms, in which Home Assistant looks at audio."""

_ROOM_DBFS: Final = -68.0
_NOISES: Final = ("none", "fan", "television", "babble")
_BELOW: Final = (20, 10)
"""How far the noise is below the command, dB."""

_SPEAKERS: Final = (-20.0, -40.0)
"""Levels of the command, dBFS."""

_GAPS: Final = (0.0, 0.2, 0.4, 0.8)
_PAUSES: Final = (0.3, 0.45, 0.6)
_SENTENCES: Final = (
    "the weather tomorrow will be cloudy with some rain in the afternoon",
    "and now for the news from around the world tonight",
    "she said that she would never go back to that house again",
    "the game ended two to one after extra time yesterday evening",
)
_COMMANDS: Final = {
    "short": (("stop",), ("light",), ("yes",)),
    "long": (("turn on the kitchen light",), ("set a timer for ten minutes",)),
    "with pauses": (
        ("turn on", "the kitchen light", "and the radio"),
        ("add milk", "and eggs", "to the list"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A command in a room."""

    kind: str
    noise: str
    pcm: bytes
    begin: int
    """Sample at which the wake word has ended."""

    end: int
    """Sample at which the last sound of the command has ended, or of the wake word if there is no command."""


def _levels(sound: Sound) -> Sound:
    """Return the level of each 10 ms, dBFS."""
    pieces = sound[: len(sound) // _PIECE * _PIECE].reshape(-1, _PIECE)
    return np.asarray(10 * np.log10(np.mean(pieces**2, axis=1) / 32_768**2 + 1e-10))


def _spoken(sound: Sound) -> Sound:
    """Return a recording without the silence around what is said."""
    levels = _levels(sound)
    loud = np.flatnonzero(levels >= max(levels.max() - 30, np.percentile(levels, 10) + 8))
    return sound[loud[0] * _PIECE : (loud[-1] + 1) * _PIECE]


def _at(sound: Sound, dbfs: float) -> Sound:
    """Return a sound at a level, which its loudest tenth exceeds."""
    return sound * 10 ** ((dbfs - float(np.percentile(_levels(sound), 90))) / 20)


def _say(text: str, number: int) -> Sound:
    """Return a text spoken by one of the voices."""
    voice = list(Voice)[number % len(Voice)]
    return _spoken(np.frombuffer(asyncio.run(synthesize(text, voice=voice)).pcm, "<i2").astype(np.float64))


def _talk(samples: int, number: int) -> Sound:
    """Return somebody who talks on, with short pauses."""
    random = np.random.default_rng(number)
    sound, at = np.zeros(samples), 0
    while at < samples:
        sentence = _at(_say(_SENTENCES[random.integers(len(_SENTENCES))], int(random.integers(3))), -20)
        part = sentence[: samples - at]
        sound[at : at + len(part)] += part
        at += len(sentence) + int(random.uniform(0.1, 0.6) * SAMPLE_RATE)
    return sound


def _noise(name: str, samples: int, number: int) -> Sound:
    """Return the noise of a room."""
    match name:
        case "fan":
            return room_noise(samples, level_dbfs=-30.0, seed=number).astype(np.float64)
        case "television":
            time = np.arange(samples) / SAMPLE_RATE
            chord = sum(np.sin(2 * np.pi * hertz * time) for hertz in (220, 277, 330))
            return np.asarray(_talk(samples, number) + 300 * chord * (1 + np.sin(np.pi * time) / 2))
        case "babble":
            return np.asarray(sum(_talk(samples, 10 * number + voice) for voice in range(5)))
    return np.zeros(samples)


def _case(
    kind: str, parts: list[Sound], wake_word: Sound, noise: tuple[str, float], level: float, number: int
) -> _Case:
    """Compose a command."""
    name, below = noise
    pieces = [np.zeros(int(_BEFORE_SECONDS * SAMPLE_RATE) - len(wake_word)), _at(wake_word, level)]
    begin = end = sum(map(len, pieces))
    for index, part in enumerate(parts):
        pause = _PAUSES[(number + index) % len(_PAUSES)] if index else _GAPS[number % len(_GAPS)]
        pieces += [np.zeros(int(pause * SAMPLE_RATE)), _at(part, level)]
        end = sum(map(len, pieces))
    pieces.append(np.zeros(int(_AFTER_SECONDS * SAMPLE_RATE)))
    sound = np.concatenate(pieces)
    sound += room_noise(len(sound), level_dbfs=_ROOM_DBFS, seed=number)
    if name != "none":
        sound += _at(_noise(name, len(sound), number), level - below)
    pcm = sound.round().clip(-32_768, 32_767).astype("<i2").tobytes()
    return _Case(kind=kind, noise=name, pcm=pcm, begin=begin, end=end)


def _cases(recordings: list[Sound]) -> Iterator[_Case]:
    """Compose every kind of command in every room."""
    spoken = {kind: [[_say(part, 0) for part in text] for text in texts] for kind, texts in _COMMANDS.items()}
    spoken["bare wake word"] = [[]]
    if recordings:
        spoken["recorded word"] = [[one] for one in recordings]
    rooms = [(noise, below) for noise in _NOISES for below in (_BELOW if noise != "none" else _BELOW[:1])]
    numbers = itertools.count()
    for room, level in itertools.product(rooms, _SPEAKERS):
        for kind, commands in spoken.items():
            for number in (next(numbers), next(numbers)):
                parts = commands[number % len(commands)]
                yield _case(kind, parts, _say("Alexa", number), room, level, number)


def _ours(case: _Case) -> float | None:
    """Return after how many seconds of the command's audio we end it."""
    word = case.begin - int(PRE_ROLL_SECONDS * SAMPLE_RATE)
    capture = CaptureSession(
        "",
        Wake(started_by=StartedBy.WAKE_WORD),
        pre_roll=case.pcm[2 * word : 2 * case.begin],
        before=case.pcm[: 2 * word],
        started_at=datetime.now(UTC),
        started_monotonic=0,
    )
    for number, at in enumerate(range(2 * case.begin, len(case.pcm), 2 * _PIECE), start=1):
        capture.add(case.pcm[at : at + 2 * _PIECE])
        if capture.fell_silent:
            return number * _PIECE / SAMPLE_RATE
    return None


def _home_assistants(case: _Case) -> float | None:
    """Return the same for Home Assistant's detector, which hears the command only."""
    segmenter, detector = VoiceCommandSegmenter(), MicroVad()
    for number, at in enumerate(range(2 * case.begin, len(case.pcm), 2 * _PIECE), start=1):
        piece = case.pcm[at : at + 2 * _PIECE]
        if not segmenter.process(_PIECE / SAMPLE_RATE, detector.Process10ms(piece)):
            return number * _PIECE / SAMPLE_RATE
    return None


def _figures(cases: list[_Case], detect: Callable[[_Case], float | None]) -> dict[str, Any]:
    """Return what a detector does with cases of one kind."""
    after = [
        _AFTER_SECONDS if (end := detect(case)) is None else end - (case.end - case.begin) / SAMPLE_RATE
        for case in cases
    ]
    return {
        "median_s": round(statistics.median(after), 2),
        "worst_s": round(max(after), 2),
        "cut": sum(seconds < 0 for seconds in after),
    }


def _measure(arguments: Namespace) -> dict[str, Any]:
    """Measure every kind of command in every noise."""
    recordings = [] if arguments.audio is None else sorted(arguments.audio.glob("*.wav"))
    sounds = [sound.astype(np.float64) for path in recordings if (sound := read_wav(path)) is not None]
    cases: dict[tuple[str, str], list[_Case]] = {}
    for case in _cases([_spoken(sound) for sound in sounds]):
        cases.setdefault((case.kind, case.noise), []).append(case)
    return {
        f"{kind}, {noise}": {
            "cases": len(found),
            "ours": _figures(found, _ours),
            "home_assistant": _figures(found, _home_assistants),
        }
        for (kind, noise), found in cases.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argument_parser(__doc__)
    parser.add_argument("--audio", type=Path, help="folder with WAV files of words, to use as commands")
    figures = _measure(parser.parse_args())
    if parser.parse_args().json:
        print_json({"machine": machine(), "after_last_sound": figures})
        return
    print_machine(machine())
    print("seconds from the last sound (of the wake word, if it is bare) to the end of the utterance")
    print(f"{'command, noise':28} {'cases':>5}  {'ours: median, worst, cut':>26}  {'Home Assistant':>26}")
    for name, figure in figures.items():
        both = "  ".join(
            f"{figure[who]['median_s']:>10} {figure[who]['worst_s']:>10} {figure[who]['cut']:>4}"
            for who in ("ours", "home_assistant")
        )
        print(f"{name:28} {figure['cases']:>5}  {both}")


if __name__ == "__main__":
    main()
