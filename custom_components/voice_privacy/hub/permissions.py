"""Who may do what, as data: the table of rights, and every door with the right that it asks for.

No door decides anything itself. Registering a door looks it up here, so that one without a right cannot be
registered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from homeassistant.const import Platform

from ..core.models import DeletionScope
from ..core.voice_language import VoiceCommand
from .settings import HouseToggle, SatelliteToggle

# --- rights --------------------------------------------------------------------------------------


class Right(StrEnum):
    """Something that a door may ask for."""

    CANCEL_DELETION = "cancel_deletion"
    """Answer no to the question whether everything is to be deleted."""

    CHANGE_CONSENT = "change_consent"
    """Turn any toggle but mute and guest mode."""

    CHANGE_RETENTION = "change_retention"
    CLEAR_SPOKEN_REPLIES = "clear_spoken_replies"
    """Remove all spoken replies, of every conversation, from Home Assistant's cache."""

    CONFIGURE_SATELLITE = "configure_satellite"
    """Choose a satellite's wake word threshold or Assist pipeline."""

    DELETE_ALL = "delete_all"
    DELETE_RECENT = "delete_recent"
    """Delete the last recording, those of today, or the false wakes."""

    DELETE_SELECTED = "delete_selected"
    """Delete single recordings."""

    DELETE_SPAN = "delete_span"
    """Delete the recordings of a day, or of a span of time."""

    END_GUEST_MODE = "end_guest_mode"
    EXPORT = "export"
    GUEST_MODE = "guest_mode"
    """Turn guest mode on."""

    KNOW_WHAT_IS_KEPT = "know_what_is_kept"
    """Learn how many recordings are kept, and from when they are."""

    LISTEN = "listen"
    """List, search and play recordings."""

    MANAGE_REVIEW = "manage_review"
    MUTE = "mute"
    """Turn a microphone off."""

    OPEN_MICROPHONE = "open_microphone"
    """Make a satellite listen without a wake word."""

    READ_LOG = "read_log"
    REVIEW = "review"
    """Hear and label clips of the review pool, without knowing whose they are."""

    SUBSCRIBE = "subscribe"
    """Follow the state of what the user may read."""

    UNMUTE = "unmute"
    """Turn a microphone on again."""


class Ground(Enum):
    """What a signed-in user who is no administrator needs for a right."""

    CONTROLS = "controls"
    """May control every entity of the satellite, or of the house."""

    LISTENS = "listens"
    """The option "household may listen" is on, and the user may read every entity of the satellite."""

    MICROPHONES_ARE_SHARED = "microphones_are_shared"
    """The owner lets members open microphones."""

    READS = "reads"
    """May read every entity of the satellite, or of the house."""

    REVIEWS = "reviews"
    """The owner has made the user a reviewer."""


class Voice(Enum):
    """Whether a right can be used in words, spoken to a satellite or written to Assist.

    Words play nothing, switch no microphone on and do not end guest mode, not even through an entity that
    is exposed to Assist.
    """

    NO = "no"
    WITH_CONSENT = "with_consent"
    """Only while deletion by voice is on."""

    YES = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who has one right beside the administrators, who have every right."""

    members: frozenset[Ground] | None = None
    """Signed-in users for whom all of this holds; None for administrators only."""

    automation: bool = False
    """Whatever runs without a user: only administrators write automations."""

    voice: Voice = Voice.NO
    house: bool = False
    """Concerns the whole house, whichever satellite is named."""

    anywhere: bool = False
    """Without a satellite, having it at one of them is enough; the door answers with what belongs to those."""


RIGHTS: Final[Mapping[Right, Rule]] = {
    Right.CANCEL_DELETION: Rule(members=frozenset({Ground.CONTROLS}), voice=Voice.YES),
    Right.CHANGE_CONSENT: Rule(automation=True),
    Right.CHANGE_RETENTION: Rule(automation=True),
    Right.CLEAR_SPOKEN_REPLIES: Rule(automation=True, house=True),
    Right.CONFIGURE_SATELLITE: Rule(automation=True),
    Right.DELETE_ALL: Rule(automation=True, voice=Voice.WITH_CONSENT),
    Right.DELETE_RECENT: Rule(
        members=frozenset({Ground.CONTROLS}), automation=True, voice=Voice.WITH_CONSENT
    ),
    Right.DELETE_SELECTED: Rule(members=frozenset({Ground.CONTROLS, Ground.LISTENS})),
    Right.DELETE_SPAN: Rule(automation=True),
    Right.END_GUEST_MODE: Rule(members=frozenset({Ground.CONTROLS}), automation=True, house=True),
    Right.EXPORT: Rule(),
    Right.GUEST_MODE: Rule(
        members=frozenset({Ground.CONTROLS}), automation=True, voice=Voice.YES, house=True
    ),
    Right.KNOW_WHAT_IS_KEPT: Rule(members=frozenset({Ground.READS}), voice=Voice.YES),
    Right.LISTEN: Rule(members=frozenset({Ground.LISTENS}), anywhere=True),
    Right.MANAGE_REVIEW: Rule(),
    Right.MUTE: Rule(members=frozenset({Ground.CONTROLS}), automation=True, voice=Voice.YES),
    Right.OPEN_MICROPHONE: Rule(
        members=frozenset({Ground.CONTROLS, Ground.MICROPHONES_ARE_SHARED}), automation=True
    ),
    Right.READ_LOG: Rule(),
    Right.REVIEW: Rule(members=frozenset({Ground.REVIEWS}), house=True),
    Right.SUBSCRIBE: Rule(members=frozenset()),
    Right.UNMUTE: Rule(members=frozenset({Ground.CONTROLS}), automation=True),
}

# --- doors ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ByField:
    """A door whose right depends on a field of what is asked for."""

    field: str
    rights: Mapping[Any, Door]


type Door = Right | ByField

_GUEST_MODE: Final = ByField("on", {True: Right.GUEST_MODE, False: Right.END_GUEST_MODE})

_DELETION: Final = ByField(
    "scope",
    {
        DeletionScope.ALL: Right.DELETE_ALL,
        DeletionScope.DAY: Right.DELETE_SPAN,
        DeletionScope.FALSE_WAKES: Right.DELETE_RECENT,
        DeletionScope.IDS: Right.DELETE_SELECTED,
        DeletionScope.LAST: Right.DELETE_RECENT,
        DeletionScope.RANGE: Right.DELETE_SPAN,
        DeletionScope.TODAY: Right.DELETE_RECENT,
    },
)

_TOGGLE: Final = ByField(
    "toggle",
    {
        HouseToggle.DELETION_BY_VOICE: Right.CHANGE_CONSENT,
        HouseToggle.GUEST_MODE: _GUEST_MODE,
        HouseToggle.HELP_IMPROVE: Right.CHANGE_CONSENT,
        HouseToggle.HOUSEHOLD_MAY_LISTEN: Right.CHANGE_CONSENT,
        HouseToggle.VERIFIER: Right.CHANGE_CONSENT,
        SatelliteToggle.MUTED: ByField("on", {True: Right.MUTE, False: Right.UNMUTE}),
        SatelliteToggle.SAVE_RECORDINGS: Right.CHANGE_CONSENT,
        SatelliteToggle.SAVE_TRANSCRIPTS: Right.CHANGE_CONSENT,
    },
)
"""Toggles of the same name, of the house and of a satellite, need the same right."""

COMMANDS: Final[Mapping[str, Door]] = {
    "access_log": Right.READ_LOG,
    "microphones/press_to_talk": Right.OPEN_MICROPHONE,
    "microphones/set_threshold": Right.CONFIGURE_SATELLITE,
    "recordings/delete": _DELETION,
    "recordings/get": Right.LISTEN,
    "recordings/list": Right.LISTEN,
    "recordings/preview": _DELETION,
    "recordings/search": Right.LISTEN,
    "retention/preview": Right.CHANGE_RETENTION,
    "retention/set": Right.CHANGE_RETENTION,
    "review/allow": Right.MANAGE_REVIEW,
    "review/label": Right.REVIEW,
    "review/learned": Right.MANAGE_REVIEW,
    "review/list": Right.REVIEW,
    "review/pool": Right.MANAGE_REVIEW,
    "review/reviewers": Right.MANAGE_REVIEW,
    "review/scores": Right.MANAGE_REVIEW,
    "review/set_reviewer": Right.MANAGE_REVIEW,
    "review/take_out": Right.MANAGE_REVIEW,
    "review/transcript": Right.REVIEW,
    "settings/set": _TOGGLE,
    "subscribe": Right.SUBSCRIBE,
}
"""Websocket commands, by name."""

VIEWS: Final[Mapping[str, Door]] = {
    "archive": Right.EXPORT,
    "audio": ByField("download", {False: Right.LISTEN, True: Right.EXPORT}),
    "review_audio": Right.REVIEW,
}
"""HTTP views, by the last part of their name."""

ACTIONS: Final[Mapping[str, Door]] = {
    "clear_spoken_replies": Right.CLEAR_SPOKEN_REPLIES,
    "delete_all": Right.DELETE_ALL,
    "delete_false_wakes": Right.DELETE_RECENT,
    "delete_last": Right.DELETE_RECENT,
    "delete_range": Right.DELETE_SPAN,
    "delete_today": Right.DELETE_RECENT,
    "press_to_talk": Right.OPEN_MICROPHONE,
}
"""Actions of our own domain, by name."""

ENTITIES: Final[Mapping[tuple[Platform, str], Door]] = {
    (Platform.BUTTON, "delete_last"): Right.DELETE_RECENT,
    (Platform.BUTTON, "delete_today"): Right.DELETE_RECENT,
    (Platform.BUTTON, "press_to_talk"): Right.OPEN_MICROPHONE,
    (Platform.NUMBER, "storage_limit"): Right.CHANGE_RETENTION,
    (Platform.SELECT, "keep_false_wakes"): Right.CHANGE_RETENTION,
    (Platform.SELECT, "keep_recordings"): Right.CHANGE_RETENTION,
    (Platform.SELECT, "keep_transcripts"): Right.CHANGE_RETENTION,
    (Platform.SELECT, "pipeline"): Right.CONFIGURE_SATELLITE,
    (Platform.SELECT, "vad_sensitivity"): Right.CONFIGURE_SATELLITE,
    (Platform.SWITCH, "deletion_by_voice"): Right.CHANGE_CONSENT,
    (Platform.SWITCH, "guest_mode"): _GUEST_MODE,
    (Platform.SWITCH, "help_improve"): Right.CHANGE_CONSENT,
    (Platform.SWITCH, "microphone"): ByField("on", {True: Right.UNMUTE, False: Right.MUTE}),
    (Platform.SWITCH, "save_recordings"): Right.CHANGE_CONSENT,
    (Platform.SWITCH, "save_transcripts"): Right.CHANGE_CONSENT,
    (Platform.SWITCH, "verifier"): Right.CHANGE_CONSENT,
}
"""Entities that Home Assistant's own actions act upon, by platform and key; "on" is what a switch is turned."""

WORDS: Final[Mapping[VoiceCommand, Right]] = {
    VoiceCommand.DELETE_ALL: Right.DELETE_ALL,
    VoiceCommand.DELETE_LAST: Right.DELETE_RECENT,
    VoiceCommand.DELETE_TODAY: Right.DELETE_RECENT,
    VoiceCommand.FALSE_WAKE: Right.DELETE_RECENT,
    VoiceCommand.GUEST_MODE: Right.GUEST_MODE,
    VoiceCommand.MUTE: Right.MUTE,
    VoiceCommand.NO: Right.CANCEL_DELETION,
    VoiceCommand.SUMMARY: Right.KNOW_WHAT_IS_KEPT,
    VoiceCommand.YES: Right.DELETE_ALL,
}
"""Sentences and tools of language models."""


def right_of(door: Door, asked: Mapping[str, Any]) -> Right:
    """Return the right that a door asks for. Raises KeyError for a field's value that has none."""
    return door if isinstance(door, Right) else right_of(door.rights[asked[door.field]], asked)
