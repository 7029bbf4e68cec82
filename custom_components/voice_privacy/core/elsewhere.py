"""Places outside of our store where Home Assistant, or another integration, may keep what was said."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

MAX_NAMES: Final = 20
"""Most names of one finding that are shown."""


class Place(StrEnum):
    """Places that are searched on request."""

    ATTRIBUTES = "attributes"
    """Entities of other integrations whose states contain transcripts, and their history."""

    CLOUD_ENGINES = "cloud_engines"
    """Pipelines with an engine in the cloud, which receives sound or text."""

    CORRUPT_DATABASES = "corrupt_databases"
    """Databases that the recorder has replaced, with everything in them."""

    DEBUG_LOGGERS = "debug_loggers"
    """Loggers that write what is said into the log."""

    DEBUG_RECORDINGS = "debug_recordings"
    """Sound files that Assist writes while `debug_recording_dir` is set."""

    EVENTS = "events"
    """Action calls in the recorder's database that contain what was said or answered."""

    SPOKEN_REPLIES = "spoken_replies"
    """Cache of spoken replies."""

    TRACES = "traces"
    """Traces of automations and scripts that a sentence has started."""


SPEAKING: Final = (
    ("conversation", "process", "text"),
    ("assist_satellite", "announce", "message"),
    ("assist_satellite", "start_conversation", "start_message"),
    ("assist_satellite", "ask_question", "question"),
    ("tts", "speak", "message"),
    # What `tts.speak` calls in turn.
    ("media_player", "play_media", "media-source://tts/"),
)
"""Actions whose calls contain what was said or answered: domain, action, and the field or text that shows it."""

REMOVABLE: Final = frozenset(Place) - {Place.CLOUD_ENGINES}
"""Places whose contents can be removed on request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Result of the search of one place."""

    place: Place
    count: int | None
    """Number of files, rows, traces or whatever is there; None if nobody could look."""

    names: tuple[str, ...] = ()
    """Folder, files, entities, loggers or pipelines, never contents."""

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as the page shows it."""
        return {
            "place": self.place.value,
            "count": self.count,
            "names": list(self.names[:MAX_NAMES]),
            "removable": self.place in REMOVABLE and self.count != 0,
        }
