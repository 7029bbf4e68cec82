"""What the house learns from labeled clips: weights below the cache folder, in no backup, erased with the clips.

Nothing but the weights is ever written: windows of clips are computed anew, and live in memory for minutes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..const import DEFAULT_THRESHOLD, DOMAIN
from ..core.errors import StoreError, WakeEngineUnavailable, WakeModelError
from ..core.models import RecordingContent, RecordingInfo
from ..core.review import Label, ReviewItem
from ..core.store_lock import StoreLock
from ..wake.evaluation import FOLDS, MIN_FALSE_WAKES, MIN_WAKES
from ..wake_listening.model_downloads import async_check_engine, async_load_engine
from .weight_files import FOLDER, Learned, erase, read_bases, read_weights, replace_weights

if TYPE_CHECKING:
    from ..wake.augmentation import ClipWindows
    from ..wake.engine import WakeEngine
    from ..wake.verifier import Verifier

_LOGGER = logging.getLogger(__name__)


WAKES_NEEDED: Final = MIN_WAKES - (-MIN_WAKES // (FOLDS - 1))
"""Wakes of which enough are left to learn from while the others are held out."""

DELAY: Final = 2.0
"""Seconds after the last label until learning begins."""

_REMEMBER: Final = 600.0
"""Seconds for which windows stay in memory after learning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A labeled clip, opened."""

    recording_id: str
    wake_word: str
    threshold: float
    meant: bool
    audio: bytes


class Clips(Protocol):
    """Where labeled clips come from: the hub."""

    def labeled_clips(self) -> list[ReviewItem]:
        """Return the clips that somebody has labeled."""

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Open one recording. Raises StoreError."""


class VerifierHost(Protocol):
    """Who uses what was learned: the wake engine."""

    def use_verifiers(self, verifiers: Mapping[str, Verifier]) -> None:
        """Use these verifiers from now on, by wake word, and no others."""


class LearningConsent(Protocol):
    """Says whether what was learned may be used."""

    @property
    def uses_verifiers(self) -> bool:
        """Whether the wake engine may use what was learned."""


class Changes(Protocol):
    """Who is told of changes."""

    @callback
    def changed(self) -> None:
        """Tell everybody who shows something."""


class Learner:
    """Trains verifiers, keeps their weights, and destroys them. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        lock: StoreLock,
        *,
        clips: Clips,
        engine: VerifierHost,
        consent: LearningConsent,
        house: Changes,
    ) -> None:
        """Prepare.

        Args:
            hass: Home Assistant.
            lock: Held by whoever takes clips out of the pool, and here while weights are written.
            clips: Where labeled clips come from.
            engine: Uses what was learned.
            consent: Says whether it may be used.
            house: Told of changes.
        """
        self.learning = False
        """Something is being learned right now, or will be in a moment."""

        self._hass = hass
        self._clips = clips
        self._lock = lock
        self._engine = engine
        self._consent = consent
        self._house = house
        self._folder = Path(hass.config.cache_path(DOMAIN)) / FOLDER
        self._learned: dict[str, Learned] = {}
        self._windows: dict[str, ClipWindows] = {}
        self._turn = 0
        self._task: asyncio.Task[None] | None = None
        self._later: CALLBACK_TYPE | None = None
        self._forget: CALLBACK_TYPE | None = None
        self._stopped = False

    @property
    def learned(self) -> Mapping[str, Learned]:
        """What has been learned, by wake word."""
        return self._learned

    @property
    def used(self) -> frozenset[str]:
        """Wake words whose verifier is at work: it is better than none, and wanted."""
        if not self._consent.uses_verifiers:
            return frozenset()
        return frozenset(word for word, one in self._learned.items() if one.evaluation.better)

    # --- life ------------------------------------------------------------------------------------

    async def async_load(self) -> None:
        """Read the weights; what was trained with other clips than are there now is erased and learned anew.

        Where the wake engine cannot run, the weights stay on disk unused as long as their clips are there.
        """
        bases = await self._hass.async_add_executor_job(read_bases, self._folder)
        basis = _basis(self._clips.labeled_clips())
        if bases and (not basis or bases != {basis}):
            await self.async_unlearn()
            return
        try:
            await async_check_engine(self._hass)
        except WakeEngineUnavailable:
            return
        self._learned = await self._hass.async_add_executor_job(read_weights, self._folder)
        self.settings_changed()
        if basis and not self._learned:
            # The last run ended between what was erased and what was to be learned from the rest.
            self.labels_changed()

    @callback
    def settings_changed(self) -> None:
        """Use what was learned, or no more."""
        self._engine.use_verifiers({word: self._learned[word].verifier for word in self.used})
        self._house.changed()

    async def async_stop(self) -> None:
        """Learn no more."""
        self._stopped = True
        for cancel in (self._later, self._forget):
            if cancel is not None:
                cancel()
        self._later = self._forget = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._windows.clear()

    # --- learning and unlearning -----------------------------------------------------------------

    @callback
    def labels_changed(self) -> None:
        """Learn anew soon, counted from the last of several changes."""
        if self._later is not None:
            self._later()
        self.learning = True
        self._later = async_call_later(self._hass, DELAY, self._begin)
        self._house.changed()

    async def async_unlearn(self) -> bool:
        """Erase all weights from memory and disk, then learn from what is left; the lock is held.

        Return whether there were any. Raises StoreError when some are still on disk.
        """
        self._lock.require()
        self._windows.clear()
        had = bool(self._learned)
        self._learned = {}
        self.settings_changed()
        if self._task is not None:
            self._task.cancel()
        erased, left = await self._hass.async_add_executor_job(erase, self._folder)
        if left:
            raise StoreError("weights are left")
        self.labels_changed()
        return had or erased > 0

    @callback
    def _begin(self, _now: datetime) -> None:
        self._later = None
        self._turn += 1
        if self._task is not None and not self._task.done():
            self._task.cancel()
        self._task = self._hass.async_create_background_task(
            self._async_learn(self._turn), f"{DOMAIN}_learning"
        )

    async def _async_learn(self, turn: int) -> None:
        """Learn from all labeled clips; whatever fails costs what would have been learned, nothing else."""
        try:
            await self._async_learn_anew()
        except (OSError, StoreError, WakeModelError) as err:
            _LOGGER.warning("Nothing can be learned from clips (%s)", type(err).__name__)
        finally:
            if turn == self._turn and self._later is None:
                self.learning = False
                self._house.changed()

    async def _async_learn_anew(self) -> None:
        items = self._clips.labeled_clips()
        basis = _basis(items)
        heard = [clip async for clip in _opened(self._clips.async_read, items)]
        learned: dict[str, Learned] = {}
        windows: dict[str, ClipWindows] = {}
        if words := sorted({clip.wake_word for clip in heard if _enough(heard, clip.wake_word)}):
            # An engine of its own: the one that listens belongs to its thread.
            engine = await async_load_engine(self._hass, words)
            windows = dict(self._windows)
            learned = await self._hass.async_add_executor_job(_learn, engine, words, heard, basis, windows)
        # Whoever cancels this must not find the lock free while a thread still writes.
        await asyncio.shield(
            self._hass.async_create_task(self._async_adopt(basis, learned, windows), f"{DOMAIN}_learned")
        )

    async def _async_adopt(
        self, basis: str, learned: dict[str, Learned], windows: dict[str, ClipWindows]
    ) -> None:
        """Write what was learned, unless a clip went meanwhile: then it is as if it had never been learned."""
        async with self._lock:
            if basis != _basis(self._clips.labeled_clips()):
                return
            await self._hass.async_add_executor_job(replace_weights, self._folder, learned)
            self._learned = learned
            self._windows = windows
        if self._stopped:
            # What was being written when learning was stopped is on disk; nothing of it stays in memory.
            self._windows.clear()
            return
        self._remember_for_a_while()
        self.settings_changed()

    @callback
    def _remember_for_a_while(self) -> None:
        if self._forget is not None:
            self._forget()

        @callback
        def forget(_now: datetime) -> None:
            self._forget = None
            self._windows.clear()

        self._forget = async_call_later(self._hass, _REMEMBER, forget)


async def _opened(
    read: Callable[[str], Awaitable[tuple[RecordingInfo, RecordingContent]]], items: Iterable[ReviewItem]
) -> AsyncIterator[_Heard]:
    """Yield what can be learned from: clips that open, and whose wake word is known."""
    for item in items:
        try:
            _, content = await read(item.recording_id)
        except StoreError:
            continue
        if content.wake_word is not None:
            yield _Heard(
                recording_id=item.recording_id,
                wake_word=content.wake_word,
                threshold=content.threshold or DEFAULT_THRESHOLD,
                meant=item.label is not Label.FALSE_WAKE,
                audio=content.audio,
            )


def _learn(
    engine: WakeEngine,
    words: Iterable[str],
    heard: list[_Heard],
    basis: str,
    windows: dict[str, ClipWindows],
) -> dict[str, Learned]:
    """Train and try on clips that were held out; blocks for seconds. Windows by recording id are added to."""
    # Whoever has an engine has numpy.
    from ..wake.augmentation import background_windows, windows_of  # noqa: PLC0415
    from ..wake.verifier_training import LabeledClip, evaluate, learn  # noqa: PLC0415

    background = background_windows(engine)
    learned = {}
    for word in words:
        of_word = [clip for clip in heard if clip.wake_word == word]
        if word not in engine.wake_words:
            continue
        for clip in of_word:
            if clip.recording_id not in windows:
                seed = int(clip.recording_id[:8], 16)
                windows[clip.recording_id] = windows_of(engine, word, clip.audio, seed=seed)
        clips = [LabeledClip(meant=clip.meant, windows=windows[clip.recording_id]) for clip in of_word]
        try:
            verifier = learn(word, clips, background)
        except ValueError:
            # In too few of them the engine finds anything like the wake word.
            continue
        threshold = sorted(clip.threshold for clip in of_word)[len(of_word) // 2]
        evaluation = evaluate(word, clips, background, threshold_before=threshold, threshold_after=threshold)
        learned[word] = Learned(verifier=verifier, evaluation=evaluation, basis=basis)
    return learned


def _enough(heard: Iterable[_Heard], wake_word: str) -> bool:
    """Return whether so many clips of a wake word have been labeled that learning is worth the time."""
    meant = [clip.meant for clip in heard if clip.wake_word == wake_word]
    return meant.count(True) >= WAKES_NEEDED and meant.count(False) >= MIN_FALSE_WAKES


def _basis(items: Iterable[ReviewItem]) -> str:
    """Return a digest of clips and what was said of them, empty for none."""
    lines = sorted(f"{item.recording_id} {item.label is Label.FALSE_WAKE}" for item in items)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""
