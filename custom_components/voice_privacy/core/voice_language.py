"""What people say to their satellites to delete, and what they are answered, by language.

A language is one file in `languages/`; its name is the language's code.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
import json
from pathlib import Path
from typing import Final

MAX_TEMPLATES: Final = 100
"""Sentence templates beyond which matching a command begins to hold up everything else."""

FALLBACK_LANGUAGE: Final = "en"

_FOLDER: Final = Path(__file__).parent / "languages"


class VoiceCommand(StrEnum):
    """What can be asked for by voice."""

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
"""Commands that mean something only after a question."""


class Speech(StrEnum):
    """What can be answered."""

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
    """One language."""

    code: str
    """E.g. "de"."""

    please: str
    """Sentence template of a polite beginning or end."""

    sentences: dict[VoiceCommand, tuple[str, ...]]
    """Sentence templates in the syntax of hassil, which Home Assistant matches with."""

    speech: dict[Speech, str]

    def say(self, speech: Speech, **values: int | str) -> str:
        """Return an answer."""
        return self.speech[speech].format(**values)

    def say_span(self, moments: Collection[datetime], today: date) -> str:
        """Return from when some recordings are; moments are in the house's time zone, at least one."""
        first, last = min(moments), max(moments)
        if first.date() < today:
            return self.say(Speech.SPAN_DAYS, days=(today - first.date()).days + 1)
        start, end = first.strftime("%H:%M"), last.strftime("%H:%M")
        if start == end:
            return self.say(Speech.SPAN_MOMENT, start=start)
        return self.say(Speech.SPAN_TODAY, start=start, end=end)

    def say_count(self, one: Speech, many: Speech, moments: Collection[datetime], today: date) -> str:
        """Return an answer that tells of how many recordings from when it speaks."""
        span = self.say_span(moments, today)
        if len(moments) == 1:
            return self.say(one, span=span)
        return self.say(many, count=len(moments), span=span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a sentence template means."""

    command: VoiceCommand
    language: Language


def _load() -> dict[str, Language]:
    """Read every language."""
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
"""Every language that can be spoken, by code."""


def base_of(tag: str) -> str:
    """Return the language of a tag, e.g. "de" of "de-CH" and of "de_CH"."""
    return tag.replace("_", "-").partition("-")[0].lower()


def languages_of(tags: Iterable[str]) -> list[Language]:
    """Return the languages that these tags name and that are known, each once, or English if none is."""
    codes = dict.fromkeys(base_of(tag) for tag in tags)
    return [LANGUAGES[code] for code in codes if code in LANGUAGES] or [LANGUAGES[FALLBACK_LANGUAGE]]


def templates(
    languages: Iterable[Language], commands: Collection[VoiceCommand], wake_words: Collection[str]
) -> dict[str, Meaning]:
    """Return sentence templates with their meaning.

    The wake word may stand before a sentence, for satellites that send it along, and a polite word on
    either side. Where two languages share a template, the first one has it. No more than MAX_TEMPLATES
    are returned: the last languages are left out.
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
