"""Text and numbers from outside: what is harmful goes, what people write stays."""

import math
import unicodedata

from hypothesis import example, given, strategies as st
import pytest

from custom_components.voice_privacy.core.cleaning import MAX_NAME, clean_name, clean_text, dig, whole_number

LEGITIMATE = [
    "what time is it",
    "Küche, größer als 5 °C?",
    "e\u0301te\u0301",
    "مطبخ الطابق الثاني",
    "סלון",
    "می\u200cخواهم",  # noqa: RUF001
    "क्\u200dष और हिन्दी",
    "厨房の電気をつけて",
    "葛\U000e0100城",
    "👩\u200d👩\u200d👧\u200d👦 🧑🏽\u200d🚒 ❤\ufe0f",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "\u0601 \u06dd",
    "ကျွန်ုပ်",
    "",
]

HARMFUL = {
    "\ud800": "",
    "a\ud83dlexa": "alexa",
    "al\0exa": "alexa",
    "\x1b[2Jalexa": "[2Jalexa",
    "alexa\u202egnp.exe": "alexagnp.exe",
    "\u2066\u2067a\u2068b\u2069": "ab",
    "a\u200b\u2060\ufefflexa": "alexa",
    "hid\U000e0041\U000e0042den": "hidden",
    "\U000e0001\U000e0065\U000e006e": "",
    "\U000e0067\U0001f3f4": "\U0001f3f4",
    "a\u00adb": "ab",
    "\u3164": "",
    "\u2800x\u115f": "x",
    "\u200d\u200c": "",
    "a\u200d\u200d\u200db": "a\u200db",
    "\u0301x": "x",
    "Z" + "\u0336" * 900: "Z" + "\u0336" * 12,
    "\ue000\ufdd0\uffff\U0010ffff": "",
    "  kitchen \t\r\n light\u00a0\u2003on\u2028 ": "kitchen light on",
}


@pytest.mark.parametrize("text", LEGITIMATE)
def test_what_people_write_stays(text: str) -> None:
    assert clean_text(text, 200) == text


@pytest.mark.parametrize("text", HARMFUL)
def test_what_is_harmful_goes(text: str) -> None:
    assert clean_text(text, 200) == HARMFUL[text]


def test_lines_stay_where_they_are_asked_for() -> None:
    text = "Milk,\r\neggs\u2028bread \n \n\n\n and\tsalt.\n"
    assert clean_text(text, 200, lines=True) == "Milk,\n\neggs\nbread\n\nand salt."
    assert clean_text(text, 200) == "Milk, eggs bread and salt."


@pytest.mark.parametrize("value", [None, 5, True, 1.5, b"alexa", ["alexa"], {"name": "alexa"}])
def test_only_text_is_text(value: object) -> None:
    assert clean_text(value, 10) == ""
    assert clean_name(value) is None


def test_length_is_bounded_and_so_is_the_work() -> None:
    assert clean_name("x" * 900_000) == "x" * MAX_NAME
    assert clean_text("👩\u200d" * 100, 4) == "👩\u200d👩"
    assert clean_text("\ud800" * 900_000 + "x", 100) == ""


@given(st.text(st.characters(codec=None)), st.integers(1, 50), st.booleans())
@example(text="a \u0301\u200d b", length=5, lines=True)
def test_what_is_clean_is_printable_and_stays_as_it_is(text: str, length: int, lines: bool) -> None:
    cleaned = clean_text(text, length, lines=lines)
    assert len(cleaned) <= length
    assert clean_text(cleaned, length, lines=lines) == cleaned
    assert cleaned == cleaned.strip()
    assert lines or "\n" not in cleaned
    assert "  " not in cleaned
    cleaned.encode()
    for character in cleaned:
        assert character.isprintable() or character == "\n" or unicodedata.category(character) == "Cf"


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=20))
def test_every_letter_number_and_sign_stays(text: str) -> None:
    without_ink = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}
    assert set(text) - without_ink <= set(clean_text(text, 20))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (16_000, 16_000),
        (16_000.0, 16_000),
        ("16000", 16_000),
        (" 16000 ", 16_000),
        ("-1", -1),
        (True, None),
        (False, None),
        (None, None),
        (1.5, None),
        (math.nan, None),
        (math.inf, None),
        (-math.inf, None),
        (1e300, None),
        (10**30, None),
        ("1" * 5_000, None),
        ("1.0", None),
        ("sixteen", None),
        ("", None),
        ("١٦", None),
        ([16_000], None),
        ({}, None),
        (16_001, None),
        (-2, None),
    ],
)
def test_numbers(value: object, number: int | None) -> None:
    assert whole_number(value, -1, 16_000) == number


def test_digging() -> None:
    assert dig({"a": {"b": 1}}, "a", "b") == 1
    nothings: list[object] = [None, 5, [], {"a": None}, {"a": []}, {}]
    for nothing in nothings:
        assert dig(nothing, "a", "b") is None
