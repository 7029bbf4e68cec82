"""Data models without dependencies: utterances, recordings and deletion requests."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Self

from .feedback import Feedback
from .run_outcome import RunOutcome
from .wake_trace import WakeTrace


class StartedBy(StrEnum):
    """Trigger that made a satellite listen."""

    BUTTON = "button"
    """Push to talk."""

    CONVERSATION = "conversation"
    """A question or conversation that Home Assistant started."""

    SATELLITE = "satellite"
    """Wake word detected by the satellite itself."""

    WAKE_WORD = "wake_word"
    """Wake word detected by the integration's own wake engine."""

    @property
    def is_wake_word(self) -> bool:
        """True if a wake word was detected, which may be false."""
        return self in (StartedBy.SATELLITE, StartedBy.WAKE_WORD)


class RecordingKind(StrEnum):
    """Outcome of an utterance."""

    COMMAND = "command"
    """Speech that was passed to the Assist pipeline."""

    FALSE_WAKE = "false_wake"
    """Wake without a command."""

    @classmethod
    def after(cls, *, said: bool) -> RecordingKind:
        """Return the kind of an utterance in which something was said or not."""
        return cls.COMMAND if said else cls.FALSE_WAKE


class ListedKind(StrEnum):
    """Kind of a recording as lists and rows have it.

    A near miss is sealed as a false wake with a mark, so that an earlier version treats it as one.
    """

    COMMAND = "command"
    FALSE_WAKE = "false_wake"
    NEAR_MISS = "near_miss"
    """Sound that almost woke the satellite; no command and no wake."""


class DiscardReason(StrEnum):
    """Reason why an utterance was not stored."""

    DELETED = "deleted"
    """A deletion request covered it while it was still being captured."""

    DUPLICATE_WAKE = "duplicate_wake"
    """Another satellite had already answered the same wake word."""

    GUEST_MODE = "guest_mode"
    MUTED = "muted"
    MEMORY_ONLY = "memory_only"
    """The privacy level of its room keeps it in memory only."""

    PRIVACY_LEVEL = "privacy_level"
    """The privacy level of its room keeps nothing."""

    SAVING_OFF = "saving_off"
    SILENT = "silent"
    STOPPED = "stopped"
    """Home Assistant stopped, or the satellite was removed."""

    STORE_FAILED = "store_failed"
    STORE_FULL = "store_full"
    VOICE_COMMAND = "voice_command"
    """It was a voice command for deletion or privacy."""


CUT_SHORT: Final = frozenset(
    {
        DiscardReason.DELETED,
        DiscardReason.DUPLICATE_WAKE,
        DiscardReason.MUTED,
        DiscardReason.STOPPED,
        DiscardReason.VOICE_COMMAND,
    }
)
"""Reasons that leave unknown whether a command would have followed."""


class DeletionScope(StrEnum):
    """Scope of a deletion request."""

    ALL = "all"
    DAY = "day"
    FALSE_WAKES = "false_wakes"
    IDS = "ids"
    LAST = "last"
    RANGE = "range"
    TODAY = "today"


class RequesterKind(StrEnum):
    """Role of a requester."""

    AUTOMATION = "automation"
    """Home Assistant itself or an automation, without a particular user."""

    RETENTION = "retention"
    """The retention period of a recording has ended."""

    USER = "user"
    """A signed-in user."""

    VOICE = "voice"
    """The speaker of a voice command to a satellite."""


class AuditAction(StrEnum):
    """Action recorded in the access log."""

    CHANGED = "changed"
    DELETED = "deleted"
    EXPORTED = "exported"
    KEPT = "kept"
    """Had recordings written that were in memory only."""

    LISTED = "listed"
    LISTENED = "listened"
    MICROPHONE_OPENED = "microphone_opened"
    """Made a satellite listen without a wake word."""

    MICROPHONE_TESTED = "microphone_tested"
    """Heard a satellite live in a microphone test."""

    REVIEWED = "reviewed"
    """Labeled clips in the review pool."""

    TAKEN_OUT = "taken_out"
    """Removed clips from the review pool."""

    WAKE_WORD_TESTED = "wake_word_tested"
    """Tested a wake word model with what a satellite hears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Requester of an operation."""

    kind: RequesterKind = RequesterKind.AUTOMATION
    user_id: str | None = None
    """Id of the Home Assistant user, for kind USER."""

    satellite_id: str | None = None
    """Id of the satellite that received the command, for kind VOICE."""

    automation: str | None = None
    """Entity id of the automation or script if known, for kind AUTOMATION."""

    ask_again: Callable[[], Awaitable[None]] | None = field(default=None, compare=False, repr=False)
    """Callback that raises Refused if the right has been withdrawn; None if it cannot be withdrawn."""

    async def async_check(self) -> None:
        """Check the right again after a wait in which it may have been withdrawn. Raises Refused.

        Operations that wait, for example for a lock, call this before they change anything.
        """
        if self.ask_again is not None:
            await self.ask_again()

    @property
    def name(self) -> Requester:
        """Requester without its callback, for storing."""
        return self if self.ask_again is None else replace(self, ask_again=None)

    def as_stored(self) -> dict[str, str | None]:
        """Return the requester as files store it, without its callback."""
        return {
            "kind": self.kind.value,
            "user_id": self.user_id,
            "satellite_id": self.satellite_id,
            "automation": self.automation,
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Parse a stored requester. Raises KeyError, TypeError or ValueError if it is malformed."""
        ids = {name: stored.get(name) for name in ("user_id", "satellite_id", "automation")}
        if any(not isinstance(value, str | None) for value in ids.values()):
            raise TypeError
        return cls(kind=RequesterKind(stored["kind"]), **ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Wake word detected in a stream."""

    wake_word: str
    """Id of the wake word: the stem of its model file without the version, e.g. "alexa"."""

    score: float
    """Score of the chunk that crossed the threshold, 0 to 1."""

    threshold: float
    """Threshold that was crossed, 0 to 1."""

    end_sample: int
    """Samples of the stream (16 kHz, from its start) up to the end of the crossing chunk."""

    start_sample: int | None = None
    """Samples of the stream before the first sound of the wake word; None if nobody has looked."""

    generation: int = 0
    """Generation of the stream in which it was detected; each restart of the stream increases it."""

    trace: WakeTrace | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Captured speech, in memory only."""

    utterance_id: str
    """Random, 32 hexadecimal digits; becomes the recording's id."""

    satellite_id: str
    """Id of the satellite's config subentry."""

    started_at: datetime
    """Time of its first sample, aware, UTC."""

    started_monotonic: float
    """Time of its first sample on the monotonic clock of this boot, seconds."""

    started_by: StartedBy
    audio: bytes = field(repr=False)
    """Mono PCM, 16-bit little-endian, 16 kHz."""

    peak_dbfs: float
    """Level of the loudest 80 ms in dBFS (0 or less)."""

    kind: RecordingKind
    near_miss: bool = False
    """True for a sound that almost woke the satellite, which is stored like a false wake."""

    wake_word: str | None = None
    score: float | None = None
    """Wake word score, 0 to 1."""

    threshold: float | None = None
    """Wake word threshold, 0 to 1."""

    transcript: str | None = field(default=None, repr=False)
    reply: str | None = field(default=None, repr=False)
    language: str | None = None
    """BCP 47 tag of the pipeline's speech-to-text language."""

    trace: WakeTrace | None = field(default=None, repr=False)
    run: RunOutcome | None = field(default=None, repr=False)

    def without_text(self) -> Utterance:
        """Return the utterance without anything that repeats what was said."""
        run = None if self.run is None else replace(self.run, message=None)
        return replace(self, transcript=None, reply=None, run=run)

    def content(self) -> RecordingContent:
        """Return what is only readable with the recording's key."""
        return RecordingContent(
            audio=self.audio,
            started_by=self.started_by,
            wake_word=self.wake_word,
            score=self.score,
            threshold=self.threshold,
            transcript=self.transcript,
            reply=self.reply,
            language=self.language,
            trace=self.trace,
            run=self.run,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingInfo:
    """Public part of a recording, which can be listed without decrypting it."""

    recording_id: str
    """Random, 32 hexadecimal digits."""

    sequence: int
    """Persistent counter that is never reused. It defines the order of recordings."""

    satellite_id: str
    started_at: datetime
    """Aware, UTC."""

    started_monotonic: float | None
    """Start on the monotonic clock, seconds; None if recorded before this boot."""

    local_date: date
    """Calendar day of its start in the house's time zone."""

    duration: float
    """Length in seconds."""

    size: int
    """Size of the sealed file in bytes."""

    kind: RecordingKind
    near_miss: bool = False
    """True for a sound that almost woke the satellite."""

    has_text: bool = True
    """True if a transcript or reply may still be sealed in it."""

    mark: str = field(default="", compare=False, repr=False)
    """MAC of the other fields with the recording's key, which proves that they match its sealed file."""

    @property
    def listed_kind(self) -> ListedKind:
        """Kind as lists and rows have it."""
        if self.near_miss:
            return ListedKind.NEAR_MISS
        return ListedKind.COMMAND if self.kind is RecordingKind.COMMAND else ListedKind.FALSE_WAKE


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingContent:
    """Encrypted part of a recording."""

    audio: bytes = field(repr=False)
    """Mono PCM, 16-bit little-endian, 16 kHz."""

    started_by: StartedBy
    wake_word: str | None
    score: float | None
    threshold: float | None
    transcript: str | None = field(repr=False)
    reply: str | None = field(repr=False)
    language: str | None
    trace: WakeTrace | None = field(default=None, repr=False)
    """How its wake word was heard; None if it has none, or was made by an earlier version."""

    run: RunOutcome | None = field(default=None, repr=False)
    """What became of its Assist run; None if there was none, or it was made by an earlier version."""

    feedback: Feedback | None = field(default=None, repr=False)
    """What somebody said was wrong with it, unless it was said in review."""

    @property
    def has_text(self) -> bool:
        """True if it repeats what was said."""
        message = None if self.run is None else self.run.message
        correction = None if self.feedback is None else self.feedback.correction
        return any(text is not None for text in (self.transcript, self.reply, message, correction))

    @property
    def extras(self) -> dict[str, Any]:
        """Fields that earlier versions do not know, as they are sealed and exported; unknown ones are left out."""
        extras = {"wake": self.trace, "run": self.run, "feedback": self.feedback}
        return {name: extra.as_stored() for name, extra in extras.items() if extra is not None}

    def without_text(self) -> RecordingContent:
        """Return the content without anything that repeats what was said."""
        return replace(
            self,
            transcript=None,
            reply=None,
            run=None if self.run is None else replace(self.run, message=None),
            feedback=None if self.feedback is None else replace(self.feedback, correction=None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionRequest:
    """Deletion request; every entry point creates this type."""

    scope: DeletionScope
    satellite_ids: frozenset[str] | None = None
    """Only recordings of these satellites; None for the whole house."""

    recording_ids: frozenset[str] = frozenset()
    """Recording ids, for scope IDS."""

    day: date | None = None
    """Calendar day in the house's time zone, for scope DAY."""

    start: datetime | None = None
    """Start of the range (inclusive), aware, for scope RANGE."""

    end: datetime | None = None
    """End of the range (exclusive), aware, for scope RANGE."""

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
    """Copies that deletion cannot reach; the translations describe their content."""

    BACKUP_ROWS = "backup_rows"
    """Earlier backups contain rows: the fact and time of a recording, without audio or text."""

    CLOUD_AGENT = "cloud_agent"
    """A cloud conversation agent of an Assist pipeline has received transcripts."""

    CLOUD_SPEECH_TO_TEXT = "cloud_speech_to_text"
    """A cloud speech-to-text service of an Assist pipeline has received audio."""

    EXPORTED_FILES = "exported_files"
    """Recordings have been exported since the oldest deleted recording was made."""

    TTS_CACHE = "tts_cache"
    """Home Assistant's cache contains spoken replies as plain audio files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionReceipt:
    """Result of a deletion request, as read back from storage."""

    asked: int
    """Recordings and utterances in flight that the request covered."""

    deleted: int
    """Keys that were read back as zeros from disk, plus utterances fenced in memory."""

    already_gone: int = 0
    """Ids in the request that no longer exist."""

    pending_row_work: int = 0
    """Deleted recordings whose row and file have not been swept yet."""

    verified: bool = True
    """True if every key slot was read back as zeros, so that nothing can be decrypted any more.

    Rows are counted once they are deleted.
    """

    recording_ids: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    """Ids of recordings whose keys were destroyed; their rows can be counted once row work is done."""

    not_reachable: tuple[NotReachable, ...] = ()
    """Copies that deletion cannot reach."""

    def as_dict(self) -> dict[str, Any]:
        """Return what actions and the page answer; the ids of the deleted recordings are left out."""
        return {
            "asked": self.asked,
            "deleted": self.deleted,
            "already_gone": self.already_gone,
            "pending": self.pending_row_work,
            "verified": self.verified,
            "not_reachable": [copy.value for copy in self.not_reachable],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSummary:
    """Totals of stored recordings of a satellite, or of the house."""

    recordings: int = 0
    false_wakes: int = 0
    """Number of the recordings that are false wakes."""

    near_misses: int = 0
    """Number of the recordings that are near misses."""

    size: int = 0
    """Size of the sealed files in bytes."""

    last_started_at: datetime | None = None
    """Start of the recording with the highest sequence, aware, UTC."""
