"""Dependency-neutral models: what was heard, what was kept, what is to be deleted."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final


class StartedBy(StrEnum):
    """What made a satellite listen."""

    BUTTON = "button"
    """Somebody pressed to talk."""

    SATELLITE = "satellite"
    """The satellite found its wake word by itself."""

    WAKE_WORD = "wake_word"
    """Our own wake engine heard the wake word."""


class RecordingKind(StrEnum):
    """What became of an utterance."""

    COMMAND = "command"
    """Something was said and handed to the Assist pipeline."""

    FALSE_WAKE = "false_wake"
    """A wake that led to no command."""

    @classmethod
    def after(cls, *, said: bool) -> RecordingKind:
        """Return what an utterance became in which something was said or not."""
        return cls.COMMAND if said else cls.FALSE_WAKE


class DiscardReason(StrEnum):
    """Why an utterance was not kept."""

    DELETED = "deleted"
    """A deletion request reached it while it was still being captured."""

    DUPLICATE_WAKE = "duplicate_wake"
    """Another satellite had already answered the same wake word."""

    GUEST_MODE = "guest_mode"
    MUTED = "muted"
    SAVING_OFF = "saving_off"
    SILENT = "silent"
    STOPPED = "stopped"
    """Home Assistant stopped, or the satellite was removed."""

    STORE_FAILED = "store_failed"
    STORE_FULL = "store_full"
    VOICE_COMMAND = "voice_command"
    """It asked for a deletion, or for privacy."""


CUT_SHORT: Final = frozenset(
    {
        DiscardReason.DELETED,
        DiscardReason.DUPLICATE_WAKE,
        DiscardReason.MUTED,
        DiscardReason.STOPPED,
        DiscardReason.VOICE_COMMAND,
    }
)
"""Reasons after which it is not known whether a command would have followed."""


class DeletionScope(StrEnum):
    """Which recordings a deletion request means."""

    ALL = "all"
    DAY = "day"
    FALSE_WAKES = "false_wakes"
    IDS = "ids"
    LAST = "last"
    RANGE = "range"
    TODAY = "today"


class RequesterKind(StrEnum):
    """In which role somebody asks for something."""

    AUTOMATION = "automation"
    """Home Assistant itself or an automation: nobody in particular."""

    RETENTION = "retention"
    """The time that a recording is kept has ended."""

    USER = "user"
    """A person who is signed in."""

    VOICE = "voice"
    """Whoever spoke to a satellite."""


class AuditAction(StrEnum):
    """What the access log tells of."""

    CHANGED = "changed"
    DELETED = "deleted"
    EXPORTED = "exported"
    LISTED = "listed"
    LISTENED = "listened"
    MICROPHONE_OPENED = "microphone_opened"
    """Made a satellite listen without a wake word."""

    REVIEWED = "reviewed"
    """Said of clips whether they were meant for us."""

    TAKEN_OUT = "taken_out"
    """Clips left the review pool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who asks."""

    kind: RequesterKind = RequesterKind.AUTOMATION
    user_id: str | None = None
    """Of the Home Assistant user, for the kind USER."""

    satellite_id: str | None = None
    """Of the satellite that was spoken to, for the kind VOICE."""

    automation: str | None = None
    """Entity id of the automation or script, for the kind AUTOMATION, where it is known."""

    ask_again: Callable[[], Awaitable[None]] | None = field(default=None, compare=False, repr=False)
    """Raises Refused where the right to what is asked for is gone; None where nobody can withdraw it."""

    async def async_check(self) -> None:
        """Ask for the right again, after a wait in which it may have been withdrawn. Raises Refused.

        Whatever waits for a turn before it changes anything calls this when the turn has come.
        """
        if self.ask_again is not None:
            await self.ask_again()

    @property
    def name(self) -> Requester:
        """Who asks, to be remembered: without what is needed to ask again."""
        return self if self.ask_again is None else replace(self, ask_again=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A wake word that was heard in a stream."""

    wake_word: str
    """Id of the wake word: the stem of its model file without the version, e.g. "alexa"."""

    score: float
    """Score of the chunk that crossed the threshold, 0 to 1."""

    threshold: float
    """Threshold that was crossed, 0 to 1."""

    end_sample: int
    """Samples of the stream (16 kHz, from its start) up to the end of the crossing chunk."""

    generation: int = 0
    """Which life of the stream it was heard in; a restart of the stream begins another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Captured speech that is still in memory only."""

    utterance_id: str
    """Random, 32 hexadecimal digits; becomes the recording's id."""

    satellite_id: str
    """Id of the satellite's config subentry."""

    started_at: datetime
    """Instant of its first sample, aware, UTC."""

    started_monotonic: float
    """The same instant on the monotonic clock of this boot, seconds."""

    started_by: StartedBy
    audio: bytes = field(repr=False)
    """Mono PCM, 16-bit little-endian, 16 kHz."""

    peak_dbfs: float
    """Loudest 80 ms, dB below full scale (0 or less)."""

    kind: RecordingKind
    wake_word: str | None = None
    score: float | None = None
    """Wake word score, 0 to 1."""

    threshold: float | None = None
    """Wake word threshold, 0 to 1."""

    transcript: str | None = field(default=None, repr=False)
    reply: str | None = field(default=None, repr=False)
    language: str | None = None
    """BCP 47 tag of the pipeline's speech-to-text language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingInfo:
    """What may be listed of a recording without opening its seal."""

    recording_id: str
    """Random, 32 hexadecimal digits."""

    sequence: int
    """Persisted counter, never used twice: the order of recordings is the order of sequences."""

    satellite_id: str
    started_at: datetime
    """Aware, UTC."""

    started_monotonic: float | None
    """On the monotonic clock, seconds; None when it was recorded before this boot."""

    local_date: date
    """The house's calendar day when it started."""

    duration: float
    """Seconds."""

    size: int
    """Bytes on disk, sealed."""

    kind: RecordingKind
    has_text: bool = True
    """Whether a transcript or reply may still be sealed in it."""

    mark: str = field(default="", compare=False, repr=False)
    """Proves that all the rest comes from its seal: only the recording's own key makes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingContent:
    """What the seal protects."""

    audio: bytes = field(repr=False)
    """Mono PCM, 16-bit little-endian, 16 kHz."""

    started_by: StartedBy
    wake_word: str | None
    score: float | None
    threshold: float | None
    transcript: str | None = field(repr=False)
    reply: str | None = field(repr=False)
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionRequest:
    """A wish to delete; every way of asking ends in one of these."""

    scope: DeletionScope
    satellite_ids: frozenset[str] | None = None
    """Only recordings of these satellites; None for the whole house."""

    recording_ids: frozenset[str] = frozenset()
    """For the scope IDS."""

    day: date | None = None
    """For the scope DAY: a calendar day of the house."""

    start: datetime | None = None
    """For the scope RANGE: first instant, aware."""

    end: datetime | None = None
    """For the scope RANGE: the instant after the last, aware."""

    def __post_init__(self) -> None:
        """Refuse fields that belong to another scope. Raises ValueError."""
        given = {
            DeletionScope.DAY: self.day is not None,
            DeletionScope.IDS: bool(self.recording_ids),
            DeletionScope.RANGE: self.start is not None or self.end is not None,
        }
        if any(is_given and scope is not self.scope for scope, is_given in given.items()):
            raise ValueError("a field belongs to another scope")


class NotReachable(StrEnum):
    """Copies that no deletion here reaches; the translations say what is in them."""

    BACKUP_ROWS = "backup_rows"
    """Backups made before hold rows: that and when something was recorded, no audio and no text."""

    CLOUD_AGENT = "cloud_agent"
    """An assistant in a cloud, which an Assist pipeline uses, was given transcripts."""

    CLOUD_SPEECH_TO_TEXT = "cloud_speech_to_text"
    """A speech-to-text service in a cloud, which an Assist pipeline uses, was given audio."""

    EXPORTED_FILES = "exported_files"
    """Recordings were exported since the oldest of those that were deleted."""

    TTS_CACHE = "tts_cache"
    """Home Assistant's cache of spoken replies holds some, as plain sound files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionReceipt:
    """What a deletion request did, as read back from storage."""

    asked: int
    """Recordings and utterances in flight that the request meant."""

    deleted: int
    """Keys that are zero on disk and were read back, plus utterances that were fenced off in memory."""

    already_gone: int = 0
    """Asked for by id, but no longer there."""

    pending_row_work: int = 0
    """Deleted recordings whose row and file still wait to be swept."""

    verified: bool = True
    """Every key slot was read back as zeros: nothing opens any more. Rows are counted once they are gone."""

    recording_ids: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    """Whose keys were destroyed; their rows can be counted once row work is done."""

    not_reachable: tuple[NotReachable, ...] = ()
    """Copies that deletion cannot reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSummary:
    """Figures of what is kept for one satellite, or for the house."""

    recordings: int = 0
    false_wakes: int = 0
    """How many of the recordings are false wakes."""

    size: int = 0
    """Bytes on disk, sealed."""

    last_started_at: datetime | None = None
    """Start of the recording with the highest sequence, aware, UTC."""
