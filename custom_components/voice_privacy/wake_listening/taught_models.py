"""Taught wake words and our engine: what teaches them, and engines that hear them, loaded in threads."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant

from ..core.audio import SAMPLE_RATE, bytes_of
from ..core.errors import ModelBaseMissing, ModelFileInvalid, ModelFileMissing, WakeModelError
from ..wake.model_files import base_paths
from .model_downloads import async_check_engine, async_load_engine, model_folder

if TYPE_CHECKING:
    from ..wake.engines import WakeEngines
    from ..wake.enrolment import Enroller
    from ..wake.taught import TaughtWord

MAX_COMPARED: Final = 20
"""Maximum number of trained wake words that a new word is compared with."""


_AROUND_SECONDS: Final = 0.3
"""Audio of a false wake beyond the length of the word: a recording begins shortly before its wake word."""

_LONGEST_SECONDS: Final = 1.9
_SAME_WORD: Final = 0.04
"""Distance to the examples of a word, above their median one, up to which a sound is the word itself, as in enrolment."""

_ROOM_SECONDS: Final = 0.5
_ROOM_LEVEL: Final = 20
"""Quiet room before and after a false wake, in the middle of speech, so that it is a clip like any other."""


async def async_load_enroller(hass: HomeAssistant) -> Enroller:
    """Return what makes a wake word of clips. Raises WakeEngineUnavailable, ModelBaseMissing or WakeModelError."""
    await async_check_engine(hass)
    return await hass.async_add_executor_job(_load_enroller, model_folder(hass))


async def async_load_taught(hass: HomeAssistant, words: Mapping[str, TaughtWord]) -> WakeEngines:
    """Return an engine of its own that hears taught words only. Raises the same as async_load_enroller."""
    await async_check_engine(hass)
    return await hass.async_add_executor_job(_load_taught, model_folder(hass), words)


async def async_load_trained(hass: HomeAssistant, wake_words: Collection[str]) -> WakeEngines | None:
    """Return an engine for wake words that a new word is compared with, or None if there is none to load."""
    words = list(wake_words)[:MAX_COMPARED]
    try:
        return await async_load_engine(hass, words) if words else None
    except WakeModelError:
        return None


async def async_parse_taught(
    hass: HomeAssistant, models: Mapping[str, bytes]
) -> dict[str, TaughtWord | None]:
    """Return taught words from their bytes; None for one that cannot be read. Raises WakeEngineUnavailable."""
    if not models:
        return {}
    await async_check_engine(hass)
    return await hass.async_add_executor_job(_parse, dict(models))


def _base(folder: Path) -> tuple[Path, Path]:
    try:
        return base_paths(folder)
    except (ModelFileMissing, ModelFileInvalid) as error:
        raise ModelBaseMissing("the files that openWakeWord's models need are missing or damaged") from error


def _load_enroller(folder: Path) -> Enroller:
    from ..wake.enrolment import Enroller  # noqa: PLC0415  # needs numpy, which has been checked

    return Enroller.load(_base(folder))


def _load_taught(folder: Path, words: Mapping[str, TaughtWord]) -> WakeEngines:
    from ..wake.engines import load_engines  # noqa: PLC0415  # needs numpy, which has been checked

    return load_engines({}, _base(folder), taught=words)


def _parse(models: Mapping[str, bytes]) -> dict[str, TaughtWord | None]:
    from ..wake.taught import TaughtWord  # noqa: PLC0415  # needs numpy, which has been checked

    parsed: dict[str, TaughtWord | None] = {}
    for wake_word, raw in models.items():
        try:
            word = TaughtWord.from_bytes(raw)
            parsed[wake_word] = word if word.wake_word == wake_word else None
        except ModelFileInvalid:
            parsed[wake_word] = None
    return parsed


async def async_require_teachable(hass: HomeAssistant) -> None:
    """Raise WakeEngineUnavailable or ModelBaseMissing if no word can be taught."""
    await async_check_engine(hass)
    await hass.async_add_executor_job(_base, model_folder(hass))


def learned_from_false_wake(enroller: Enroller, word: TaughtWord, audio: bytes) -> TaughtWord | None:
    """Return a word that what begins this audio wakes less; None if nothing can be learned from it; blocks.

    Nothing is learned from what sounds as the word itself: with it as an example of what must not wake it, the word would
    never be heard again, and somebody may have marked the wrong recording.

    Args:
        enroller: Makes numbers of audio.
        word: The word.
        audio: Recording that begins with what was taken for the word: 16 kHz, 16-bit, mono PCM.
    """
    import numpy as np  # noqa: PLC0415  # numpy is available, since there is an enroller

    from ..wake.taught import own_distances  # noqa: PLC0415

    noise = np.random.default_rng(0).normal(0, _ROOM_LEVEL, round(_ROOM_SECONDS * SAMPLE_RATE))
    room = noise.astype("<i2").tobytes()
    heard = audio[: bytes_of(min(word.seconds + _AROUND_SECONDS, _LONGEST_SECONDS))]
    clip = enroller.clip(room + heard + room)
    if clip.template is None:
        return None
    *own, found = own_distances((*word.templates, clip.template))
    if found <= sorted(own)[len(own) // 2] + _SAME_WORD:
        return None
    return enroller.with_anti_example(word, clip)
