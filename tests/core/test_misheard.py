"""Transcripts that sound like the wish to delete, and those that do not."""

from collections.abc import Iterator
import json
from pathlib import Path
import random
import re
from typing import Final

import home_assistant_intents
from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core import misheard
from custom_components.voice_privacy.core.misheard import (
    _distance,
    language_of_wish,
    sounds_like_deletion,
    words_of,
)
from custom_components.voice_privacy.core.voice_language import LANGUAGES

WISHES: Final = {
    "en": [
        "Dilly, everything I have ever said",
        "I'm not doing everything I said today.",
        "delete everything I said today",
        "Delete what I just set.",
        "The lead everything I said today",
        "Delayed everything I said today",
        "Delete what are you just said",
        "Deleted what I just said please",
        "The Lido, everything I\u2019ve ever said",
        "Alexa, Dilly, everything I have ever said.",
        "everything I have ever said",
        "forget what I just said",
        "deleet all my recordings",
    ],
    "de": [
        "Löse alles, was ich heute gesagt habe",
        "Löscher, was ich gerade gesagt habe.",
        "Glöckchen, alles was ich je gesagt habe",
        "lösche was ich gerade gesagt hab",
        "Flösche alle meine Aufnahmen",
    ],
    "fr": [
        "Face ce que je viens de dire",
        "Supprimez tout ce que j'ai dit aujourd\u2019hui",
        "F, tout ce que j'ai dit aujourd'hui.",
        "Suprime tous mes enregistrements",
    ],
    "es": [
        "Bora todo lo que he dicho hoy",
        "Borrado lo que acabo de decir",
        "Gorra lo que acabo de decir.",
        "Bora todas mis grabaciones",
    ],
    "it": [
        "Cancello tutto quello che ho detto oggi",
        "Canzella quello che ho appena detto",
        "Cancela tutte le mie registrazioni",
    ],
    "nl": [
        "Verwijdert alles wat ik vandaag heb gezegd",
        "Fis wat ik net heb gezegd",
        "Verweider wat ik net heb gezegd",
        "Verwijdert al mijn opnames",
    ],
}

ORDINARY: Final = {
    "en": [
        "delete the milk from the shopping list",
        "turn everything off today",
        "delete everything",
        "delete everything on my calendar today",
        "remove all items from the shopping list",
        "erase the whiteboard reminder",
        "what did I just say",
        "what did I say today",
        "play everything I said today",
        "repeat what I just said",
        "that's what I said today",
        "did you hear what I just said",
        "remember everything I said today",
        "forget everything I said about pizza",
        "I forgot what I just said",
        "don't delete what I just said",
        "do what I just said",
        "add what I just said to my notes",
        "write down what I just said",
        "play my last recording",
        "show all recordings",
        "cancel all recordings",
        "rename my last recording",
        "everything is fine today",
        "what happened today",
        "yes",
        "no",
        "",
        "42",
    ],
    "de": [
        "Lösche die Milch von der Einkaufsliste",
        "mach heute alles aus",
        "was habe ich gerade gesagt",
        "wiederhole was ich gerade gesagt habe",
        "ich habe vergessen was ich gerade gesagt habe",
        "Lösche nicht, was ich gerade gesagt habe",
        "weißt du, was ich heute gesagt habe",
        "lösche alle Termine von heute",
    ],
    "fr": [
        "qu'est-ce que je viens de dire",
        "supprime le lait de la liste",
        "éteins tout aujourd'hui",
        "répète ce que je viens de dire",
        "j'ai oublié ce que je viens de dire",
        "n'efface pas ce que je viens de dire",
    ],
    "es": [
        "¿Qué acabo de decir?",
        "¿Qué es lo que acabo de decir?",
        "borra la leche de la lista",
        "apaga todo hoy",
        "repite lo que acabo de decir",
        "no borres lo que acabo de decir",
    ],
    "it": [
        "che cosa ho appena detto",
        "cancella il latte dalla lista",
        "ripeti quello che ho appena detto",
        "spegni tutto oggi",
        "non cancellare quello che ho appena detto",
    ],
    "nl": [
        "wat heb ik net gezegd",
        "wat zei ik net",
        "verwijder de melk van de lijst",
        "zet alles uit vandaag",
        "herhaal wat ik net heb gezegd",
        "ik ben vergeten wat ik net heb gezegd",
        "verwijder niet wat ik net heb gezegd",
    ],
}


NOUNS: Final = ("milk", "kitchen", "7", "pizza", "42 recordings", "today")
"""Stand for names, numbers and items in Home Assistant's sentences."""


def _cases(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(code, text) for code, of_language in texts.items() for text in of_language]


def test_every_language_is_here() -> None:
    assert WISHES.keys() == ORDINARY.keys() == LANGUAGES.keys()


@pytest.mark.parametrize(("code", "text"), _cases(WISHES))
def test_a_misheard_wish_is_recognized(code: str, text: str) -> None:
    assert language_of_wish(text, code) == code
    assert language_of_wish(text.upper(), f"{code}-XX") == code
    assert sounds_like_deletion(text)


@pytest.mark.parametrize(("code", "text"), _cases(ORDINARY))
def test_an_ordinary_sentence_is_none(code: str, text: str) -> None:
    assert not sounds_like_deletion(text)


def test_the_language_of_speech_to_text_need_not_be_spoken() -> None:
    assert language_of_wish("Löse alles, was ich heute gesagt habe", "en") == "de"
    assert language_of_wish("delete everything I said today", "zh") == "en"
    assert not sounds_like_deletion(None)


def _sentences_of_home_assistant(code: str, count: int) -> Iterator[str]:
    """Yield sentences that Home Assistant itself understands, with a noun in the place of each name."""
    path = Path(home_assistant_intents.__file__).parent / "data" / f"{code}.json"
    raw = json.loads(path.read_text("utf-8"))
    rules: dict[str, str] = raw["expansion_rules"]
    templates = [
        sentence
        for intent in raw["intents"].values()
        for data in intent["data"]
        for sentence in data["sentences"]
    ]
    dice = random.Random(15)

    def rolled(match: re.Match[str]) -> str:
        choices: list[str] = match[1].split("|")
        return dice.choice([*choices, ""] if match[0][0] == "[" else choices)

    for _ in range(count):
        text = dice.choice(templates)
        while "<" in text or "(" in text or "[" in text:
            text = re.sub(r"<([^<>]+)>", lambda match: f"({rules[match[1]]})", text, count=1)
            text = re.sub(r"[(\[]([^()\[\]<>]*)[)\]]", rolled, text)
        yield " ".join(re.sub(r"\{[^}]*\}", dice.choice(NOUNS), text).split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_sentence_of_home_assistant_is_taken_for_a_wish(code: str) -> None:
    found = [text for text in _sentences_of_home_assistant(code, 1_000) if sounds_like_deletion(text)]
    assert found == []


@given(
    st.sampled_from(
        ["turn everything off", "what happened", "set a timer", "who said hello", "delete the milk"]
    ),
    st.lists(
        st.sampled_from(
            [
                "today",
                "ever",
                "just",
                "everything",
                "all",
                "milk",
                "light",
                "list",
                "kitchen",
                "now",
                "please",
            ]
        ),
        max_size=6,
    ),
)
def test_words_of_a_wish_in_another_sentence_make_none(begin: str, words: list[str]) -> None:
    assert not sounds_like_deletion(f"{begin} {' '.join(words)}")


EXACT = "delete everything i said today"


@given(
    st.integers(0, len(EXACT) - 1),
    st.sampled_from("aeiostd "),
    st.sampled_from(["replace", "insert", "drop"]),
)
def test_one_wrong_letter_hides_no_wish(at: int, letter: str, how: str) -> None:
    kept_from = at if how == "insert" else at + 1
    said = EXACT[:at] + ("" if how == "drop" else letter) + EXACT[kept_from:]
    assert sounds_like_deletion(said), said


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert sounds_like_deletion(text) in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "delete " + "supercalifragilistic" * 200,
        "delete what i said " + "x" * 100_000,
        "x" * 100_000 + " my recordings",
        "今日は" * 5_000 + "。" + "ありがとう" * 5_000,
        " ".join(["delete", *["said" * 500] * 14]),
    ],
    ids=["word", "end", "begin", "no spaces", "all words"],
)
def test_a_very_long_text_is_judged_without_comparing_its_letters(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    def distance(one: str, other: str) -> int:
        compared.append(max(len(one), len(other)))
        return _distance(one, other)

    monkeypatch.setattr(misheard, "_distance", distance)
    assert not sounds_like_deletion(text)
    assert max(compared, default=0) < 200


def test_words_are_plain() -> None:
    assert words_of("J\u2019ai “DIT”, où_?") == ["jai", "dit", "ou"]
