"""Voice command sentences and spoken replies, by language.

Each language is a file in `languages/`, named after its code.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
import json
from pathlib import Path
from typing import Final

MAX_TEMPLATES: Final = 100
"""Maximum number of sentence templates; matching more of them would noticeably block the event loop."""

FALLBACK_LANGUAGE: Final = "en"

_FOLDER: Final = Path(__file__).parent / "languages"


class VoiceCommand(StrEnum):
    """Voice commands."""

    DELETE_ALL = "delete_all"
    DELETE_LAST = "delete_last"
    DELETE_TODAY = "delete_today"
    FALSE_WAKE = "false_wake"
    GUEST_MODE = "guest_mode"
    MUTE = "mute"
    NO = "no"
    SUMMARY = "summary"
    YES = "yes"


ANSWERS_TO_A_QUESTION: Final = frozenset({VoiceCommand.YES, VoiceCommand.NO})
"""Commands that are only valid after a question."""


class Speech(StrEnum):
    """Spoken replies."""

    ASK_MANY = "ask_many"
    ASK_ONE = "ask_one"
    CANCELED = "canceled"
    CANNOT_MUTE = "cannot_mute"
    DELETED_MANY = "deleted_many"
    DELETED_ONE = "deleted_one"
    FAILED = "failed"
    FALSE_WAKE = "false_wake"
    GUEST_MODE = "guest_mode"
    KEPT_MANY = "kept_many"
    KEPT_NONE = "kept_none"
    KEPT_ONE = "kept_one"
    MUTED = "muted"
    NOTHING = "nothing"
    NOT_ALLOWED = "not_allowed"
    NOT_ASKED = "not_asked"
    SPAN_DAYS = "span_days"
    SPAN_MOMENT = "span_moment"
    SPAN_TODAY = "span_today"
    TOO_LATE = "too_late"
    VOICE_OFF = "voice_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Sentences and replies of a language."""

    code: str
    """Language code, for example "de"."""

    please: str
    """Sentence template of a polite prefix or suffix."""

    sentences: dict[VoiceCommand, tuple[str, ...]]
    """Sentence templates in the syntax of hassil, Home Assistant's sentence matcher."""

    speech: dict[Speech, str]

    def say(self, speech: Speech, **values: int | str) -> str:
        """Return a spoken reply with its placeholders filled in."""
        return self.speech[speech].format(**values)

    def say_span(self, moments: Collection[datetime], today: date) -> str:
        """Return a phrase for the time span of recordings.

        Args:
            moments: Starts of the recordings in the house's time zone, at least one.
            today: Calendar day in the house's time zone.
        """
        first, last = min(moments), max(moments)
        if first.date() < today:
            return self.say(Speech.SPAN_DAYS, days=(today - first.date()).days + 1)
        start, end = first.strftime("%H:%M"), last.strftime("%H:%M")
        if start == end:
            return self.say(Speech.SPAN_MOMENT, start=start)
        return self.say(Speech.SPAN_TODAY, start=start, end=end)

    def say_count(self, singular: Speech, plural: Speech, moments: Collection[datetime], today: date) -> str:
        """Return a reply with the number and the time span of recordings."""
        span = self.say_span(moments, today)
        if len(moments) == 1:
            return self.say(singular, span=span)
        return self.say(plural, count=len(moments), span=span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Meaning of a sentence template."""

    command: VoiceCommand
    language: Language


def _load() -> dict[str, Language]:
    """Load all languages."""
    languages = {}
    for file in sorted(_FOLDER.glob("*.json")):
        raw = json.loads(file.read_text("utf-8"))
        languages[file.stem] = Language(
            code=file.stem,
            please=raw["please"],
            sentences={command: tuple(raw["sentences"][command]) for command in VoiceCommand},
            speech={speech: raw["speech"][speech] for speech in Speech},
        )
    return languages


LANGUAGES: Final = _load()
"""Supported languages by code."""


def base_of(tag: str) -> str:
    """Return the primary language of a tag, e.g. "de" for "de-CH" and "de_CH"."""
    return tag.replace("_", "-").partition("-")[0].lower()


def languages_of(tags: Iterable[str]) -> list[Language]:
    """Return the supported languages of these tags, each once, or English if there are none."""
    codes = dict.fromkeys(base_of(tag) for tag in tags)
    return [LANGUAGES[code] for code in codes if code in LANGUAGES] or [LANGUAGES[FALLBACK_LANGUAGE]]


def templates(
    languages: Iterable[Language], commands: Collection[VoiceCommand], wake_words: Collection[str]
) -> dict[str, Meaning]:
    """Return sentence templates with their meaning.

    A sentence may be preceded by the wake word, for satellites that include it in their audio, and
    surrounded by polite words. If two languages share a template, the first language wins. At most
    MAX_TEMPLATES are returned; the last languages are omitted.
    """
    wake = f"[({'|'.join(sorted(wake_words))})] " if wake_words else ""
    found: dict[str, Meaning] = {}
    for language in languages:
        of_language: dict[str, Meaning] = {}
        for command in sorted(commands):
            for sentence in language.sentences[command]:
                template = f"{wake}[{language.please}] ({sentence}) [{language.please}]"
                of_language[template] = Meaning(command=command, language=language)
        if len(found) + len(of_language) > MAX_TEMPLATES:
            break
        found = of_language | found
    return found
