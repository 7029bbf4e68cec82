"""The folder of wake word models as the household sees it: list, add and remove files."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..core.errors import ModelBaseMissing, ModelFileMissing, WakeEngineUnavailable, WakeModelError
from ..wake.model_files import base_paths, candidates, models_of
from ..wake.model_listing import Listing, list_files
from ..wake.model_store import add_model, remove_model
from ..wake.second_ear import second_ears
from .model_downloads import async_check_engine, model_folder, writing_lock

if TYPE_CHECKING:
    from ..wake.engines import WakeEngines

_LISTING: Final = HassKey[asyncio.Lock](f"{DOMAIN}_models_listing")

type _Check = Callable[[], Awaitable[None]]
"""Check that is made after the wait for the folder, which a download may hold for minutes; raises to end it all."""

type UsedFiles = Mapping[str, tuple[object, ...]]
"""Model files by the wake words for which they are used: their path, and what changes when they are written."""


async def async_list_models(hass: HomeAssistant) -> Listing:
    """Return every file in the model folder; each new or changed one is tried, one after the other."""
    with contextlib.suppress(WakeEngineUnavailable):
        await async_check_engine(hass)
    # Further calls wait here and not in the executor, whose threads are few.
    async with hass.data.setdefault(_LISTING, asyncio.Lock()):
        return await hass.async_add_executor_job(list_files, model_folder(hass))


async def async_add_model(
    hass: HomeAssistant, name: str, content: bytes, manifest: bytes | None, check: _Check
) -> str:
    """Add a model and return its name in the folder. Raises as add_model and check do, and WakeEngineUnavailable."""
    await async_check_engine(hass)
    async with writing_lock(hass):
        await check()
        return await hass.async_add_executor_job(add_model, model_folder(hass), name, content, manifest)


async def async_remove_model(hass: HomeAssistant, name: str, check: _Check) -> None:
    """Remove a model and its manifest. Raises as remove_model and check do."""
    async with writing_lock(hass):
        await check()
        await hass.async_add_executor_job(remove_model, model_folder(hass), name)


async def async_used_files(hass: HomeAssistant, wake_words: Collection[str]) -> UsedFiles:
    """Return the files that an engine with these wake words would be loaded from."""
    return await hass.async_add_executor_job(_used_files, model_folder(hass), tuple(wake_words))


async def async_load_for_test(hass: HomeAssistant, name: str) -> WakeEngines:
    """Return an engine of its own for one file, as it is listed; its only wake word is the name.

    Raises WakeModelError if the file cannot be used or is not there, and WakeEngineUnavailable.
    """
    await async_check_engine(hass)
    return await hass.async_add_executor_job(_load_for_test, model_folder(hass), name)


def _used_files(folder: Path, wake_words: tuple[str, ...]) -> UsedFiles:
    used: dict[str, tuple[object, ...]] = {}
    models = models_of(folder, wake_words)
    second = second_ears(folder, models.values())
    for wake_word, model in models.items():
        files: list[object] = []
        for path in (model.path, second.get(wake_word)):
            with contextlib.suppress(OSError):
                if path is not None:
                    stat = path.stat()
                    files += [path, stat.st_ino, stat.st_size, stat.st_mtime_ns]
        if files:
            used[wake_word] = tuple(files)
    return used


def _load_for_test(folder: Path, name: str) -> WakeEngines:
    from ..wake.engines import load_engines  # noqa: PLC0415  # needs numpy, which has been checked

    found = next((one for one in candidates(folder)[0] if one.file.name == name), None)
    if found is None:
        raise ModelFileMissing("the model file does not exist")
    if found.excluded is not None:
        raise found.excluded
    base: tuple[Path, Path] | WakeModelError
    try:
        base = base_paths(folder)
    except WakeModelError:
        base = ModelBaseMissing("the files that openWakeWord's models need are missing or damaged")
    engine = load_engines({name: found.file.path}, base)
    if (error := engine.unusable.get(name)) is not None:
        raise error
    return engine
