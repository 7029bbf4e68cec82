"""A teaching session: the clips of one new wake word, what is wrong with them, and the word that is made of them.

The audio of a clip is gone as soon as its numbers have been computed; the numbers are in memory until the session ends.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..core.errors import InvalidRequest, TaughtWordSimilar, TeachingOver
from ..core.models import Requester
from ..core.taught_words import MAX_CLIPS, ClipKind, SavedWord
from ..satellites.base import Satellite
from .live_test import LiveTest
from .taught import TaughtWords

if TYPE_CHECKING:
    from ..wake.engines import WakeEngines
    from ..wake.enrolment import EnrolledClip, Enroller
    from ..wake.taught import TaughtWord

MAX_PEOPLE: Final = 20

_GOOD: Final = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """Wake word that sounds like the new one."""

    wake_word: str
    name: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedClip:
    """A clip that was recorded, with the verdicts of all clips of its kind."""

    index: int
    verdict: str
    is_short: bool
    seconds: float
    verdicts: list[str]


@dataclass(frozen=True, slots=True)
class _Clip:
    """Numbers of a clip."""

    enrolled: EnrolledClip = field(repr=False)
    person: int
    woken: dict[str, float] = field(repr=False)
    """Scores of the trained wake words that would have been woken by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """Word that was made of the clips."""

    model: TaughtWord = field(repr=False)
    similar: tuple[Similar, ...]
    is_short: bool


class TeachingSession:
    """One new word, taught at one satellite. It belongs to the event loop."""

    def __init__(
        self,
        hass: HomeAssistant,
        satellite: Satellite,
        by: Requester,
        *,
        name: str,
        wake_word: str,
        enroller: Enroller,
        trained: WakeEngines | None,
        taught: TaughtWords,
        on_end: Callable[[str | None], None],
    ) -> None:
        """Begin without clips.

        Args:
            hass: Home Assistant.
            satellite: The satellite whose microphone is used.
            by: Who teaches.
            name: Name of the word as it is shown.
            wake_word: Id of the word.
            enroller: Makes the word of clips.
            trained: Engine of the wake words that the new one is compared with, or None.
            taught: Taught words that the new one is compared with.
            on_end: Called once when the session ends by itself, with the code of an error or None.
        """
        self.session_id = uuid4().hex
        self.satellite = satellite
        self.by = by
        self.name = name
        self.wake_word = wake_word
        self.live: LiveTest[Any] | None = None
        """Clip or test that is under way."""

        self.judging: asyncio.Task[None] | None = None
        self.on_over: Callable[[], None] = lambda: None
        self.ended = False
        self._hass = hass
        self._enroller = enroller
        self._trained = trained
        self._taught = taught
        self._on_end: Callable[[str | None], None] | None = on_end
        self._clips: dict[ClipKind, list[_Clip]] = {kind: [] for kind in ClipKind}
        self._made: _Made | None = None
        self._turn = asyncio.Lock()

    # --- life cycle ------------------------------------------------------------------------------

    @callback
    def cancel(self) -> None:
        """End the session without telling anybody: nobody follows it any more."""
        self._on_end = None
        self.end(None)

    @callback
    def end(self, code: str | None) -> None:
        """End the session and drop its clips; later calls have no effect."""
        if self.ended:
            return
        self.ended = True
        for clips in self._clips.values():
            clips.clear()
        self._made = None
        if self.live is not None:
            self.live.end(code)
            self.live = None
        if self.judging is not None and self.judging is not asyncio.current_task():
            self.judging.cancel()
        self.on_over()
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end(code)

    @property
    def is_busy(self) -> bool:
        """True while a clip is recorded or judged, or the word is tested."""
        return self.live is not None or self.judging is not None

    def _check_running(self) -> None:
        if self.ended:
            raise TeachingOver

    # --- clips -----------------------------------------------------------------------------------

    def require_room(self, kind: ClipKind, person: int) -> None:
        """Raise InvalidRequest if there are too many clips or people already."""
        if len(self._clips[kind]) >= MAX_CLIPS or not 1 <= person <= MAX_PEOPLE:
            raise InvalidRequest

    async def async_add(self, kind: ClipKind, person: int, pcm: bytes) -> JudgedClip:
        """Judge a clip, and add its numbers to the others. Raises TeachingOver."""
        async with self._turn:
            self._check_running()
            enrolled, woken = await self._hass.async_add_executor_job(self._enroll, kind, pcm)
            self._check_running()
            self._made = None
            clips = self._clips[kind]
            clips.append(_Clip(enrolled, person, woken))
            verdicts = await self._async_verdicts(kind)
            return JudgedClip(
                index=len(clips) - 1,
                verdict=verdicts[-1],
                is_short=enrolled.is_short,
                seconds=enrolled.seconds,
                verdicts=verdicts,
            )

    def _enroll(self, kind: ClipKind, pcm: bytes) -> tuple[EnrolledClip, dict[str, float]]:
        """Return the numbers of a clip; blocks."""
        from ..wake.enrolment import trained_that_hear  # noqa: PLC0415  # needs numpy, as the enroller does

        enrolled = self._enroller.clip(pcm)
        if kind is ClipKind.OTHER or self._trained is None or enrolled.template is None:
            return enrolled, {}
        return enrolled, trained_that_hear(self._trained, [pcm])

    async def _async_verdicts(self, kind: ClipKind) -> list[str]:
        """Return the verdict on each clip of a kind."""
        enrolled = [clip.enrolled for clip in self._clips[kind]]
        if kind is ClipKind.OTHER:
            return [clip.verdict.value for clip in enrolled]
        verdicts = await self._hass.async_add_executor_job(self._enroller.judge, enrolled)
        self._check_running()
        return [verdict.value for verdict in verdicts]

    async def async_drop(self, kind: ClipKind, index: int) -> list[str]:
        """Drop a clip; return the verdicts on the others. Raises InvalidRequest or TeachingOver."""
        async with self._turn:
            self._check_running()
            if not 0 <= index < len(self._clips[kind]):
                raise InvalidRequest
            del self._clips[kind][index]
            self._made = None
            return await self._async_verdicts(kind)

    # --- the word --------------------------------------------------------------------------------

    @property
    def model(self) -> TaughtWord | None:
        """The word as it was made last, or None if clips have changed since."""
        return None if self._made is None else self._made.model

    async def async_make(self) -> tuple[tuple[Similar, ...], bool]:
        """Make the word of all good clips; return similar wake words, and whether it is short.

        Raises TaughtClipsTooFew or TeachingOver.
        """
        async with self._turn:
            self._check_running()
            verdicts = await self._async_verdicts(ClipKind.WORD)
            good = [
                clip
                for clip, verdict in zip(self._clips[ClipKind.WORD], verdicts, strict=True)
                if verdict == _GOOD
            ]
            others = [
                clip.enrolled for clip in self._clips[ClipKind.OTHER] if clip.enrolled.template is not None
            ]
            model, similar = await self._hass.async_add_executor_job(
                self._make, [clip.enrolled for clip in good], others, dict(self._taught.models)
            )
            self._check_running()
            for clip in good:
                for wake_word, score in clip.woken.items():
                    similar[wake_word] = max(score, similar.get(wake_word, 0.0))
            self._made = made = _Made(
                model=model,
                similar=tuple(
                    Similar(wake_word=wake_word, name=self._taught.phrase_of(wake_word), score=score)
                    for wake_word, score in sorted(similar.items(), key=lambda item: -item[1])
                ),
                is_short=2 * sum(clip.enrolled.is_short for clip in good) > len(good),
            )
            return made.similar, made.is_short

    def _make(
        self, good: list[EnrolledClip], others: list[EnrolledClip], taught: dict[str, TaughtWord]
    ) -> tuple[TaughtWord, dict[str, float]]:
        """Return the word, and the taught words that sound like it; blocks."""
        model = self._enroller.teach(self.wake_word, good, others)
        return model, dict(self._enroller.similar(model, taught))

    async def async_save(self, *, accept_similar: bool) -> None:
        """Keep the word; it is on disk and was read back when this returns, and the session has ended.

        Raises InvalidRequest if no word was made, TaughtWordSimilar, TaughtWordExists, StoreError, TeachingOver or Refused.
        """
        async with self._turn:
            self._check_running()
            if (made := self._made) is None:
                raise InvalidRequest
            if made.similar and not accept_similar:
                raise TaughtWordSimilar(name=made.similar[0].name)
            await self.by.async_check()
            self._check_running()
            words = self._clips[ClipKind.WORD]
            saved = SavedWord(
                wake_word=self.wake_word,
                name=self.name,
                created=dt_util.now().date(),
                user_id=self.by.user_id,
                people=len({clip.person for clip in words}),
                clips=len(made.model.templates),
                anti_examples=len(made.model.anti_examples),
                is_short=made.is_short,
                model=made.model.to_bytes(),
            )
            await self._taught.async_add(saved, made.model)
        self.end(None)
