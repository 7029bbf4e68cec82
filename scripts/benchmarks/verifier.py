"""What a verifier learned from some clips does to others: detections, false accepts, CPU; the level check too."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
import itertools
from pathlib import Path
import shutil
import subprocess
import tempfile
import time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.audio import CHUNK_SAMPLES, SAMPLE_RATE
from custom_components.voice_privacy.core.errors import WakeModelError
from custom_components.voice_privacy.wake.augmentation import BASE_SCORE, background_windows, windows_of
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.evaluation import ACCEPT_SCORE
from custom_components.voice_privacy.wake.second_stage import LOOK_BACK_CHUNKS, stands_out
from custom_components.voice_privacy.wake.verifier import Verifier
from custom_components.voice_privacy.wake.verifier_training import LabeledClip, evaluate, learn
from scripts.benchmarks import ROOT, argument_parser, machine, print_json, print_machine
from scripts.benchmarks._recordings import read_wav
from scripts.benchmarks.wake import load_engine

type Samples = NDArray[np.float64]

WAKE_WORD: Final = "alexa"
THRESHOLDS: Final = (0.5, 0.1, 0.05)
CONDITIONS: Final = (("clean", None), ("babble", 10.0), ("babble", 5.0), ("pink", 10.0), ("pink", 5.0))
"""Noise at test time with its signal-to-noise ratio in dB. The babble is real speech, and so not the noise
that the verifier was trained with."""

CONFUSABLES: Final = (
    "a lexus",
    "Alexis",
    "less than",
    "all excess",
    "relax us",
    "a lecture",
    "elixir",
    "Texas",
)
VOICES: Final = ("slt", "rms", "awb", "kal16")
STRETCHES: Final = ("0.85", "1.0", "1.2")
HOUSEHOLD_STRETCHES: Final = ("0.8", "0.9", "1.0", "1.1", "1.25")
TRAINED_STRETCH: Final = "1.0"
NOISE_MINUTES: Final = 5
BATCH: Final = 32
QUIET: Final = 20.0
"""Standard deviation of a quiet room's noise, 16-bit units."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clip:
    """Something to be heard."""

    pcm: NDArray[np.int16]
    phrase: str = ""
    """What flite says, with which voice."""

    stretch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """What the engine makes of one stream: the chunks that anybody might be woken by."""

    scores: NDArray[np.float32]
    windows: NDArray[np.float32]
    louder: NDArray[np.bool_]
    """Whether each passes the look at the level."""


# --- sound ---------------------------------------------------------------------------------------


def flite(text: str, voice: str, stretch: str) -> NDArray[np.int16]:
    """Return what one of flite's voices says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        command = [
            "flite",
            "-voice",
            voice,
            "--setf",
            f"duration_stretch={stretch}",
            "-t",
            text,
            "-o",
            str(path),
        ]
        subprocess.run(command, check=True, timeout=30)
        samples = read_wav(path)
    assert samples is not None
    return samples


def spoken(texts: Sequence[str], stretches: Sequence[str] = STRETCHES) -> list[Clip]:
    """Return texts in every voice and speed."""
    return [
        Clip(pcm=flite(text, voice, stretch), phrase=f"{text}/{voice}", stretch=stretch)
        for text, voice, stretch in itertools.product(texts, VOICES, stretches)
    ]


def read_folder(folder: Path) -> list[Clip]:
    """Return the recordings of a folder."""
    read = (read_wav(path) for path in sorted(folder.glob("*.wav")))
    return [Clip(pcm=samples) for samples in read if samples is not None]


def real_babble(clips: Sequence[Clip], seconds: float, seed: int) -> Samples:
    """Return eight voices at once, made from recordings, at level 1."""
    random = np.random.default_rng(seed)
    count = int(seconds * SAMPLE_RATE)
    mixed = np.zeros(count)
    for _ in range(8):
        order = random.permutation(len(clips))
        voice = np.concatenate([clips[int(at)].pcm for at in order]).astype(np.float64)
        voice = np.resize(np.roll(voice, int(random.integers(len(voice)))), count)
        mixed += voice / max(1.0, float(np.sqrt(np.mean(voice**2))))
    return mixed / np.sqrt(np.mean(mixed**2))


def pink(seconds: float, seed: int) -> Samples:
    """Return pink noise at level 1."""
    count = int(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=count))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 50 * seconds))
    noise = np.fft.irfft(spectrum, count)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def in_room(clip: Clip, noise: Samples | None, decibels: float | None, seed: int) -> NDArray[np.int16]:
    """Return a clip with 2 s before and 1.5 s after it, in noise or in a quiet room."""
    random = np.random.default_rng(seed)
    before, after = 2 * SAMPLE_RATE, SAMPLE_RATE * 3 // 2
    samples = clip.pcm.astype(np.float64)
    room = random.normal(0, QUIET, before + len(samples) + after)
    room[before : before + len(samples)] += samples
    if noise is not None and decibels is not None:
        frames = samples[: len(samples) // 400 * 400].reshape(-1, 400)
        levels = np.sqrt(np.mean(frames**2, axis=1))
        active = float(np.sqrt(np.mean(levels[levels > levels.max() / 10] ** 2)))
        at = int(random.integers(len(noise) - len(room)))
        room += noise[at : at + len(room)] * active / 10 ** (decibels / 20)
    return room.round().clip(-32_768, 32_767).astype(np.int16)


def hear(engine: WakeEngine, streams: Sequence[NDArray[np.int16]]) -> list[Heard]:
    """Return what the engine makes of streams."""
    heard: list[Heard] = []
    for batch in itertools.batched(streams, BATCH, strict=False):
        heard += hear_batch(engine, batch)
    return heard


def hear_batch(engine: WakeEngine, batch: Sequence[NDArray[np.int16]]) -> list[Heard]:
    """Return what the engine makes of streams that it hears at the same time."""
    handles = [engine.open_stream() for _ in batch]
    found: list[list[tuple[float, NDArray[np.float32], bool]]] = [[] for _ in batch]
    for end in range(CHUNK_SAMPLES, max(map(len, batch)) + 1, CHUNK_SAMPLES):
        now = [at for at, samples in enumerate(batch) if end <= len(samples)]
        chunks = np.stack([batch[at][end - CHUNK_SAMPLES : end] for at in now])
        scores = engine.process([handles[at] for at in now], chunks)[:, 0].tolist()
        for at, score in zip(now, scores, strict=True):
            if score >= BASE_SCORE:
                last = batch[at][max(0, end - LOOK_BACK_CHUNKS * CHUNK_SAMPLES) : end].astype("<i2").tobytes()
                pieces = [last[at : at + 2 * CHUNK_SAMPLES] for at in range(0, len(last), 2 * CHUNK_SAMPLES)]
                found[at].append((score, engine.embeddings(handles[at]), stands_out(pieces)))
    for handle in handles:
        engine.close_stream(handle)
    return [
        Heard(
            scores=np.array([score for score, _, _ in of_stream], np.float32),
            windows=np.array([window for _, window, _ in of_stream], np.float32).reshape(-1, 16, 96),
            louder=np.array([louder for _, _, louder in of_stream], np.bool_),
        )
        for of_stream in found
    ]


# --- counting ------------------------------------------------------------------------------------


def woken(
    heard: Sequence[Heard], threshold: float, verifier: Verifier | None = None, *, level: bool = False
) -> int:
    """Return how many streams have a wake."""
    count = 0
    for stream in heard:
        asked = stream.scores >= threshold
        if level:
            asked &= stream.louder
        if verifier is not None and asked.any():
            asked &= verifier.scores(stream.windows.astype(np.float16)) >= ACCEPT_SCORE
        count += bool(asked.any())
    return count


def split(clips: Sequence[Any], count: int, random: np.random.Generator) -> tuple[list[int], list[int]]:
    """Return which clips to train with and which to test with."""
    order = [int(at) for at in random.permutation(len(clips))]
    return order[:count], order[count:]


class Bench:
    """Everything that is heard once, and split in many ways."""

    def __init__(self, engine: WakeEngine, audio: Path) -> None:
        """Read, mix and hear."""
        self.engine = engine
        self.real = (audio / WAKE_WORD).is_dir()
        self.wakes = (
            read_folder(audio / WAKE_WORD) if self.real else spoken(["Alexa"], ("0.8", *STRETCHES, "1.4"))
        )
        self.others = (
            read_folder(audio / "other") if self.real else spoken(["computer", "what time is it", "jarvis"])
        )
        self.household = spoken(["Alexa"], HOUSEHOLD_STRETCHES)
        self.confusables = spoken(CONFUSABLES)
        # Half of the other words make the babble and are not among the negatives.
        half = len(self.others) // 2
        noises = {"babble": real_babble(self.others[half:], 60, 1), "pink": pink(60, 2)}
        self.others = self.others[:half]
        self.heard = {
            name: [
                hear(engine, [in_room(clip, noises.get(kind), db, at) for at, clip in enumerate(clips)])
                for kind, db in CONDITIONS
            ]
            for name, clips in (
                ("wakes", self.wakes),
                ("household", self.household),
                ("others", self.others),
                ("confusables", self.confusables),
            )
        }
        minutes = [
            noise * level
            for noise in (real_babble(self.others, 60, 3), pink(60, 4))
            for level in (300, 3_000)
        ]
        self.noise = hear(
            engine,
            [
                np.roll(minute, shift * SAMPLE_RATE * 7).round().clip(-32_768, 32_767).astype(np.int16)
                for minute in minutes
                for shift in range(NOISE_MINUTES)
            ],
        )

        # Only what wakes a satellite can be labeled a false wake.
        self.waking = [
            at
            for at, clip in enumerate(self.confusables)
            if clip.stretch == TRAINED_STRETCH and woken([self.heard["confusables"][0][at]], 0.5)
        ]
        self.background = background_windows(engine)
        self.learnable = {
            "wakes": self._learnable(self.wakes, meant=True, first_seed=0),
            "household": self._learnable(self.household, meant=True, first_seed=500),
            "false": self._learnable(
                [self.confusables[at] for at in self.waking], meant=False, first_seed=1_000
            ),
        }

    def _learnable(self, clips: Sequence[Clip], *, meant: bool, first_seed: int) -> list[LabeledClip]:
        """Return clips as a verifier learns from them."""
        return [
            LabeledClip(
                meant=meant,
                windows=windows_of(
                    self.engine, WAKE_WORD, clip.pcm.astype("<i2").tobytes(), seed=first_seed + at
                ),
            )
            for at, clip in enumerate(clips)
        ]

    def row(
        self, people: str, threshold: float, test: dict[str, list[int]], verifier: Verifier | None
    ) -> list[float]:
        """Return detections in each condition and false accepts of each kind, in percent."""

        def share(kind: str, members: Sequence[int], conditions: Sequence[int]) -> float:
            streams = [self.heard[kind][at][member] for at in conditions for member in members]
            return 100 * woken(streams, threshold, verifier) / max(1, len(streams))

        every = range(len(CONDITIONS))
        return [
            *(share(people, test["wakes"], [at]) for at in every),
            share("confusables", test["again"], every),
            share("confusables", test["new"], every),
            share("others", range(len(self.others)), every),
            100 * woken(self.noise, threshold, verifier) / len(self.noise),
        ]

    def level_losses(self) -> dict[str, Any]:
        """Return what the look at the level alone drops."""
        dropped = {}
        for threshold in THRESHOLDS:
            lost = [
                woken(streams, threshold) - woken(streams, threshold, level=True)
                for streams in self.heard["wakes"]
            ]
            noise = woken(self.noise, threshold) - woken(self.noise, threshold, level=True)
            dropped[str(threshold)] = {
                "detections_lost": lost,
                "noise_minutes_waking": woken(self.noise, threshold),
                "of_these_dropped": noise,
            }
        return dropped


COLUMNS: Final = (
    *(kind if db is None else f"{kind} {db:.0f}" for kind, db in CONDITIONS),
    "again",
    "new",
    "words",
    "noise",
)


def measure(bench: Bench, people: str, wakes: int, false_wakes: int, repeats: int) -> dict[str, Any]:
    """Train with so many clips and test with the rest, several times; return the means."""
    rows: dict[str, list[list[float]]] = {}
    training: list[float] = []
    judging: list[float] = []
    better = 0
    for repeat in range(repeats):
        random = np.random.default_rng(repeat)
        trained, tested = split(bench.learnable[people], wakes, random)
        marked, _ = split(bench.waking, false_wakes, random)
        phrases = {bench.confusables[bench.waking[at]].phrase for at in marked}
        test = {
            "wakes": tested,
            "again": [
                at
                for at, clip in enumerate(bench.confusables)
                if clip.phrase in phrases and clip.stretch != TRAINED_STRETCH
            ],
            "new": [at for at, clip in enumerate(bench.confusables) if clip.phrase not in phrases],
        }
        clips = [bench.learnable[people][at] for at in trained] + [
            bench.learnable["false"][at] for at in marked
        ]
        start = time.process_time()
        verifier = learn(WAKE_WORD, clips, bench.background)
        training.append(time.process_time() - start)
        start = time.process_time()
        verdict = evaluate(WAKE_WORD, clips, bench.background, threshold_before=0.5, threshold_after=0.5)
        judging.append(time.process_time() - start)
        better += verdict.better
        for threshold in THRESHOLDS:
            rows.setdefault(f"{threshold}", []).append(bench.row(people, threshold, test, None))
            rows.setdefault(f"{threshold} + verifier", []).append(
                bench.row(people, threshold, test, verifier)
            )
    return {
        "people": people,
        "wakes": wakes,
        "false_wakes": false_wakes,
        "tested_wakes": len(bench.learnable[people]) - wakes,
        "repeats": repeats,
        "percent": {
            name: [round(float(x), 1) for x in np.mean(of_name, axis=0)] for name, of_name in rows.items()
        },
        "training_seconds": round(float(np.mean(training)), 2),
        "judging_seconds": round(float(np.mean(judging)), 2),
        "switched_on": better,
    }


def cpu(bench: Bench) -> dict[str, float]:
    """Return what a wake costs more."""
    verifier = Verifier(wake_word=WAKE_WORD, weights=np.zeros(1_536, np.float32), bias=0.0)
    window = np.ones((16, 96), np.float32)
    rounds = 2_000
    start = time.process_time()
    for _ in range(rounds):
        verifier.score(window)
    verifying = (time.process_time() - start) / rounds
    chunks = [
        np.random.default_rng(1).normal(0, 300, CHUNK_SAMPLES).astype("<i2").tobytes()
    ] * LOOK_BACK_CHUNKS
    start = time.process_time()
    for _ in range(rounds // 10):
        stands_out(chunks)
    looking = (time.process_time() - start) / (rounds // 10)
    stream = bench.engine.open_stream()
    silence = np.zeros((1, CHUNK_SAMPLES), np.int16)
    start = time.process_time()
    for _ in range(rounds // 10):
        bench.engine.process([stream], silence)
    chunk = (time.process_time() - start) / (rounds // 10)
    bench.engine.close_stream(stream)
    asked = float(np.mean([(stream.scores >= 0.5).sum() for stream in bench.heard["wakes"][0]]))
    return {
        "chunks_asked_per_wake": round(asked, 1),
        "verifier_us_per_chunk": round(1e6 * verifying, 1),
        "verifier_us_per_wake": round(1e6 * verifying * asked, 1),
        "level_us_per_chunk": round(1e6 * looking, 1),
        "engine_us_per_chunk": round(1e6 * chunk, 1),
    }


WHO: Final = {
    "wakes": "people of whom no two are the same",
    "household": "four voices of flite, at different speeds",
}


def print_result(result: dict[str, Any]) -> None:
    """Print tables."""
    print_machine(result["machine"])
    if not result["real_recordings"]:
        print(
            f"{result['audio']} IS ABSENT: flite's voices stand in for people, which says little about people"
        )
    print(f"{result['wakes']} wakes, {result['others']} other words, {result['confusables']} confusables")
    print("percent of wakes detected, by noise and dB; percent of false accepts: a marked phrase said again,")
    print(
        "other confusables, other words, minutes of noise. A clip and its noisy copies are never on both sides."
    )
    for run in result["runs"]:
        print(
            f"\n{WHO[run['people']]}: {run['wakes']} wakes and {run['false_wakes']} false wakes to learn from, "
            f"{run['tested_wakes']} to test, {run['repeats']} times; training {run['training_seconds']} s CPU, "
            f"judging {run['judging_seconds']} s; judged better {run['switched_on']} times"
        )
        print(f"{'':>16}" + "".join(f"{column:>10}" for column in COLUMNS))
        for name, row in run["percent"].items():
            print(f"{name:>16}" + "".join(f"{value:>10}" for value in row))
    print("\nlook at the level: detections lost in each noise, minutes of noise that wake, of these dropped")
    for threshold, row in result["level"].items():
        print(
            f"{threshold:>16}  {row['detections_lost']}  {row['noise_minutes_waking']}  {row['of_these_dropped']}"
        )
    print("\nCPU: " + ", ".join(f"{name} {value}" for name, value in result["cpu"].items()))


def main() -> None:
    """Run what the command line asks for."""
    parser = argument_parser(__doc__)
    parser.add_argument(
        "--audio", type=Path, default=ROOT.parent / "shared" / "audio", help="folder with alexa/ and other/"
    )
    parser.add_argument(
        "--models", type=Path, default=ROOT / ".tools" / "models", help="folder of the models"
    )
    parser.add_argument("--repeats", type=int, default=8, help="how often to split the clips anew")
    arguments: Namespace = parser.parse_args()
    if not shutil.which("flite"):
        raise SystemExit("scripts/bench: flite is not installed, and it says what sounds like the wake word")
    try:
        engine, _ = load_engine(arguments.models, [WAKE_WORD])
        bench = Bench(engine, arguments.audio)
        result = {
            "machine": machine(),
            "audio": str(arguments.audio),
            "real_recordings": bench.real,
            "wakes": len(bench.wakes),
            "others": len(bench.others),
            "confusables": len(bench.confusables),
            "columns": COLUMNS,
            "runs": [
                measure(bench, *run, arguments.repeats)
                for run in (("wakes", 6, 3), ("wakes", 10, 5), ("wakes", 20, 10), ("household", 10, 5))
            ],
            "level": bench.level_losses(),
            "cpu": cpu(bench),
        }
    except WakeModelError as error:
        raise SystemExit(f"scripts/bench: {error}") from error
    if arguments.json:
        print_json(result)
    else:
        print_result(result)


if __name__ == "__main__":
    main()
