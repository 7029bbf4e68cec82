"""Constants: configuration keys and defaults."""

from typing import Final

DOMAIN: Final = "voice_privacy"

SUBENTRY_TYPE_PIPELINE_SATELLITE: Final = "assist_satellite"
"""Satellite that another integration connects to."""

SUBENTRY_TYPE_SATELLITE: Final = "satellite"

CONF_ACCEPT_LICENSE: Final = "accept_license"
CONF_AREA: Final = "area"
CONF_CHECK_LEVEL: Final = "check_level"
"""True to reject a wake word that is no louder than the room before it."""

CONF_CHILD_SAFE: Final = "child_safe"
"""True to exclude a satellite from review, whatever its other settings are."""

CONF_ENGINES_BEFORE: Final = "engines_before"
"""Original speech-to-text engines of the pipelines that use a proxy, by pipeline id."""

CONF_GIVE_BACK: Final = "give_back"
CONF_IGNORE_MADE_UP_TEXT: Final = "ignore_made_up_text"
"""Whether text that speech-to-text made up on silence counts as no command (an option of the entry)."""

CONF_LEDGER: Final = "ledger"
CONF_MEMBERS_MAY_OPEN_MICROPHONE: Final = "members_may_open_microphone"
"""True if users who are not administrators may make a satellite listen without a wake word."""

CONF_MUTE_SWITCH: Final = "mute_switch"
"""Switch that mutes a satellite of another integration; if it is missing, the switch that is found."""

CONF_NO_MUTE_SWITCH: Final = "no_mute_switch"
CONF_OFFER_WAKE_WORD: Final = "offer_wake_word"
"""True to offer our wake engine to satellites of other integrations."""

CONF_PIPELINES: Final = "pipelines"
"""Ids of the pipelines in which a proxy replaces the speech-to-text engine."""

CONF_SAVE_RECORDINGS: Final = "save_recordings"
CONF_SETTINGS_SAVED: Final = "settings_saved"
CONF_SOURCE: Final = "source"
CONF_TAKE_OVER: Final = "take_over"
CONF_TAKEN_FROM: Final = "taken_from"
"""What a satellite that was taken over from core's Wyoming integration was like there (in its subentry)."""

CONF_TAKEN_OVER: Final = "taken_over"
"""Ids of core's entries that were disabled because their satellites were taken over (in our entry)."""

CONF_THRESHOLD: Final = "threshold"
CONF_WAKE_ENGINE: Final = "wake_engine"
CONF_WAKE_WORDS: Final = "wake_words"

DEFAULT_CHECK_LEVEL: Final = True
DEFAULT_IGNORE_MADE_UP_TEXT: Final = True
"""On by default: it loses no detection in `scripts/bench verifier`."""

DEFAULT_PORT: Final = 10700
"""Default TCP port of Wyoming satellites."""

DEFAULT_THRESHOLD: Final = 0.5
"""Score from 0 to 1 at which a wake word counts as detected."""

MIN_THRESHOLD: Final = 0.1
MAX_THRESHOLD: Final = 0.95
"""Bounds of the wake word threshold, both included."""

NO_MUTE: Final = "none"
"""Value of CONF_MUTE_SWITCH for a satellite without a mute switch of its own."""

MODEL_FOLDER: Final = "openwakeword"
"""Folder below the configuration folder for wake word models, custom ones included."""
