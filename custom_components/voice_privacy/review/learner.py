"""Training of verifiers on labeled clips; weights are kept in the cache folder and erased with the clips.

Only the weights are written, and no backup contains them. Windows of clips are recomputed when needed and
stay in memory for minutes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
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
    from ..wake.engines import WakeEngines
    from ..wake.taught import TaughtWord
    from ..wake.verifier import Verifier

_LOGGER = logging.getLogger(__name__)


WAKES_NEEDED: Final = MIN_WAKES - (-MIN_WAKES // (FOLDS - 1))
"""Wakes needed so that enough remain for training while a fold is held out."""

DELAY: Final = 2.0
"""Seconds between the last label and the start of training."""

_REMEMBER: Final = 600.0
"""Seconds for which windows stay in memory after training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """Labeled clip with its audio (16 kHz, 16-bit, mono PCM)."""

    recording_id: str
    wake_word: str
    threshold: float
    meant: bool
    audio: bytes


class Clips(Protocol):
    """Source of labeled clips: the review service."""

    def labeled_clips(self) -> list[ReviewItem]:
        """Return the labeled clips."""

    async def async_read(self, recording_id: str) -> tuple[RecordingInfo, RecordingContent]:
        """Read one recording. Raises StoreError."""


class TaughtModels(Protocol):
    """The taught words of the house."""

    @property
    def models(self) -> Mapping[str, TaughtWord]:
        """What the engine needs of each word that it can hear, by id."""

    @property
    def key_ids(self) -> Collection[str]:
        """Ids of the keys of all words: a word that was deleted and taught again has another one."""


class VerifierHost(Protocol):
    """User of the verifiers: the wake engine."""

    def use_verifiers(self, verifiers: Mapping[str, Verifier]) -> None:
        """Replace all verifiers, given by wake word."""


class LearningConsent(Protocol):
    """Consent to the use of verifiers."""

    @property
    def uses_verifiers(self) -> bool:
        """True if the wake engine may use verifiers."""


class Changes(Protocol):
    """Receiver of change notifications."""

    @callback
    def changed(self) -> None:
        """Notify listeners that displayed state has changed."""


class Learner:
    """Trains verifiers, and stores and erases their weights. It belongs to the event loop."""

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
        """Set up the learner.

        Args:
            hass: Home Assistant.
            lock: Held while clips are removed from the pool, and here while weights are written.
            clips: Source of labeled clips.
            engine: Uses the verifiers.
            consent: Tells whether verifiers may be used.
            house: Notified of changes.
        """
        self.learning = False
        """True while training runs or is scheduled."""

        self.taught: TaughtModels | None = None
        """Taught words, which clips may have been woken by; set before async_load."""

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
        """Trained verifiers by wake word."""
        return self._learned

    @property
    def used(self) -> frozenset[str]:
        """Wake words whose verifier is in use: it performs better than none, and its toggle is on."""
        if not self._consent.uses_verifiers:
            return frozenset()
        return frozenset(word for word, result in self._learned.items() if result.evaluation.better)

    # --- life cycle ------------------------------------------------------------------------------

    async def async_load(self) -> None:
        """Read the weights; erase and retrain them if they were trained on other clips than exist now.

        The same if taught words were deleted or added since: what was learned for one must not serve another one with its id.

        If the wake engine cannot run, the weights remain on disk unused as long as their clips exist.
        """
        bases = await self._hass.async_add_executor_job(read_bases, self._folder)
        basis = self._basis_now()
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
            # The last run ended after weights were erased and before training on the remaining clips.
            self.labels_changed()

    @callback
    def settings_changed(self) -> None:
        """Apply the toggle that allows the use of verifiers."""
        self._engine.use_verifiers({word: self._learned[word].verifier for word in self.used})
        self._house.changed()

    async def async_stop(self) -> None:
        """Stop training."""
        self._stopped = True
        for cancel in (self._later, self._forget):
            if cancel is not None:
                cancel()
        self._later = self._forget = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._windows.clear()

    # --- training and erasing --------------------------------------------------------------------

    @callback
    def labels_changed(self) -> None:
        """Schedule training; the delay restarts with every change."""
        if self._stopped:
            return
        if self._later is not None:
            self._later()
        self.learning = True
        self._later = async_call_later(self._hass, DELAY, self._begin)
        self._house.changed()

    @callback
    def taught_word_added(self) -> None:
        """Schedule training if there is anything to learn from."""
        if self._basis_now():
            self.labels_changed()

    async def async_taught_words_gone(self) -> None:
        """Erase all weights, since those for a deleted taught word must go with it; schedule training without it.

        Raises StoreError if some are still on disk; the next start erases them before they are used.
        """
        async with self._lock:
            if self._learned or self._basis_now():
                await self.async_unlearn()

    async def async_unlearn(self) -> bool:
        """Erase all weights from memory and disk, then schedule training on the remaining clips.

        The caller holds the lock. Returns whether there were any weights. Raises StoreError if some are still
        on disk.
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
        """Train on all labeled clips; a failure only costs the new weights."""
        try:
            await self._async_learn_all()
        except (OSError, StoreError, WakeModelError) as err:
            _LOGGER.warning("Training on clips failed (%s)", type(err).__name__)
        finally:
            if turn == self._turn and self._later is None:
                self.learning = False
                self._house.changed()

    async def _async_learn_all(self) -> None:
        items = self._clips.labeled_clips()
        basis = self._basis_now()
        heard = [clip async for clip in _opened(self._clips.async_read, items)]
        learned: dict[str, Learned] = {}
        windows: dict[str, ClipWindows] = {}
        if words := sorted({clip.wake_word for clip in heard if _enough(heard, clip.wake_word)}):
            # Separate engine: the one that listens belongs to the worker's thread.
            taught = None if self.taught is None else self.taught.models
            engine = await async_load_engine(self._hass, words, taught)
            windows = dict(self._windows)
        if words and (words := [word for word in words if word in engine.learnable]):
            learned = await self._hass.async_add_executor_job(_learn, engine, words, heard, basis, windows)
        # A caller that cancels this must not find the lock free while a thread still writes.
        await asyncio.shield(
            self._hass.async_create_task(self._async_adopt(basis, learned, windows), f"{DOMAIN}_learned")
        )

    async def _async_adopt(
        self, basis: str, learned: dict[str, Learned], windows: dict[str, ClipWindows]
    ) -> None:
        """Write the new weights, unless a clip or a taught word was removed meanwhile: then they are dropped."""
        async with self._lock:
            if basis != self._basis_now():
                return
            await self._hass.async_add_executor_job(replace_weights, self._folder, learned)
            self._learned = learned
            self._windows = windows
        if self._stopped:
            # Training was stopped while the weights were written; nothing stays in memory.
            self._windows.clear()
            return
        self._remember_for_a_while()
        self.settings_changed()

    def _basis_now(self) -> str:
        """Return a digest of what is learned from now; empty if there are no labeled clips."""
        return _basis(self._clips.labeled_clips(), () if self.taught is None else self.taught.key_ids)

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
    """Yield the clips usable for training: readable, and with a known wake word."""
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
    engine: WakeEngines,
    words: Iterable[str],
    heard: list[_Heard],
    basis: str,
    windows: dict[str, ClipWindows],
) -> dict[str, Learned]:
    """Train verifiers and evaluate them on held-out clips; blocks for seconds.

    New windows are added to `windows`, by recording id.
    """
    # numpy is installed, as the engine needs it.
    from ..wake.augmentation import background_windows, windows_of  # noqa: PLC0415
    from ..wake.verifier_training import LabeledClip, evaluate, learn  # noqa: PLC0415

    background = background_windows(engine)
    learned = {}
    for word in words:
        of_word = [clip for clip in heard if clip.wake_word == word]
        for clip in of_word:
            if clip.recording_id not in windows:
                seed = int(clip.recording_id[:8], 16)
                windows[clip.recording_id] = windows_of(engine, word, clip.audio, seed=seed)
        clips = [LabeledClip(meant=clip.meant, windows=windows[clip.recording_id]) for clip in of_word]
        try:
            verifier = learn(word, clips, background)
        except ValueError:
            # The engine finds the wake word in too few clips.
            continue
        threshold = sorted(clip.threshold for clip in of_word)[len(of_word) // 2]
        evaluation = evaluate(word, clips, background, threshold_before=threshold, threshold_after=threshold)
        learned[word] = Learned(verifier=verifier, evaluation=evaluation, basis=basis)
    return learned


def _enough(heard: Iterable[_Heard], wake_word: str) -> bool:
    """Return whether enough clips of a wake word are labeled for training."""
    meant = [clip.meant for clip in heard if clip.wake_word == wake_word]
    return meant.count(True) >= WAKES_NEEDED and meant.count(False) >= MIN_FALSE_WAKES


def _basis(items: Iterable[ReviewItem], key_ids: Collection[str] = ()) -> str:
    """Return a digest of clips and their labels, and of the taught words that there are; empty without clips."""
    lines = sorted(f"{item.recording_id} {item.label is Label.FALSE_WAKE}" for item in items)
    if lines:
        lines += sorted(key_ids)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""
