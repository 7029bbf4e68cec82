"""Names and defaults that every part shares."""

from typing import Final

DOMAIN: Final = "voice_privacy"

SUBENTRY_TYPE_SATELLITE: Final = "satellite"

CONF_ACCEPT_LICENSE: Final = "accept_license"
CONF_AREA: Final = "area"
CONF_SAVE_RECORDINGS: Final = "save_recordings"
CONF_SETTINGS_SAVED: Final = "settings_saved"
CONF_THRESHOLD: Final = "threshold"
CONF_WAKE_WORDS: Final = "wake_words"

DEFAULT_PORT: Final = 10700
"""The port that Wyoming satellites listen on."""

DEFAULT_THRESHOLD: Final = 0.5
"""Wake word score, 0 to 1."""

DEFAULT_WAKE_WORD: Final = "alexa"

MODEL_FOLDER: Final = "openwakeword"
"""Folder below the configuration folder for wake word models, the user's own included."""
