"""Scores of every published wake word for the same speech, to compare two kinds of processors.

`python -m tests.wake.scores write FILE` computes them here; `python -m tests.wake.scores compare FILE` computes them again
for the same sound, and fails if one differs by more than 1e-5.
"""

from pathlib import Path
import platform
import shutil
import subprocess
import sys
import tempfile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from custom_components.voice_privacy.wake.engines import WakeEngines, load_engines
from custom_components.voice_privacy.wake.model_files import base_paths, installed_models

from .conftest import MODELS, Samples, chunks_of, with_noise_around

TOLERANCE: Final = 1e-5
PHRASES: Final = ("Alexa", "Hey Jarvis", "Hey Mycroft", "Hey Rhasspy", "Turn on the kitchen light")
VOICES: Final = ("slt", "rms", "awb")


def speech() -> Samples:
    """Return each phrase by each voice, one after the other, in a quiet room; raises LookupError without flite."""
    if (flite := shutil.which("flite")) is None:
        raise LookupError("flite is not installed")
    spoken = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        for seed, (phrase, voice) in enumerate((phrase, voice) for phrase in PHRASES for voice in VOICES):
            subprocess.run([flite, "-voice", voice, "-t", phrase, "-o", str(path)], check=True, timeout=30)
            samples = np.frombuffer(path.read_bytes()[44:], "<i2")
            spoken.append(with_noise_around(samples, 1.5, 1.0, seed))
    return np.concatenate(spoken)


def scores(engine: WakeEngines, samples: Samples) -> NDArray[np.float32]:
    """Return the scores of a stream, [chunks, wake words]."""
    stream = engine.open_stream()
    return np.concatenate([engine.process([stream], chunk[np.newaxis]) for chunk in chunks_of(samples)])


def main(command: str, path: Path) -> int:
    """Write or compare scores; return the exit status."""
    models = {model.wake_word: model.path for model in installed_models(MODELS)}
    engine = load_engines(models, base_paths(MODELS))
    if command == "write":
        samples = speech()
        np.savez(path, samples=samples, scores=scores(engine, samples), wake_words=engine.wake_words)
        return 0
    with np.load(path) as written:
        samples, there = written["samples"], written["scores"]
        assert tuple(written["wake_words"]) == engine.wake_words
    here = scores(engine, samples)
    difference = float(np.abs(here - there).max())
    print(  # noqa: T201  # a program
        f"{platform.machine()}: {here.size:,} scores of {len(engine.wake_words)} wake words, highest {here.max():.3f};"
        f" largest difference {difference:.1e}, allowed {TOLERANCE:.0e}"
    )
    # Scores that are all low would be equal whatever the engine does.
    return 0 if difference <= TOLERANCE and here.max() > 0.9 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
