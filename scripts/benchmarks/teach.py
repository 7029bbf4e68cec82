"""Wake words that are taught by saying them: what is heard of recordings, false wakes, MFCC beside it, and CPU."""

from argparse import Namespace
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.audio import SAMPLE_RATE
from custom_components.voice_privacy.core.errors import WakeModelError
from custom_components.voice_privacy.wake.engine import WakeEngine
from custom_components.voice_privacy.wake.engines import load_engines
from custom_components.voice_privacy.wake.enrolment import Enroller
from custom_components.voice_privacy.wake.model_files import base_paths, installed_models
from custom_components.voice_privacy.wake.taught import TaughtWord, as_template
from scripts.benchmarks import ROOT, argument_parser, machine, print_json
from scripts.benchmarks._corpus import read_all, sounds_in
from scripts.benchmarks._hearing import SHORTEST, SPEECH
from scripts.benchmarks._rooms import Rooms
from scripts.benchmarks._taught import (
    RATES,
    SIZES,
    Negatives,
    embeddings_of,
    heard_alone,
    is_word,
    mfcc_of,
    negatives_of,
    read_word,
    rows_of,
)
from scripts.benchmarks.wake import CHUNKS_PER_ROUND, cpu_milliseconds

type Samples = NDArray[np.int16]

NEGATIVES: Final = frozenset({"other", "others", "negative", "negatives"})
"""Names of folders that hold no word of their own."""

STREAMS: Final = (1, 4, 16)
TAUGHT: Final = (0, 1, 3)
ROUNDS: Final = 15
TEMPLATE_FRAMES: Final = 12
EXAMPLES: Final = 8


def read_clips(folder: Path) -> dict[str, list[Samples]]:
    """Return the recordings of each folder; those of folders without a word of their own by the name of the file."""
    clips: dict[str, list[Samples]] = defaultdict(list)
    for path, samples in read_all(sounds_in(folder)):
        if samples is None or len(samples) < SHORTEST or path.parent == folder:
            continue
        name = path.relative_to(folder).parts[0]
        clips[f"{path.stem}/" if name.lower() in NEGATIVES else name].append(samples)
    return dict(clips)


def measure_words(arguments: Namespace) -> dict[str, Any]:
    """Return what is heard of each word that has enough recordings."""
    clips = read_clips(arguments.folder)
    words = [name for name, found in clips.items() if not name.endswith("/") and len(found) > min(SIZES)]
    words = [name for name in words if not arguments.word or name in arguments.word]
    if not words:
        raise SystemExit(f"scripts/bench: {arguments.folder} has no folder with recordings of a word")
    base = base_paths(arguments.models)
    engine, enroller = WakeEngine.load({}, *base), Enroller.load(base)
    recordings = {name: heard_alone(found, engine) for name, found in clips.items()}
    prompts = read_prompts(arguments.speech)
    streams = negatives_of(prompts)
    speech = ([embeddings_of(engine, streams)], [mfcc_of(streams)]) if streams else ([], [])
    rows: list[dict[str, Any]] = []
    hours: dict[str, float] = {}
    for name in words:
        others = [found for other, found in recordings.items() if not is_word(other, name)]
        samples = sum(map(len, prompts)) + sum(len(clip) for found in others for clip in found.clips)
        negatives = Negatives(
            [*speech[0], *(found.heard for found in others)],
            [*speech[1], *(found.mfcc for found in others)],
            samples / SAMPLE_RATE / 3_600,
        )
        if not negatives.heard:
            raise SystemExit("scripts/bench: there is no other speech: name a folder with --speech")
        hours[name] = round(negatives.hours, 2)
        rows += rows_of(read_word(name, recordings[name], enroller), negatives, arguments.draws, enroller)
    return {
        "clips": {name: len(clips[name]) for name in words},
        "prompts": len(prompts),
        "hours_of_negatives": hours,
        "draws": arguments.draws,
        "rows": rows,
        "mean": [mean_row(rows, size) for size in SIZES if any(row["examples"] == size for row in rows)],
    }


def read_prompts(folder: Path | None) -> list[Samples]:
    """Return the recordings of other speech."""
    if folder is None:
        return []
    found = read_all(sounds_in(folder))
    return [samples for _, samples in found if samples is not None and len(samples) >= SHORTEST]


def mean_row(rows: list[dict[str, Any]], size: int) -> dict[str, Any]:
    """Return the mean of all words' figures for a number of examples; of the worst ones, the worst."""
    found = [row for row in rows if row["examples"] == size]
    mean: dict[str, Any] = {"word": "mean", "examples": size}
    for name in found[0]:
        if name in mean or any(name not in row for row in found):
            continue
        values = [row[name] for row in found]
        if name.endswith("_worst"):
            mean[name] = max(values) if "per_hour" in name else min(values)
        else:
            mean[name] = round(float(np.mean(values)), 2)
    return mean


# --- CPU -----------------------------------------------------------------------------------------


def taught_word(number: int) -> TaughtWord:
    """Return a word of eight examples; what they sound like costs nothing."""
    random = np.random.default_rng(number)
    templates = tuple(
        as_template(random.normal(0, 1, (TEMPLATE_FRAMES, 96)).astype(np.float32)) for _ in range(EXAMPLES)
    )
    return TaughtWord(wake_word=f"taught_{number}", templates=templates, threshold=0.2)


def measure_cpu(models: Path) -> dict[str, Any]:
    """Return the CPU time per chunk and stream with and without taught words, measured in turns."""
    base = base_paths(models)
    heads = {model.wake_word: model.path for model in installed_models(models) if model.wake_word == "alexa"}
    result: dict[str, Any] = {
        "unit": f"CPU milliseconds per 80 ms chunk and stream, lowest of {ROUNDS} rounds",
        "heads": list(heads),
        "templates": f"{EXAMPLES} of {TEMPLATE_FRAMES} frames a word",
        "streams": {},
    }
    engine = load_engines(heads, base)
    for streams in STREAMS:
        rooms = {}
        for count in TAUGHT:
            words = {word.wake_word: word for word in map(taught_word, range(count))}
            rooms[count] = Rooms(load_engines(heads, base, taught=words) if count else engine, streams)
            rooms[count].busy(CHUNKS_PER_ROUND)
        lowest = dict.fromkeys(TAUGHT, float("inf"))
        for _ in range(ROUNDS):
            for count, room in rooms.items():
                spent = cpu_milliseconds(lambda room=room: room.busy(CHUNKS_PER_ROUND), streams)  # type: ignore[misc]
                lowest[count] = min(lowest[count], spent)
        row: dict[str, float] = {"engine_ms": round(lowest[0], 4)}
        for count in TAUGHT[1:]:
            added = lowest[count] - lowest[0]
            row[f"{count}_words_add_ms"] = round(added, 4)
            row[f"{count}_words_ratio"] = round(added / lowest[0], 3)
        result["streams"][str(streams)] = row
    return result


# --- output --------------------------------------------------------------------------------------


def print_result(result: dict[str, Any]) -> None:
    """Print tables in Markdown."""
    print(", ".join(f"{name} {value}" for name, value in result["machine"].items()))
    words = result["words"]
    print(
        f"\n{words['draws']} draws; {words['prompts']} prompts; clips: "
        + ", ".join(
            f"{name} {count} ({words['hours_of_negatives'][name]} h of negatives)"
            for name, count in words["clips"].items()
        )
    )
    rates = [f"{rate:g}" for rate in RATES]
    print(
        "\nRecall in percent at so many false wakes per hour; automatic: recall / false wakes per hour (worst draw).\n"
    )
    titles = [
        "word",
        "examples",
        *rates,
        "automatic",
        "after 12 minutes of talk",
        *(f"MFCC {rate}" for rate in rates),
    ]
    print("| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
    for row in [*words["rows"], *words["mean"]]:
        cells = [str(row["word"]), str(row["examples"])]
        cells += [f"{row[f'recall_at_{rate}']:.1f}" for rate in rates]
        cells += [threshold_cell(row, "automatic"), threshold_cell(row, "room")]
        cells += [f"{row[f'mfcc_recall_at_{rate}']:.1f}" for rate in rates]
        print("| " + " | ".join(cells) + " |")
    cpu = result["cpu"]
    print(
        f"\n{cpu['unit']}; {cpu['templates']}; trained heads beside them: {', '.join(cpu['heads']) or 'none'}\n"
    )
    print("| streams | engine | 1 taught word adds | 3 taught words add |\n|---|---|---|---|")
    for streams, row in cpu["streams"].items():
        added = [
            f"{row[f'{count}_words_add_ms']:.3f} (x {row[f'{count}_words_ratio']:.2f})"
            for count in TAUGHT[1:]
        ]
        print(f"| {streams} | {row['engine_ms']:.3f} | " + " | ".join(added) + " |")


def threshold_cell(row: dict[str, Any], name: str) -> str:
    """Return recall and false wakes per hour at an automatic threshold, with the worst draws."""
    if f"{name}_recall" not in row:
        return ""
    recall, false = row[f"{name}_recall"], row[f"{name}_false_per_hour"]
    worst_recall, worst_false = row[f"{name}_recall_worst"], row[f"{name}_false_per_hour_worst"]
    return f"{recall:.1f} ({worst_recall:.1f}) / {false:.2f} ({worst_false:.2f})"


def parse() -> Namespace:
    """Return the command line."""
    parser = argument_parser(__doc__)
    parser.add_argument("folder", type=Path, help="folder with a folder of recordings for each word")
    parser.add_argument(
        "--speech", type=Path, help=f"folder with other speech, default {SPEECH} if it is there"
    )
    parser.add_argument("--draws", type=int, default=10, help="draws of examples for each word, default 10")
    parser.add_argument("--word", action="append", help="measure this word only; may be repeated")
    parser.add_argument(
        "--models", type=Path, default=ROOT / ".tools" / "models", help="folder of the models"
    )
    arguments = parser.parse_args()
    for folder in (arguments.folder, arguments.speech):
        if folder is not None and not folder.is_dir():
            parser.error(f"{folder} is no folder")
    if arguments.draws < 1:
        parser.error("at least one draw is needed")
    if arguments.speech is None and SPEECH.is_dir():
        arguments.speech = SPEECH
    return arguments


def main() -> None:
    """Run what the command line asks for."""
    arguments = parse()
    try:
        result = {
            "machine": machine(),
            "words": measure_words(arguments),
            "cpu": measure_cpu(arguments.models),
        }
    except WakeModelError as error:
        raise SystemExit(f"scripts/bench: {error}") from error
    if arguments.json:
        print_json(result)
    else:
        print_result(result)


if __name__ == "__main__":
    main()
