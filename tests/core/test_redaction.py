"""What a transcript is searched for before anybody else may read it."""

import json
from pathlib import Path
from typing import Final

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.redaction import redact as redaction
from custom_components.voice_privacy.core.redaction.numbers import VOCABULARIES, Number, items_of
from custom_components.voice_privacy.core.redaction.redact import (
    PLACEHOLDER,
    FindingKind,
    find_sensitive,
    passes_luhn,
    passes_mod_97,
    redact,
)

LANGUAGES: Final = tuple(sorted(VOCABULARIES))
DIGITS: Final = {
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "nl": "nul één twee drie vier vijf zes zeven acht negen",
}
FRAMES: Final = {
    "de": "bitte merk dir {} danke dir",
    "en": "please remember {} thank you",
    "es": "por favor recuerda {} gracias",
    "fr": "rappelle toi de {} merci bien",
    "it": "per favore ricorda {} grazie",
    "nl": "onthoud alsjeblieft {} dank je",
}
FOLDER: Final = Path(redaction.__file__).parents[1] / "languages"


def words_below_hundred(language: str) -> list[str]:
    raw = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return [word.replace("-", " ") for row in raw["spoken"]["numbers"] for word in row.split()]


def luhn_completed(digits: str) -> str:
    """Return digits with their check digit, worked out by trying."""
    for check in "0123456789":
        total = 0
        for at, digit in enumerate(reversed(digits + check)):
            value = int(digit) * (1 + at % 2)
            total += value - 9 * (value > 9)
        if total % 10 == 0:
            return digits + check
    raise AssertionError


def iban_completed(country: str, account: str) -> str:
    """Return an IBAN with its check digits, as ISO 13616 says."""
    number = int("".join(str(int(char, 36)) for char in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02}{account}"


@st.composite
def cards(draw: st.DrawFn) -> str:
    return luhn_completed(draw(st.text("0123456789", min_size=12, max_size=18)))


@st.composite
def ibans(draw: st.DrawFn) -> str:
    country, pattern = draw(
        st.sampled_from(
            [
                ("DE", "n18"),
                ("AT", "n16"),
                ("FR", "n23"),
                ("ES", "n20"),
                ("NL", "a4n10"),
                ("GB", "a4n14"),
                ("IT", "a1n22"),
                ("CH", "n17"),
                ("NO", "n11"),
                ("MT", "a4n23"),
            ]
        )
    )
    letters, _, numbers = pattern.rpartition("n")
    count = int(letters[1:]) if letters else 0
    account = draw(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=count, max_size=count))
    account += draw(st.text("0123456789", min_size=int(numbers), max_size=int(numbers)))
    return iban_completed(country, account)


phones = st.one_of(
    st.from_regex(r"\+49 1[567]\d \d{7,8}", fullmatch=True),
    st.from_regex(r"\+33 [67]( \d\d){4}", fullmatch=True),
    st.from_regex(r"\+1 \([2-9]\d\d\) [2-9]\d\d-\d{4}", fullmatch=True),
    st.from_regex(r"0044 20 7\d{3} \d{4}", fullmatch=True),
    st.from_regex(r"01[567]\d/\d{7}", fullmatch=True),
    st.from_regex(r"0[67](\.\d\d){4}", fullmatch=True),
    st.from_regex(r"06-\d{8}", fullmatch=True),
    st.from_regex(r"[67]\d\d \d{3} \d{2}[1-9]", fullmatch=True),
    st.from_regex(r"3\d\d \d{7}", fullmatch=True),
    st.from_regex(r"\([2-9]\d\d\) [2-9]\d\d-\d{4}", fullmatch=True),
).filter(str.isascii)

grouped = st.sampled_from(
    [(1, " "), (2, " "), (3, " "), (4, " "), (4, "-"), (4, ". "), (4, "."), (4, ", "), (5, " - "), (19, " ")]
)


def in_groups(digits: str, size: int, separator: str) -> str:
    return separator.join(digits[at : at + size] for at in range(0, len(digits), size))


def assert_found(text: str, language: str | None, secret: str, *kinds: FindingKind) -> None:
    """Assert that exactly the secret was found, give or take what surrounds it, and masked."""
    redacted = redact(text, language)
    assert len(redacted.findings) == 1, (text, redacted)
    (finding,) = redacted.findings
    start = text.index(secret)
    assert (finding.start, finding.end) == (start, start + len(secret)), (text, redacted)
    assert finding.kind in kinds
    assert redacted.text == text[:start] + PLACEHOLDER + text[start + len(secret) :]
    assert not any(char.isdecimal() for char in redacted.text)


@given(cards(), grouped, st.sampled_from([None, *LANGUAGES]))
def test_cards_in_digits(card: str, grouping: tuple[int, str], language: str | None) -> None:
    written = in_groups(card, *grouping)
    kinds = [FindingKind.PAYMENT_CARD] + [FindingKind.PHONE] * card.startswith("00")
    assert_found(f"It is {written} ok", language, written, *kinds)


@given(cards(), st.sampled_from(LANGUAGES), st.sampled_from([" ", ", ", "-"]), st.booleans())
def test_cards_spoken_digit_by_digit(card: str, language: str, separator: str, known: bool) -> None:
    spoken = separator.join(DIGITS[language].split()[int(digit)] for digit in card)
    text = FRAMES[language].format(spoken)
    assert_found(text, language if known else None, spoken, *FindingKind)


@given(cards(), st.sampled_from(LANGUAGES), st.data())
def test_cards_spoken_and_written_in_turns(card: str, language: str, data: st.DataObject) -> None:
    mixed = data.draw(st.lists(st.booleans(), min_size=len(card), max_size=len(card)))
    spoken = " ".join(
        DIGITS[language].split()[int(digit)] if said else digit
        for digit, said in zip(card, mixed, strict=True)
    )
    findings = find_sensitive(FRAMES[language].format(spoken), language)
    assert len(findings) == 1
    text = FRAMES[language].format(spoken)
    assert text[findings[0].start : findings[0].end] == spoken


@given(cards().filter(lambda card: len(card) % 2 == 0), st.sampled_from(LANGUAGES), st.booleans())
def test_cards_spoken_in_pairs(card: str, language: str, known: bool) -> None:
    """The kind may be lost where pairs run together ("soixante", "dix-huit"); the mask may not."""
    words = words_below_hundred(language)
    zero = words[0]
    pairs = [
        f"{zero} {words[int(pair[1])]}" if pair[0] == "0" else words[int(pair)]
        for pair in (card[at : at + 2] for at in range(0, len(card), 2))
    ]
    spoken = ", ".join(pairs)
    text = FRAMES[language].format(spoken)
    assert_found(text, language if known else None, spoken, *FindingKind)


@given(ibans(), st.sampled_from([None, *LANGUAGES]), st.sampled_from(["", " ", "-"]), st.booleans())
def test_ibans(iban: str, language: str | None, separator: str, lower: bool) -> None:
    assert passes_mod_97(iban)
    written = separator.join(iban[at : at + 4] for at in range(0, len(iban), 4))
    written = written.lower() if lower else written
    text = f"Pay to {written}, today"
    redacted = redact(text, language)
    assert [finding.kind for finding in redacted.findings] == [FindingKind.IBAN]
    assert redacted.text == f"Pay to {PLACEHOLDER}, today"


@given(ibans(), st.sampled_from(LANGUAGES))
def test_ibans_spoken(iban: str, language: str) -> None:
    spoken = " ".join(DIGITS[language].split()[int(char)] if char.isdecimal() else char for char in iban)
    findings = find_sensitive(FRAMES[language].format(spoken), language)
    assert [finding.kind for finding in findings] == [FindingKind.IBAN]


@given(ibans().filter(lambda iban: "O" not in iban[2:]), st.integers(0, 9))
def test_a_wrong_check_digit_is_no_iban_but_its_digits_still_go(iban: str, other: int) -> None:
    broken = iban[:-1] + str(other)
    kinds = {finding.kind for finding in find_sensitive(f"x {broken} x", "en")}
    assert (FindingKind.IBAN in kinds) == (broken == iban)
    assert kinds


@given(phones, st.sampled_from([None, *LANGUAGES]))
def test_phones_in_digits(phone: str, language: str | None) -> None:
    findings = find_sensitive(f"Ring {phone} now", language)
    assert len(findings) == 1
    assert findings[0].kind in {FindingKind.PHONE, FindingKind.DIGITS, FindingKind.PAYMENT_CARD}
    found = f"Ring {phone} now"[findings[0].start : findings[0].end]
    assert found.strip("(") == phone.strip("(")


@given(st.text("0123456789", min_size=9, max_size=12), st.sampled_from(LANGUAGES), st.booleans())
def test_phones_spoken(rest: str, language: str, known: bool) -> None:
    plus = {"es": "más", "it": "più"}.get(language, "plus")
    spoken = f"{plus} " + " ".join(DIGITS[language].split()[int(digit)] for digit in rest)
    text = FRAMES[language].format(spoken)
    assert_found(text, language if known else None, spoken, FindingKind.PHONE)


@pytest.mark.parametrize(
    ("text", "language", "masked", "kind"),
    [
        ("it is double four triple two oh one", "en", "it is •••", "digits"),
        ("it is double 4 22 oh 1", "en", "it is •••", "digits"),
        ("zero six douze trente-quatre cinquante-six soixante-dix-huit", "fr", "•••", "phone"),
        ("quatre vingt dix neuf, quatre-vingt-un, septante-deux", "fr", "•••", "digits"),
        ("zweiundvierzig zweiundvierzig einundneunzig", "de", "•••", "digits"),
        ("null einhundertsiebzig zwölf vierunddreißig sechsundfünfzig", "de", "•••", "phone"),
        ("seiscientos doce treinta y cuatro cincuenta y seis setenta y ocho", "es", "•••", "phone"),
        ("tre quattro sette uno due tre quattro cinque sei sette", "it", "•••", "phone"),
        ("trecentoquarantasette ventuno ottantotto", "it", "•••", "digits"),
        ("nul zes dubbel vier tweeëntwintig drieënzestig", "nl", "•••", "digits"),
        ("four thousand two hundred forty two four two four two 4242 4242", "en", "•••", "payment_card"),
        ("my code is 4\u200b8\u200b2\u200b9\u200b1\u200b7", "en", "my code is •••", "digits"),
        ("code \uff14\uff18\uff12\uff19\uff11\uff17", None, "code •••", "digits"),
        ("code ٤٨٢٩١٧", None, "code •••", "digits"),
        ("ze\u0301ro un deux trois quatre cinq", "fr", "•••", "digits"),
        ("4242 4242 4242 4242 12 27 123", "en", "•••", "payment_card"),
        ("It is 6000. 0419. 0160. 701 ok", "en", "It is ••• ok", "payment_card"),
        ("It is 4102, 1000, 6000, 12 ok", "en", "It is ••• ok", "payment_card"),
        ("one two three four 5000 six", "en", "•••", "digits"),
        ("the code is 123 456", "en", "the code is •••", "digits"),
        ("in Berlin 030 1234567 anrufen", "de", "in Berlin ••• anrufen", "phone"),
        ("anna at example dot com", "en", "•••", "email"),
        ("mail anna dot smith at g mail dot com now", "en", "mail ••• now", "email"),
        ("mail a n n a 4 2 at example dot co dot uk", "en", "mail •••", "email"),
        ("schreib an anna punkt schmidt at beispiel punkt de bitte", "de", "schreib an ••• bitte", "email"),
        ("écris à anne tiret marie arobase exemple point fr", "fr", "écris à •••", "email"),
        ("escribe a ana arroba ejemplo punto es", "es", "escribe a •••", "email"),
        ("stuur naar jan apenstaartje voorbeeld punt nl", "nl", "stuur naar •••", "email"),
        ("scrivi a anna chiocciola esempio punto it", "it", "scrivi a •••", "email"),
        ("Write to anna.smith+home@mail.example.com.", None, "Write to •••.", "email"),
        ("anna (at) example (dot) com", None, "•••", "email"),
        ("anna@localhost is it", "en", "••• is it", "email"),
    ],
)
def test_examples(text: str, language: str | None, masked: str, kind: str) -> None:
    redacted = redact(text, language)
    assert redacted.text == masked
    assert [finding.kind for finding in redacted.findings] == [kind]


HARMLESS: Final = {
    "en": """
        Set a timer for 10 minutes 30 seconds
        Set a timer for ten minutes and thirty seconds
        Turn to 21 point 5 degrees
        Turn it to twenty one point five degrees
        Set the thermostat to 21.5 degrees
        Wake me at 6:30
        Wake me at six thirty and again at seven fifteen
        Remind me at 10:30:15
        From 08:15 to 17:45
        Play music from 1984
        Play hits from 1990 to 1999
        Play the best of nineteen eighty four
        What happened in 1914 and 1945?
        The years 1990, 2000
        Switch to channel 101
        Channel one oh one
        Tune to 101.5
        Tune to ninety eight point five megahertz
        How much are 1,299.99 dollars in euros?
        It costs $1299
        It costs 1,250,000 dollars
        Is 1000000 a million?
        Two million three hundred thousand people
        On November 24, 2026 at 10:30
        On november twenty four twenty twenty six
        On 11/24/2026
        On 2026-11-24 at 10:30
        Set the light to 100000 lumens
        Dim the lights to 30 percent, then 40 percent
        Add 2 eggs, 3 apples and 12 rolls
        Look at the dot on the wall
        I am at home. It is cold
        Meet me at noon
        Call me back in 20 minutes
        Volume 5
        Turn on the light in room 12
        Is it 20 degrees at 10:30 in room 101?
        What is 12 times 13?
        In two thousand and twenty six
        On November 24, 2026, 8 15 in the morning
        On november twenty four twenty twenty six eight fifteen
        How much are 123456 dollars in euros?
        There are 365250 days in a thousand years
    """,
    "de": """
        Stell einen Timer auf 10 Minuten 30 Sekunden
        Stell einen Timer auf zehn Minuten dreißig
        Heizung auf 21,5 Grad
        Heizung auf einundzwanzig Komma fünf Grad
        Weck mich um 6 Uhr 30
        Weck mich um sechs Uhr dreißig
        Weck mich um 06:30 und um 07:15
        Am 24.11.2026 um 10:30 Uhr
        Am 24. November 2026
        Musik von neunzehnhundertvierundachtzig
        Im Jahr zweitausendsechsundzwanzig
        Das kostet 1.299,99 Euro
        Das kostet 1.250.000 Euro
        Sender 101,5 Megahertz
        Programm einhunderteins
        Drei Millionen zweihunderttausend
    """,
    "fr": """
        Mets un minuteur de 10 minutes 30 secondes
        Mets le chauffage à 21,5 degrés
        À vingt et un virgule cinq degrés
        Réveille-moi à 6h30 puis à 18h45
        Réveille-moi à six heures trente
        Le 24 novembre 2026
        Le 24/11/2026 à 10h30
        Ça coûte 1 299,99 euros
        Ça coûte 1 000 000 euros
        La radio 101,5
        En mille neuf cent quatre-vingt-quatre
        Deux mille vingt-six
        Quatre-vingt-dix pour cent
    """,
    "es": """
        Pon un temporizador de 10 minutos y 30 segundos
        Pon la calefacción a 21,5 grados
        A veintiún grados y medio
        Despiértame a las 6:30
        Despiértame a las seis y media
        El 24 de noviembre de 2026
        Cuesta 1.299,99 euros
        La radio 101.5
        En mil novecientos ochenta y cuatro
        El canal ciento uno
    """,
    "nl": """
        Zet een timer op 10 minuten 30 seconden
        Zet de verwarming op 21,5 graden
        Op eenentwintig komma vijf graden
        Maak me wakker om 6:30
        Maak me wakker om half zeven
        Op 24 november 2026
        Het kost 1.299,99 euro
        Zender 101,5
        In negentienhonderdvierentachtig
        In tweeduizend zesentwintig
    """,
    "it": """
        Imposta un timer di 10 minuti e 30 secondi
        Riscaldamento a 21,5 gradi
        A ventuno virgola cinque gradi
        Svegliami alle 6:30
        Svegliami alle sei e trenta
        Il 24 novembre 2026
        Costa 1.299,99 euro
        La radio 101,5
        Nel millenovecentottantaquattro
        Nel duemilaventisei
    """,
}


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        pytest.param(line.strip(), language, id=f"{language}: {line.strip()}")
        for language, block in HARMLESS.items()
        for line in block.strip().splitlines()
    ],
)
def test_harmless_sentences_are_left_alone(sentence: str, language: str) -> None:
    assert redact(sentence, language).text == sentence
    assert redact(sentence, None).text == sentence


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.sampled_from([None, *LANGUAGES]))
def test_times_and_timers_are_left_alone(hour: int, minute: int, second: int, language: str | None) -> None:
    for text in (
        f"at {hour}:{minute:02}",
        f"at {hour:02}:{minute:02}:{second:02} and {hour}:{minute:02}",
        f"timer {hour} hours {minute} minutes {second} seconds",
        f"{hour} Stunden {minute} Minuten {second} Sekunden",
        f"{hour}.{minute % 10} degrees",
        f"{hour - 20},{minute:02} Grad",
        f"channel {hour * 60 + minute}",
    ):
        assert find_sensitive(text, language) == ()


@given(st.dates(), st.sampled_from([None, *LANGUAGES]))
def test_dates_are_left_alone(day: object, language: str | None) -> None:
    moment = str(day)
    year, month, date = (int(part) for part in moment.split("-"))
    if not 1900 <= year <= 2099:
        return
    for text in (
        moment,
        f"{date}.{month}.{year}",
        f"{month}/{date}/{year}",
        f"{date:02}-{month:02}-{year}",
        f"on May {date}, {year}",
        f"{date} mai {year}",
        f"{year}",
        f"from {year} to {year + 1}",
    ):
        assert find_sensitive(text, language) == ()


ALPHABET: Final = st.one_of(
    st.characters(),
    st.sampled_from(
        [
            *"0123456789 .-,@:+()/'",
            " one ",
            " double ",
            " at ",
            " dot ",
            "DE",
            " cento",
            "tausend",
            "•••",
            " mai ",
            "\u0301",
        ]
    ),
)


@given(
    st.lists(ALPHABET, max_size=60).map("".join),
    st.one_of(st.none(), st.text(max_size=5), st.sampled_from(LANGUAGES)),
)
def test_any_text_has_findings_in_order(text: str, language: str | None) -> None:
    redacted = redact(text, language)
    at = 0
    for finding in redacted.findings:
        assert at <= finding.start < finding.end <= len(text)
        assert text[finding.start : finding.end].strip() == text[finding.start : finding.end]
        at = finding.end
    kept = [
        text[a:b]
        for a, b in zip(
            (0, *(finding.end for finding in redacted.findings)),
            (*(finding.start for finding in redacted.findings), len(text)),
            strict=True,
        )
    ]
    assert redacted.text == PLACEHOLDER.join(kept)


@given(st.lists(ALPHABET, max_size=60).map("".join), st.sampled_from(LANGUAGES))
def test_items_cover_a_text_without_gaps(text: str, language: str) -> None:
    at = 0
    for item in items_of(text, VOCABULARIES[language]):
        assert item.start == at
        at = item.end
    assert at == len(text)


@given(cards(), st.integers(0, 18), st.integers(1, 9))
def test_luhn_notices_every_single_wrong_digit(card: str, at: int, by: int) -> None:
    assert passes_luhn(card)
    at %= len(card)
    wrong = card[:at] + str((int(card[at]) + by) % 10) + card[at + 1 :]
    assert not passes_luhn(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_below_a_hundred_is_understood(language: str) -> None:
    for value, words in enumerate(words_below_hundred(language)):
        for spoken in (words, words.replace(" ", "-"), words.upper()):
            found = [
                item.digits for item in items_of(spoken, VOCABULARIES[language]) if isinstance(item, Number)
            ]
            assert found == [str(value)], spoken


@pytest.mark.parametrize(
    ("language", "words", "value"),
    [
        ("en", "nine hundred and ninety nine", 999),
        ("en", "four thousand two hundred forty two", 4242),
        ("de", "neunhundertneunundneunzig", 999),
        ("de", "zweihundertzwölf", 212),
        ("de", "viertausendzweihundertzweiundvierzig", 4242),
        ("fr", "neuf cent quatre-vingt-dix-neuf", 999),
        ("fr", "mille neuf cent quatre-vingt-quatre", 1984),
        ("fr", "quatre mille deux cent quarante-deux", 4242),
        ("es", "novecientos noventa y nueve", 999),
        ("es", "mil novecientos ochenta y cuatro", 1984),
        ("it", "novecentonovantanove", 999),
        ("it", "quattromiladuecentoquarantadue", 4242),
        ("nl", "negenhonderdnegenennegentig", 999),
        ("nl", "vierduizendtweehonderdtweeënveertig", 4242),
    ],
)
def test_larger_numbers_are_understood(language: str, words: str, value: int) -> None:
    assert [item.digits for item in items_of(words, VOCABULARIES[language]) if isinstance(item, Number)] == [
        str(value)
    ]


@pytest.mark.parametrize(
    "piece",
    [
        "a@",
        "4 ",
        "at dot ",
        "de ",
        "DE8",
        "hundred ",
        "double ",
        "1.1",
        "1:",
        "0",
        "tausend",
        "\u0301",
        "+",
        "(",
        "a.",
        "00 ",
    ],
)
def test_a_long_text_takes_its_time_in_proportion(piece: str) -> None:
    """Anything worse than linear would run into the timeout of the test."""
    find_sensitive(piece * (40_000 // len(piece)), None)


def test_a_placeholder_tells_nothing() -> None:
    assert {
        redact(text, "en").text for text in ("4242 4242 4242 4242", "+49 170 1234567", "a@b.com", "482917")
    } == {PLACEHOLDER}
