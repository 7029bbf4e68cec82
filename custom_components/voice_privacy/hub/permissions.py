"""Permissions as data: the table of rights, and the right required by each entry point.

Entry points never decide themselves. Each is looked up here when it is registered, so that an entry
point without a right cannot be registered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final

from homeassistant.const import Platform

from ..core.house_settings import HouseToggle, SatelliteToggle
from ..core.models import DeletionScope
from ..core.voice_language import VoiceCommand

# --- rights --------------------------------------------------------------------------------------


class Right(StrEnum):
    """Rights that an entry point can require."""

    CANCEL_DELETION = "cancel_deletion"
    """Decline the confirmation of "delete everything"."""

    CHANGE_CONSENT = "change_consent"
    """Set any toggle except mute and guest mode."""

    CHANGE_LEVEL = "change_level"
    """Set the privacy level of a room to any value, that of new rooms, and the overrides."""

    CHANGE_OPTIONS = "change_options"
    """Read and change the options of the house."""

    CHANGE_RETENTION = "change_retention"
    CLEAR_SPOKEN_REPLIES = "clear_spoken_replies"
    """Remove all spoken replies, of every conversation, from Home Assistant's cache."""

    CONFIGURE_SATELLITE = "configure_satellite"
    """Set a satellite's wake word threshold, Assist pipeline or microphone settings."""

    DELETE_ALL = "delete_all"
    DELETE_RECENT = "delete_recent"
    """Delete the last recording, today's recordings, or the false wakes."""

    DELETE_SELECTED = "delete_selected"
    """Delete individual recordings."""

    DELETE_SPAN = "delete_span"
    """Delete the recordings of a day or of a time range."""

    END_GUEST_MODE = "end_guest_mode"
    EXPORT = "export"
    GUEST_MODE = "guest_mode"
    """Turn guest mode on."""

    HEAR_LIVE = "hear_live"
    """Hear a satellite live in a microphone test."""

    KEEP_HELD = "keep_held"
    """Have a recording written that is in memory only."""

    KNOW_WHAT_IS_KEPT = "know_what_is_kept"
    """Get the number and age of stored recordings."""

    LISTEN = "listen"
    """List, search and play recordings."""

    MANAGE_REVIEW = "manage_review"
    MANAGE_WAKE_WORDS = "manage_wake_words"
    """List, add, remove, choose and test wake word models."""
    MANAGE_SATELLITES = "manage_satellites"
    """Add a satellite, or choose the pipeline that it uses."""

    MUTE = "mute"
    """Mute a microphone."""

    OPEN_MICROPHONE = "open_microphone"
    """Make a satellite listen without a wake word."""

    RAISE_LEVEL = "raise_level"
    """Set the privacy level of a room to a stricter one at which nothing is kept."""

    READ_LOG = "read_log"
    READ_ROOM_LOG = "read_room_log"
    """Read the part of the access log that concerns rooms which the user may control."""

    REVIEW = "review"
    """Play and label clips of the review pool, without seeing whose they are."""

    SEARCH_ELSEWHERE = "search_elsewhere"
    """Search the rest of Home Assistant for what was said, and remove it there."""

    SELF_TEST = "self_test"
    """Run the self-test of deletion, and read its results."""

    SUBSCRIBE = "subscribe"
    """Subscribe to the state of everything that the user may read."""

    TEACH_WAKE_WORDS = "teach_wake_words"
    """Open a satellite's microphone to teach a wake word by saying it, and delete taught words."""

    UNMUTE = "unmute"
    """Unmute a microphone."""


class Ground(Enum):
    """Conditions that a signed-in user who is not an administrator must meet for a right."""

    CONTROLS = "controls"
    """May control every entity of the satellite, or of the house."""

    LISTENS = "listens"
    """The option "household may listen" is on, and the user may read every entity of the satellite."""

    MICROPHONES_ARE_SHARED = "microphones_are_shared"
    """The owner lets members open microphones."""

    READS = "reads"
    """May read every entity of the satellite, or of the house."""

    REVIEWS = "reviews"
    """The owner made the user a reviewer."""


class Voice(Enum):
    """Availability of a right to spoken sentences and to text written to Assist.

    These never play recordings, unmute a microphone or end guest mode, not even through an entity that is
    exposed to Assist.
    """

    NO = "no"
    WITH_CONSENT = "with_consent"
    """Only while deletion by voice is on."""

    YES = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Holders of one right, in addition to administrators, who have every right."""

    members: frozenset[Ground] | None = None
    """Conditions that a signed-in user must meet, all of them; None for administrators only."""

    automation: bool = False
    """True for callers without a user, as in automations: only administrators write automations."""

    voice: Voice = Voice.NO
    house: bool = False
    """True if it concerns the whole house, whichever satellite is named."""

    anywhere: bool = False
    """True if the right for one satellite is enough when none is named; results are limited to those."""


RIGHTS: Final[Mapping[Right, Rule]] = {
    Right.CANCEL_DELETION: Rule(members=frozenset({Ground.CONTROLS}), voice=Voice.YES),
    Right.CHANGE_CONSENT: Rule(automation=True),
    Right.CHANGE_LEVEL: Rule(automation=True),
    Right.CHANGE_OPTIONS: Rule(),
    Right.CHANGE_RETENTION: Rule(automation=True),
    Right.CLEAR_SPOKEN_REPLIES: Rule(automation=True, house=True),
    Right.CONFIGURE_SATELLITE: Rule(automation=True),
    Right.DELETE_ALL: Rule(automation=True, voice=Voice.WITH_CONSENT),
    Right.DELETE_RECENT: Rule(
        members=frozenset({Ground.CONTROLS}), automation=True, voice=Voice.WITH_CONSENT
    ),
    Right.DELETE_SELECTED: Rule(members=frozenset({Ground.CONTROLS, Ground.LISTENS}), automation=True),
    Right.DELETE_SPAN: Rule(automation=True),
    Right.END_GUEST_MODE: Rule(members=frozenset({Ground.CONTROLS}), automation=True, house=True),
    Right.EXPORT: Rule(),
    Right.GUEST_MODE: Rule(
        members=frozenset({Ground.CONTROLS}), automation=True, voice=Voice.YES, house=True
    ),
    Right.HEAR_LIVE: Rule(),
    Right.KEEP_HELD: Rule(members=frozenset({Ground.CONTROLS}), voice=Voice.YES, anywhere=True),
    Right.KNOW_WHAT_IS_KEPT: Rule(members=frozenset({Ground.READS}), voice=Voice.YES),
    Right.LISTEN: Rule(members=frozenset({Ground.LISTENS}), anywhere=True),
    Right.MANAGE_REVIEW: Rule(),
    Right.MANAGE_WAKE_WORDS: Rule(),
    Right.MANAGE_SATELLITES: Rule(),
    Right.MUTE: Rule(members=frozenset({Ground.CONTROLS}), automation=True, voice=Voice.YES),
    Right.OPEN_MICROPHONE: Rule(
        members=frozenset({Ground.CONTROLS, Ground.MICROPHONES_ARE_SHARED}), automation=True
    ),
    Right.RAISE_LEVEL: Rule(members=frozenset({Ground.CONTROLS}), automation=True, voice=Voice.YES),
    Right.READ_LOG: Rule(),
    Right.READ_ROOM_LOG: Rule(members=frozenset({Ground.CONTROLS}), anywhere=True),
    Right.REVIEW: Rule(members=frozenset({Ground.REVIEWS}), house=True),
    Right.SEARCH_ELSEWHERE: Rule(house=True),
    Right.SELF_TEST: Rule(automation=True, house=True),
    Right.SUBSCRIBE: Rule(members=frozenset()),
    Right.TEACH_WAKE_WORDS: Rule(),
    Right.UNMUTE: Rule(members=frozenset({Ground.CONTROLS}), automation=True),
}

# --- entry points ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ByField:
    """Entry point whose required right depends on a field of the request."""

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
        SatelliteToggle.SAVE_NEAR_MISSES: Right.CHANGE_CONSENT,
        SatelliteToggle.SAVE_RECORDINGS: Right.CHANGE_CONSENT,
        SatelliteToggle.SAVE_TRANSCRIPTS: Right.CHANGE_CONSENT,
    },
)
"""House and satellite toggles with the same name require the same right."""

COMMANDS: Final[Mapping[str, Door]] = {
    "access_log": Right.READ_LOG,
    "access_log/rooms": Right.READ_ROOM_LOG,
    "data_flow/get": Right.CHANGE_OPTIONS,
    "elsewhere/remove": Right.SEARCH_ELSEWHERE,
    "elsewhere/search": Right.SEARCH_ELSEWHERE,
    "ledger/export": Right.EXPORT,
    "ledger/get": Right.CHANGE_OPTIONS,
    "ledger/set": Right.CHANGE_OPTIONS,
    "levels/get": Right.CHANGE_LEVEL,
    "levels/preview": Right.CHANGE_LEVEL,
    "levels/set": Right.CHANGE_LEVEL,
    "levels/set_overrides": Right.CHANGE_LEVEL,
    "microphones/figures": Right.SUBSCRIBE,
    "microphones/press_to_talk": Right.OPEN_MICROPHONE,
    "microphones/set_threshold": Right.CONFIGURE_SATELLITE,
    "microphones/test": Right.HEAR_LIVE,
    "options/get": Right.CHANGE_OPTIONS,
    "options/set": Right.CHANGE_OPTIONS,
    "recordings/days": Right.LISTEN,
    "recordings/delete": _DELETION,
    "recordings/delete_later": Right.DELETE_SELECTED,
    "recordings/feedback": Right.LISTEN,
    "recordings/get": Right.LISTEN,
    "recordings/held": Right.LISTEN,
    "recordings/keep": Right.KEEP_HELD,
    "recordings/list": Right.LISTEN,
    "recordings/preview": _DELETION,
    "recordings/search": Right.LISTEN,
    "recordings/undo": Right.SUBSCRIBE,
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
    "satellites/add": Right.MANAGE_SATELLITES,
    "satellites/choices": Right.MANAGE_SATELLITES,
    "satellites/choose_pipeline": Right.MANAGE_SATELLITES,
    "satellites/connect": Right.MANAGE_SATELLITES,
    "satellites/search": Right.MANAGE_SATELLITES,
    "satellites/take_over": Right.MANAGE_SATELLITES,
    "self_test/get": Right.SELF_TEST,
    "self_test/run": Right.SELF_TEST,
    "settings/set": _TOGGLE,
    "subscribe": Right.SUBSCRIBE,
    "taught/begin": Right.TEACH_WAKE_WORDS,
    "taught/clip": Right.TEACH_WAKE_WORDS,
    "taught/delete": Right.TEACH_WAKE_WORDS,
    "taught/drop": Right.TEACH_WAKE_WORDS,
    "taught/list": Right.TEACH_WAKE_WORDS,
    "taught/make": Right.TEACH_WAKE_WORDS,
    "taught/save": Right.TEACH_WAKE_WORDS,
    "taught/test": Right.TEACH_WAKE_WORDS,
    "wake_words/choose": Right.MANAGE_WAKE_WORDS,
    "wake_words/list": Right.MANAGE_WAKE_WORDS,
    "wake_words/remove": Right.MANAGE_WAKE_WORDS,
    "wake_words/test": Right.MANAGE_WAKE_WORDS,
}
"""Websocket commands by name."""

VIEWS: Final[Mapping[str, Door]] = {
    "archive": Right.EXPORT,
    "audio": ByField("download", {False: Right.LISTEN, True: Right.EXPORT}),
    "review_audio": Right.REVIEW,
    "wake_words": Right.MANAGE_WAKE_WORDS,
}
"""HTTP views by the last part of their name."""

ACTIONS: Final[Mapping[str, Door]] = {
    "clear_spoken_replies": Right.CLEAR_SPOKEN_REPLIES,
    "delete_all": Right.DELETE_ALL,
    "delete_false_wakes": Right.DELETE_RECENT,
    "delete_last": Right.DELETE_RECENT,
    "delete_range": Right.DELETE_SPAN,
    "delete_recordings": _DELETION,
    "delete_today": Right.DELETE_RECENT,
    "press_to_talk": Right.OPEN_MICROPHONE,
    "self_test": Right.SELF_TEST,
}
"""Actions of the integration's own domain by name."""

ENTITIES: Final[Mapping[tuple[Platform, str], Door]] = {
    (Platform.BUTTON, "delete_last"): Right.DELETE_RECENT,
    (Platform.BUTTON, "delete_today"): Right.DELETE_RECENT,
    (Platform.BUTTON, "press_to_talk"): Right.OPEN_MICROPHONE,
    (Platform.NUMBER, "auto_gain"): Right.CONFIGURE_SATELLITE,
    (Platform.NUMBER, "memory_minutes"): Right.CHANGE_RETENTION,
    (Platform.NUMBER, "storage_limit"): Right.CHANGE_RETENTION,
    (Platform.NUMBER, "volume_multiplier"): Right.CONFIGURE_SATELLITE,
    (Platform.SELECT, "keep_false_wakes"): Right.CHANGE_RETENTION,
    (Platform.SELECT, "keep_recordings"): Right.CHANGE_RETENTION,
    (Platform.SELECT, "keep_transcripts"): Right.CHANGE_RETENTION,
    (Platform.SELECT, "noise_suppression_level"): Right.CONFIGURE_SATELLITE,
    (Platform.SELECT, "pipeline"): Right.CONFIGURE_SATELLITE,
    (Platform.SELECT, "privacy_level"): ByField(
        "stricter", {True: Right.RAISE_LEVEL, False: Right.CHANGE_LEVEL}
    ),
    (Platform.SELECT, "vad_sensitivity"): Right.CONFIGURE_SATELLITE,
    (Platform.SWITCH, "deletion_by_voice"): Right.CHANGE_CONSENT,
    (Platform.SWITCH, "guest_mode"): _GUEST_MODE,
    (Platform.SWITCH, "help_improve"): Right.CHANGE_CONSENT,
    (Platform.SWITCH, "microphone"): ByField("on", {True: Right.UNMUTE, False: Right.MUTE}),
    (Platform.SWITCH, "save_near_misses"): Right.CHANGE_CONSENT,
    (Platform.SWITCH, "save_recordings"): Right.CHANGE_CONSENT,
    (Platform.SWITCH, "save_transcripts"): Right.CHANGE_CONSENT,
    (Platform.SWITCH, "verifier"): Right.CHANGE_CONSENT,
}
"""Entities that Home Assistant's own actions control, by platform and key; "on" is a switch's new state."""

SATELLITE_ACTIONS: Final[Mapping[str, Door]] = {
    "ask_question": Right.OPEN_MICROPHONE,
    "start_conversation": Right.OPEN_MICROPHONE,
}
"""Actions of Home Assistant's domain assist_satellite that open a microphone, by name.

To announce something takes what Home Assistant asks for: control of the entity.
"""

WORDS: Final[Mapping[VoiceCommand, Right]] = {
    VoiceCommand.DELETE_ALL: Right.DELETE_ALL,
    VoiceCommand.DELETE_LAST: Right.DELETE_RECENT,
    VoiceCommand.DELETE_TODAY: Right.DELETE_RECENT,
    VoiceCommand.FALSE_WAKE: Right.DELETE_RECENT,
    VoiceCommand.GUEST_MODE: Right.GUEST_MODE,
    VoiceCommand.KEEP: Right.KEEP_HELD,
    VoiceCommand.MUTE: Right.MUTE,
    VoiceCommand.NO: Right.CANCEL_DELETION,
    VoiceCommand.SUMMARY: Right.KNOW_WHAT_IS_KEPT,
    VoiceCommand.YES: Right.DELETE_ALL,
}
"""Sentences, and tools of language models."""


def right_of(door: Door, asked: Mapping[str, Any]) -> Right:
    """Return the right that an entry point requires. Raises KeyError for a field value without a right."""
    return door if isinstance(door, Right) else right_of(door.rights[asked[door.field]], asked)
