"""Wake words that both engines hear together, and from which files.

This module does not need numpy.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from .model_files import MICRO_WAKE_WORDS, InstalledModel, PublishedFile, is_published

PAIRED: Final = frozenset({"alexa"})
"""Wake words of which both published models together are better than either, measured on recordings."""


def second_ears(folder: Path, models: Iterable[InstalledModel]) -> Mapping[str, Path]:
    """Return microWakeWord's model beside openWakeWord's, by wake word; blocks.

    Only the published models of a wake word in PAIRED hear it together: for others, nobody knows whether they would be
    better.
    """
    found = {}
    for model in models:
        if not model.official or model.micro or model.wake_word not in PAIRED:
            continue
        files = MICRO_WAKE_WORDS[model.wake_word]
        if all(is_published(folder / file.file_name, file) for file in files):
            found[model.wake_word] = folder / files[0].file_name
    return found


def second_ear_files(folder: Path, models: Iterable[InstalledModel]) -> tuple[PublishedFile, ...]:
    """Return the published files that are missing for installed models to be heard together; blocks."""
    wanted = sorted(
        model.wake_word
        for model in models
        if model.official and not model.micro and model.wake_word in PAIRED
    )
    files = [file for wake_word in wanted for file in MICRO_WAKE_WORDS[wake_word]]
    return tuple(file for file in files if not is_published(folder / file.file_name, file))
