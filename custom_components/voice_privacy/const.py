"""Names and defaults that every part shares."""

from typing import Final

DOMAIN: Final = "voice_privacy"

SUBENTRY_TYPE_PIPELINE_SATELLITE: Final = "assist_satellite"
"""A satellite that another integration connects to."""

SUBENTRY_TYPE_SATELLITE: Final = "satellite"

CONF_ACCEPT_LICENSE: Final = "accept_license"
CONF_AREA: Final = "area"
CONF_CHECK_LEVEL: Final = "check_level"
"""Whether nothing counts as a wake word that is no louder than the room before it."""

CONF_CHILD_SAFE: Final = "child_safe"
"""Whether what is said to a satellite is never reviewed, whatever else is switched on."""

CONF_ENGINES_BEFORE: Final = "engines_before"
"""Speech-to-text engines of the covered pipelines as they were, by pipeline id."""

CONF_MEMBERS_MAY_OPEN_MICROPHONE: Final = "members_may_open_microphone"
"""Whether users who are no administrators may make a satellite listen without a wake word."""

CONF_OFFER_WAKE_WORD: Final = "offer_wake_word"
"""Whether satellites of other integrations may use our wake engine."""

CONF_PIPELINES: Final = "pipelines"
"""Ids of the pipelines that the owner has us listen to."""

CONF_SAVE_RECORDINGS: Final = "save_recordings"
CONF_SETTINGS_SAVED: Final = "settings_saved"
CONF_SOURCE: Final = "source"
CONF_THRESHOLD: Final = "threshold"
CONF_WAKE_ENGINE: Final = "wake_engine"
CONF_WAKE_WORDS: Final = "wake_words"

DEFAULT_CHECK_LEVEL: Final = True
"""It loses no detection in `scripts/bench verifier`."""

DEFAULT_PORT: Final = 10700
"""The port that Wyoming satellites listen on."""

DEFAULT_THRESHOLD: Final = 0.5
"""Wake word score, 0 to 1."""

MIN_THRESHOLD: Final = 0.1
MAX_THRESHOLD: Final = 0.95
"""What the owner may choose from, both included."""

MODEL_FOLDER: Final = "openwakeword"
"""Folder below the configuration folder for wake word models, the user's own included."""
