"""Folders of audio in any format that Debian's sound packages have, as 16 kHz mono."""

from collections.abc import Iterator, Sequence
import itertools
from pathlib import Path
import shutil
import subprocess
import tempfile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.core.audio import SAMPLE_RATE
from scripts.benchmarks._recordings import read_wav

type Samples = NDArray[np.int16]

SOUNDS: Final = {
    ".alaw": ("-f", "alaw", "-ar", "8000"),
    ".flac": (),
    ".g722": ("-f", "g722"),
    ".gsm": ("-f", "gsm"),
    ".mp3": (),
    ".ogg": (),
    ".opus": (),
    ".sln16": ("-f", "s16le", "-ar", "16000"),
    ".ulaw": ("-f", "mulaw", "-ar", "8000"),
    ".wav": (),
}
"""Endings of audio files, and what ffmpeg has to be told of those that do not say it themselves."""

_TOGETHER: Final = 50
"""Files that one ffmpeg decodes: starting it takes longer than a prompt of two seconds."""

_SECONDS: Final = 300


def sounds_in(folder: Path) -> list[Path]:
    """Return the audio files below a folder, in an order that does not change."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS and path.is_file())


def read_all(paths: Sequence[Path]) -> Iterator[tuple[Path, Samples | None]]:
    """Yield each file with its samples; None when nothing here can read it."""
    for group in itertools.batched(paths, _TOGETHER, strict=False):
        found = _decoded(group)
        for path in group:
            samples = found.get(path)
            if samples is None and not SOUNDS[path.suffix.lower()]:
                samples = read_wav(path)
            yield path, samples


def _decoded(paths: Sequence[Path]) -> dict[Path, Samples]:
    """Return what ffmpeg made of files: of none, if there is no ffmpeg or one of several is damaged."""
    if shutil.which("ffmpeg") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        inputs: list[str] = []
        outputs: list[str] = []
        for number, path in enumerate(paths):
            inputs += [*SOUNDS[path.suffix.lower()], "-i", str(path)]
            outputs += ["-map", f"{number}:a:0", "-ac", "1", "-ar", str(SAMPLE_RATE)]
            outputs += ["-f", "s16le", f"{folder}/{number}"]
        command = ["ffmpeg", "-nostdin", "-loglevel", "error", *inputs, *outputs]
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)
        except OSError, subprocess.SubprocessError:
            if len(paths) == 1:
                return {}
            return {path: samples for path in paths for samples in _decoded([path]).values()}
        return {
            path: np.fromfile(f"{folder}/{number}", "<i2").astype(np.int16)
            for number, path in enumerate(paths)
        }
