"""Every command in every language, as it is said, and what is answered."""

from datetime import date, datetime, timedelta
import string

from hassil import Intents, recognize_all
import pytest

from custom_components.voice_privacy.core.voice_language import (
    LANGUAGES,
    MAX_TEMPLATES,
    Language,
    Manner,
    Meaning,
    Speech,
    VoiceCommand,
    base_of,
    languages_of,
    templates,
)

WAKE_WORDS = ("alexa", "hey jarvis")

SAID = {
    "en": {
        VoiceCommand.DELETE_LAST: [
            "Delete what I just said.",
            "Alexa, please delete what I've just said!",
            "forget everything we just said",
            "could you delete what I just said please",
            "delete my last recording",
            "erase the last thing I said",
            "Forget that.",
            "Alexa, delete that please",
        ],
        VoiceCommand.DELETE_TODAY: [
            "delete everything I said today",
            "Erase everything I've said today, please.",
            "delete all of today's recordings",
            "delete my recordings from today",
        ],
        VoiceCommand.DELETE_ALL: [
            "delete everything I have ever said",
            "Delete everything I've ever said.",
            "erase all my recordings",
        ],
        VoiceCommand.FALSE_WAKE: [
            "That was not for you.",
            "that wasn't meant for you",
            "I wasn't talking to you",
        ],
        VoiceCommand.SUMMARY: [
            "What have you kept?",
            "how many recordings do you have of me",
            "Are you listening?",
            "are you still listening to us",
        ],
        VoiceCommand.KEEP: ["Keep that.", "keep what I just said", "Save this, please."],
        VoiceCommand.MUTE: ["stop listening", "Hey Jarvis, stop listening to us", "turn off your microphone"],
        VoiceCommand.GUEST_MODE: [
            "guest mode on",
            "turn on guest mode",
            "turn guest mode on please",
            "Stop recording.",
            "please stop recording us",
        ],
        VoiceCommand.YES: ["Yes.", "yes, delete everything", "Alexa, yes please"],
        VoiceCommand.NO: ["No.", "never mind", "No thanks."],
    },
    "de": {
        VoiceCommand.DELETE_LAST: [
            "Lösche, was ich gerade gesagt habe.",
            "Alexa, bitte lösche das, was ich eben gesagt habe",
            "vergiss alles was wir gerade gesagt haben",
            "lösche meine letzte Aufnahme",
        ],
        VoiceCommand.DELETE_TODAY: [
            "Lösche alles, was ich heute gesagt habe.",
            "lösch bitte alle Aufnahmen von heute",
        ],
        VoiceCommand.DELETE_ALL: ["Lösche alles, was ich jemals gesagt habe.", "lösche alle meine Aufnahmen"],
        VoiceCommand.FALSE_WAKE: ["Das war nicht für dich.", "ich habe dich nicht gemeint"],
        VoiceCommand.SUMMARY: ["Was hast du gespeichert?", "wie viele Aufnahmen hast du von mir"],
        VoiceCommand.KEEP: ["Behalte das.", "Bewahr das auf.", "Speichere, was ich gerade gesagt habe."],
        VoiceCommand.MUTE: ["Hör auf zuzuhören.", "schalte bitte das Mikrofon aus", "hör nicht mehr zu"],
        VoiceCommand.GUEST_MODE: ["Gastmodus an", "schalte den Gastmodus ein", "aktiviere den Gastmodus"],
        VoiceCommand.YES: ["Ja.", "Ja, lösche alles", "ja bitte"],
        VoiceCommand.NO: ["Nein.", "doch nicht"],
    },
    "fr": {
        VoiceCommand.DELETE_LAST: [
            "Efface ce que je viens de dire.",
            "Alexa, supprime ce que je viens de dire, s'il te plaît.",
            "oublie tout ce que nous venons de dire",
            "supprime mon dernier enregistrement",
        ],
        VoiceCommand.DELETE_TODAY: [
            "Efface tout ce que j'ai dit aujourd'hui.",
            "supprime tous mes enregistrements d'aujourd'hui",
        ],
        VoiceCommand.DELETE_ALL: [
            "Efface tout ce que j'ai jamais dit.",
            "supprime tous mes enregistrements",
        ],
        VoiceCommand.FALSE_WAKE: ["Ce n'était pas pour toi.", "je ne te parlais pas"],
        VoiceCommand.SUMMARY: ["Qu'as-tu gardé ?", "qu'est-ce que tu as enregistré de moi"],
        VoiceCommand.KEEP: ["Garde ça.", "Conserve ce que je viens de dire."],
        VoiceCommand.MUTE: ["Arrête d'écouter.", "coupe le micro s'il te plaît"],
        VoiceCommand.GUEST_MODE: ["active le mode invité", "mode invité activé"],
        VoiceCommand.YES: ["Oui.", "oui, efface tout"],
        VoiceCommand.NO: ["Non.", "annule"],
    },
    "es": {
        VoiceCommand.DELETE_LAST: [
            "Borra lo que acabo de decir.",
            "Alexa, por favor, borra todo lo que acabamos de decir",
            "elimina mi última grabación",
        ],
        VoiceCommand.DELETE_TODAY: [
            "Borra todo lo que he dicho hoy.",
            "elimina todas las grabaciones de hoy, por favor",
        ],
        VoiceCommand.DELETE_ALL: [
            "Borra todo lo que he dicho alguna vez.",
            "borra todas mis grabaciones",
        ],
        VoiceCommand.FALSE_WAKE: ["Eso no era para ti.", "no estaba hablando contigo"],
        VoiceCommand.SUMMARY: ["¿Qué has guardado?", "cuántas grabaciones tienes de mí"],
        VoiceCommand.KEEP: ["Guarda eso.", "Guarda lo que acabo de decir."],
        VoiceCommand.MUTE: ["Deja de escuchar.", "apaga el micrófono"],
        VoiceCommand.GUEST_MODE: ["activa el modo invitado", "modo de invitados activado"],
        VoiceCommand.YES: ["Sí.", "sí, borra todo"],
        VoiceCommand.NO: ["No.", "mejor no"],
    },
    "nl": {
        VoiceCommand.DELETE_LAST: [
            "Verwijder wat ik net heb gezegd.",
            "Alexa, wis alsjeblieft wat ik zojuist gezegd heb",
            "verwijder mijn laatste opname",
        ],
        VoiceCommand.DELETE_TODAY: [
            "Verwijder alles wat ik vandaag heb gezegd.",
            "wis alle opnames van vandaag",
        ],
        VoiceCommand.DELETE_ALL: ["Verwijder alles wat ik ooit heb gezegd.", "wis al mijn opnames"],
        VoiceCommand.FALSE_WAKE: ["Dat was niet voor jou.", "ik had het niet tegen jou"],
        VoiceCommand.SUMMARY: ["Wat heb je bewaard?", "hoeveel opnames heb je van mij"],
        VoiceCommand.KEEP: ["Bewaar dat.", "Bewaar wat ik net zei."],
        VoiceCommand.MUTE: ["Stop met luisteren.", "zet de microfoon uit"],
        VoiceCommand.GUEST_MODE: ["gastmodus aan", "zet de gastmodus aan", "activeer gastmodus"],
        VoiceCommand.YES: ["Ja.", "ja, verwijder alles"],
        VoiceCommand.NO: ["Nee.", "laat maar"],
    },
    "it": {
        VoiceCommand.DELETE_LAST: [
            "Cancella quello che ho appena detto.",
            "Alexa, per favore cancella tutto ciò che abbiamo appena detto",
            "cancella l'ultima registrazione",
            "elimina la mia ultima registrazione",
        ],
        VoiceCommand.DELETE_TODAY: [
            "Cancella tutto quello che ho detto oggi.",
            "elimina tutte le registrazioni di oggi",
        ],
        VoiceCommand.DELETE_ALL: [
            "Cancella tutto quello che ho mai detto.",
            "cancella tutte le mie registrazioni",
        ],
        VoiceCommand.FALSE_WAKE: ["Non era per te.", "non stavo parlando con te"],
        VoiceCommand.SUMMARY: ["Cosa hai conservato?", "quante registrazioni hai di me"],
        VoiceCommand.KEEP: ["Conserva questo.", "Salva quello che ho appena detto."],
        VoiceCommand.MUTE: ["Smetti di ascoltare.", "spegni il microfono per favore"],
        VoiceCommand.GUEST_MODE: ["attiva la modalità ospite", "modalità ospite attiva"],
        VoiceCommand.YES: ["Sì.", "sì, cancella tutto"],
        VoiceCommand.NO: ["No.", "lascia stare"],
    },
}

OTHERS = [
    "delete the milk from my shopping list",
    "what did I just say",
    "delete everything",
    "turn on the kitchen light",
    "guest mode off",
    "turn off guest mode",
    "start listening",
    "turn on the microphone",
    "play everything I said today",
    "Lösche die Milch von der Einkaufsliste",
    "was habe ich gerade gesagt",
    "schalte den Gastmodus aus",
    "schalte das Mikrofon ein",
    "désactive le mode invité",
    "rallume le micro",
    "desactiva el modo invitado",
    "enciende el micrófono",
    "zet de gastmodus uit",
    "zet de microfoon aan",
    "disattiva la modalità ospite",
    "accendi il microfono",
]


def _matcher(found: dict[str, Meaning]) -> Intents:
    """Compile templates as Home Assistant does for sentence triggers."""
    return Intents.from_dict(
        {"language": "en", "intents": {"trigger": {"data": [{"sentences": list(found)}]}}}
    )


@pytest.fixture(scope="module")
def everything() -> dict[str, Meaning]:
    """All templates of all languages at once."""
    return templates(LANGUAGES.values(), set(VoiceCommand), WAKE_WORDS)


@pytest.fixture(scope="module")
def matcher() -> dict[str, Intents]:
    """All templates of each language."""
    return {
        code: _matcher(templates([language], set(VoiceCommand), WAKE_WORDS))
        for code, language in LANGUAGES.items()
    }


@pytest.mark.parametrize(
    ("code", "command", "text"),
    [
        (code, command, text)
        for code, commands in SAID.items()
        for command, texts in commands.items()
        for text in texts
    ],
)
def test_a_sentence_means_one_command(
    matcher: dict[str, Intents], code: str, command: VoiceCommand, text: str
) -> None:
    found = templates([LANGUAGES[code]], set(VoiceCommand), WAKE_WORDS)
    meanings = {
        found[result.intent_sentence.text or ""].command
        for result in recognize_all(text, matcher[code])
        if result.intent_sentence
    }
    assert meanings == {command}


@pytest.mark.parametrize("text", OTHERS)
def test_what_means_something_else_is_left_alone(matcher: dict[str, Intents], text: str) -> None:
    assert not [code for code, intents in matcher.items() if list(recognize_all(text, intents))]


def test_no_sentence_means_different_things_in_two_languages(matcher: dict[str, Intents]) -> None:
    for commands in SAID.values():
        for command, texts in commands.items():
            for text in texts:
                meanings = {
                    templates([LANGUAGES[code]], set(VoiceCommand), WAKE_WORDS)[
                        result.intent_sentence.text or ""
                    ].command
                    for code, intents in matcher.items()
                    for result in recognize_all(text, intents)
                    if result.intent_sentence
                }
                assert meanings == {command}


def test_all_languages_at_once_keep_within_the_limit() -> None:
    always = set(VoiceCommand) - {VoiceCommand.YES, VoiceCommand.NO}
    found = templates(LANGUAGES.values(), always, WAKE_WORDS)
    assert len(found) <= MAX_TEMPLATES
    assert {meaning.language.code for meaning in found.values()} == set(LANGUAGES) == set(SAID)


def test_languages_beyond_the_limit_are_left_out() -> None:
    many = [
        Language(
            code=str(number), please=f"please {number}", sentences=language.sentences, speech=language.speech
        )
        for number in range(3)
        for language in LANGUAGES.values()
    ]
    found = templates(many, set(VoiceCommand), ())
    assert 0 < len(found) <= MAX_TEMPLATES
    assert many[0] in [meaning.language for meaning in found.values()]


def test_every_language_says_everything_with_the_same_values() -> None:
    english = LANGUAGES["en"]
    for language in LANGUAGES.values():
        for speech in Speech:
            assert _fields(language.speech[speech]) == _fields(english.speech[speech]), (
                language.code,
                speech,
            )


def _fields(text: str) -> set[str]:
    """Return the names of the values that a text needs."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("tags", "codes"),
    [
        (["de-CH", "de", "en_GB"], ["de", "en"]),
        (["zh-Hans", "it"], ["it"]),
        (["zh"], ["en"]),
        (["*"], ["en"]),
        ([], ["en"]),
    ],
)
def test_languages_are_found_by_their_tags(tags: list[str], codes: list[str]) -> None:
    assert [language.code for language in languages_of(tags)] == codes


def test_the_first_language_has_a_template_that_two_share() -> None:
    german, dutch = LANGUAGES["de"], LANGUAGES["nl"]
    for first, second in ((german, dutch), (dutch, german)):
        found = templates([first, second], set(VoiceCommand), ())
        shared = (
            templates([first], set(VoiceCommand), ()).keys()
            & templates([second], set(VoiceCommand), ()).keys()
        )
        assert all(found[template].language is first for template in shared)


def test_a_tag_is_reduced_to_its_language() -> None:
    assert base_of("PT-br") == "pt"


TODAY = date(2026, 3, 14)
NINE = datetime(2026, 3, 14, 9, 5)


@pytest.mark.parametrize(
    ("moments", "said"),
    [
        ([NINE], "from 09:05"),
        ([NINE, NINE + timedelta(seconds=20)], "from 09:05"),
        ([NINE + timedelta(hours=2), NINE], "from 09:05 to 11:05 today"),
        ([NINE - timedelta(days=1), NINE], "from the last 2 days"),
        ([NINE - timedelta(days=29)], "from the last 30 days"),
        ([NINE + timedelta(days=1)], "from 09:05"),
    ],
)
def test_a_span_is_spoken(moments: list[datetime], said: str) -> None:
    assert LANGUAGES["en"].say_span(moments, TODAY) == said


@pytest.mark.parametrize(
    ("manner", "moments", "said"),
    [
        (Manner(room="Kitchen"), [NINE], "from 09:05, in the kitchen"),
        (Manner(room="Ada's room", twelve_hours=True), [NINE], "from 9:05 AM, in Ada's room"),
        (Manner(twelve_hours=True), [NINE, NINE.replace(hour=12)], "from 9:05 AM to 12:05 PM today"),
        (
            Manner(twelve_hours=True),
            [NINE.replace(hour=0), NINE.replace(hour=23)],
            "from 12:05 AM to 11:05 PM today",
        ),
        (Manner(room="BEDROOM "), [NINE - timedelta(days=1), NINE], "from the last 2 days, in the bedroom"),
    ],
)
def test_a_span_names_the_room_and_tells_the_time_as_the_house_does(
    manner: Manner, moments: list[datetime], said: str
) -> None:
    assert LANGUAGES["en"].say_span(moments, TODAY, manner) == said


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_names_rooms_and_tells_the_time(code: str) -> None:
    language = LANGUAGES[code]
    for room in (*language.rooms, "Ada's place"):
        for moments in ([NINE], [NINE] * 2, [NINE] * 3, [NINE] * 40, [NINE, NINE - timedelta(days=3)]):
            for twelve_hours in (True, False):
                said = language.say_kept(moments, TODAY, Manner(room=room, twelve_hours=twelve_hours))
                assert language.rooms.get(room, room) in said
                assert "{" not in said
    assert ("PM" in language.say_time(NINE.replace(hour=21), Manner(twelve_hours=True))) is (code == "en")


@pytest.mark.parametrize(
    ("moments", "said"),
    [
        ([NINE], "I have one recording from the kitchen, from 09:05."),
        ([NINE] * 2, "I have two recordings from the kitchen, both from today."),
        ([NINE] * 12, "I have twelve recordings from the kitchen, all from today."),
        ([NINE] * 13, "I have 13 recordings from the kitchen, all from today."),
        (
            [NINE, NINE - timedelta(days=4)],
            "I have two recordings from the kitchen, from the last 5 days.",
        ),
    ],
)
def test_it_tells_what_it_has(moments: list[datetime], said: str) -> None:
    assert LANGUAGES["en"].say_kept(moments, TODAY, Manner(room="kitchen")) == said


def test_one_is_not_many() -> None:
    english = LANGUAGES["en"]
    singular, plural = Speech.DELETED_ONE, Speech.DELETED_MANY
    assert english.say_count(singular, plural, [NINE], TODAY) == "I deleted one recording, from 09:05."
    later = NINE + timedelta(hours=1)
    assert (
        english.say_count(singular, plural, [NINE, later], TODAY)
        == "I deleted 2 recordings, from 09:05 to 10:05 today."
    )
