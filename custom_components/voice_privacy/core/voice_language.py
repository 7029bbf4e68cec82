"""Voice command sentences and spoken replies, by language.

Each language is a file in `languages/`, named after its code.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
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
    KEEP = "keep"
    MUTE = "mute"
    NO = "no"
    SUMMARY = "summary"
    YES = "yes"


ANSWERS_TO_A_QUESTION: Final = frozenset({VoiceCommand.YES, VoiceCommand.NO})
"""Commands that are only valid after a question."""


class Wording(Enum):
    """Ways to say a command that is answered in another way."""

    ARE_YOU_LISTENING = "are_you_listening"
    """Question whether the microphone is on; the summary follows the answer."""

    MISHEARD = "misheard"
    """Something that sounds like a command; it is only asked whether it was meant."""

    PLAIN = "plain"


class Speech(StrEnum):
    """Spoken replies."""

    ALL_TODAY = "all_today"
    ASK_JUST_SAID = "ask_just_said"
    ASK_LAST = "ask_last"
    ASK_MANY = "ask_many"
    ASK_ONE = "ask_one"
    BOTH_TODAY = "both_today"
    CANCELED = "canceled"
    CANNOT_MUTE = "cannot_mute"
    DELETED_JUST_SAID = "deleted_just_said"
    DELETED_MANY = "deleted_many"
    DELETED_ONE = "deleted_one"
    FAILED = "failed"
    FALSE_WAKE = "false_wake"
    GUEST_MODE = "guest_mode"
    IN_ROOM = "in_room"
    KEEP_FAILED = "keep_failed"
    KEEP_FORBIDDEN = "keep_forbidden"
    KEEP_NOTHING = "keep_nothing"
    KEPT_IT = "kept_it"
    KEPT_MANY = "kept_many"
    KEPT_NONE = "kept_none"
    KEPT_ONE = "kept_one"
    LISTENING_KEEPS = "listening_keeps"
    LISTENING_KEEPS_NOTHING = "listening_keeps_nothing"
    MUTED = "muted"
    NOTHING = "nothing"
    NOT_ALLOWED = "not_allowed"
    NOT_ASKED = "not_asked"
    OF_ROOM = "of_room"
    OTHER_ROOM = "other_room"
    SPAN_DAYS = "span_days"
    SPAN_MOMENT = "span_moment"
    SPAN_TODAY = "span_today"
    TOO_LATE = "too_late"
    VOICE_OFF = "voice_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an answer names a room and tells the time."""

    room: str | None = None
    """Name of the satellite's room, or of the satellite; None to name none."""

    twelve_hours: bool = False
    """True to tell the time with AM and PM, where the language has words for them."""


_PLAIN: Final = Manner()

_WORDS_UP_TO: Final = 12
"""Largest number that is written as a word; speech synthesis reads the others as well."""


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

    listening: tuple[str, ...] = ()
    """Sentence templates that ask whether the microphone is on."""

    half_days: tuple[str, str] | None = None
    """Words after a time before and after noon; None if the language tells the time in 24 hours."""

    rooms: Mapping[str, str] = field(default_factory=dict)
    """Names of rooms in lower case, with article or preposition as the replies need them."""

    numbers: tuple[str, ...] = ()
    """Words for the numbers from 0."""

    misheard: Mapping[str, str | list[str]] = field(default_factory=dict)
    """Words and phrases by which core/misheard.py recognizes what speech-to-text misheard."""

    def say(self, speech: Speech, **values: int | str) -> str:
        """Return a spoken reply with its placeholders filled in."""
        return self.speech[speech].format(**values)

    def say_time(self, moment: datetime, manner: Manner = _PLAIN) -> str:
        """Return a time of day."""
        if not manner.twelve_hours or self.half_days is None:
            return moment.strftime("%H:%M")
        return f"{moment.hour % 12 or 12}:{moment.minute:02} {self.half_days[moment.hour // 12]}"

    def say_span(self, moments: Collection[datetime], today: date, manner: Manner = _PLAIN) -> str:
        """Return a phrase for the time span of recordings, and their room.

        Args:
            moments: Starts of the recordings in the house's time zone, at least one.
            today: Calendar day in the house's time zone.
            manner: How to name the room and tell the time.
        """
        span = self._span(moments, today, manner)
        return span if manner.room is None else span + self.say(Speech.IN_ROOM, room=self._room(manner.room))

    def say_count(
        self,
        singular: Speech,
        plural: Speech,
        moments: Collection[datetime],
        today: date,
        manner: Manner = _PLAIN,
    ) -> str:
        """Return a reply with the number, the time span and the room of recordings."""
        span = self.say_span(moments, today, manner)
        if len(moments) == 1:
            return self.say(singular, span=span)
        return self.say(plural, count=len(moments), span=span)

    def say_kept(self, moments: Collection[datetime], today: date, manner: Manner = _PLAIN) -> str:
        """Return how many recordings are kept of a room, and from when; see say_span for the arguments."""
        of_room = "" if manner.room is None else self.say(Speech.OF_ROOM, room=self._room(manner.room))
        count = len(moments)
        if count == 1:
            return self.say(Speech.KEPT_ONE, of_room=of_room, span=self._span(moments, today, manner))
        if min(moments).date() >= today:
            span = self.say(Speech.BOTH_TODAY if count == 2 else Speech.ALL_TODAY)
        else:
            span = self._span(moments, today, manner)
        return self.say(Speech.KEPT_MANY, of_room=of_room, count=self._number(count), span=span)

    def _span(self, moments: Collection[datetime], today: date, manner: Manner) -> str:
        """Return a phrase for the time span of recordings."""
        first, last = min(moments), max(moments)
        if first.date() < today:
            return self.say(Speech.SPAN_DAYS, days=(today - first.date()).days + 1)
        start, end = self.say_time(first, manner), self.say_time(last, manner)
        if start == end:
            return self.say(Speech.SPAN_MOMENT, start=start)
        return self.say(Speech.SPAN_TODAY, start=start, end=end)

    def _room(self, name: str) -> str:
        """Return a room as the replies name it; an unusual name is left as it is."""
        return self.rooms.get(name.strip().casefold()) or self.say(Speech.OTHER_ROOM, name=name.strip())

    def _number(self, number: int) -> str:
        """Return a small number as a word, and a large one in digits."""
        return self.numbers[number] if number <= _WORDS_UP_TO and number < len(self.numbers) else str(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Meaning of a sentence template."""

    command: VoiceCommand
    language: Language
    wording: Wording = Wording.PLAIN


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
            listening=tuple(raw["sentences"]["are_you_listening"]),
            half_days=None if raw["half_days"] is None else tuple(raw["half_days"]),
            rooms=raw["rooms"],
            misheard=raw["misheard"],
            numbers=tuple(" ".join(raw["spoken"]["numbers"]).split()),
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
        said = [
            (sentence, command, Wording.PLAIN)
            for command in sorted(commands)
            for sentence in language.sentences[command]
        ]
        if VoiceCommand.SUMMARY in commands:
            said += [
                (sentence, VoiceCommand.SUMMARY, Wording.ARE_YOU_LISTENING) for sentence in language.listening
            ]
        for sentence, command, wording in said:
            template = f"{wake}[{language.please}] ({sentence}) [{language.please}]"
            of_language[template] = Meaning(command=command, language=language, wording=wording)
        if len(found) + len(of_language) > MAX_TEMPLATES:
            break
        found = of_language | found
    return found
