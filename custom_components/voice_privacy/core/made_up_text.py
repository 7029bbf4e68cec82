"""Decision whether a transcript holds words that somebody said, or was made up by speech-to-text.

Engines that were trained on subtitles answer silence with what stands in subtitles without speech: notes
in brackets, music, and a few sentences, in any language, whichever they were asked for.
"""

import re
from typing import Final
import unicodedata

_INVENTIONS: Final = (
    # English
    "okay",
    "ok",
    "you",
    "bye",
    "bye bye",
    "thank you",
    "thank you very much",
    "thank you so much",
    "thanks",
    "thank you for watching",
    "thanks for watching",
    "thank you for listening",
    "see you next time",
    "see you in the next video",
    "please subscribe",
    "like and subscribe",
    "please like and subscribe",
    "subtitles by the amara org community",
    # German
    "danke",
    "danke schön",
    "vielen dank",
    "vielen dank fürs zuschauen",
    "vielen dank für s zuschauen",
    "danke fürs zuschauen",
    "danke für s zuschauen",
    "vielen dank für die aufmerksamkeit",
    "tschüss",
    "bis zum nächsten mal",
    "untertitel der amara org community",
    "untertitel von stephanie geiges",
    "untertitelung des zdf für funk 2017",
    # Spanish
    "gracias",
    "muchas gracias",
    "vale",
    "adiós",
    "gracias por ver",
    "gracias por ver el video",
    "gracias por ver el vídeo",
    "muchas gracias por ver el video",
    "suscríbete",
    "suscríbete al canal",
    "hasta la próxima",
    "subtítulos por la comunidad de amara org",
    "subtítulos realizados por la comunidad de amara org",
    # French
    "merci",
    "merci beaucoup",
    "d accord",
    "au revoir",
    "merci d avoir regardé",
    "merci d avoir regardé cette vidéo",
    "merci d avoir regardé la vidéo",
    "abonnez vous",
    "à bientôt",
    "sous titrage société radio canada",
    "sous titres réalisés par la communauté d amara org",
    "sous titres réalisés para la communauté d amara org",
    # Italian
    "grazie",
    "grazie mille",
    "va bene",
    "ciao",
    "grazie per la visione",
    "grazie per aver guardato",
    "grazie per aver guardato il video",
    "iscriviti al canale",
    "alla prossima",
    "sottotitoli creati dalla comunità amara org",
    "sottotitoli e revisione a cura di qtss",
    # Dutch
    "dank je",
    "dank je wel",
    "dankjewel",
    "dank u",
    "dank u wel",
    "bedankt",
    "bedankt voor het kijken",
    "dank u voor het kijken",
    "dank je voor het kijken",
    "tot de volgende keer",
    "tot ziens",
    "doei",
    "ondertitels ingediend door de amara org gemeenschap",
    "ondertiteld door de amara org gemeenschap",
    # Arabic
    "شكرا",
    "شكرا لك",
    "شكرا لكم",
    "شكرا جزيلا",
    "شكرا على المشاهدة",
    "شكرا للمشاهدة",
    "اشتركوا في القناة",
    "ترجمة نانسي قنقر",
)

_NOTES: Final = "♩♪♫♬🎵🎶"
_ANNOTATIONS: Final = re.compile(
    r"[\[【][^\[\]【】]*(?:[\]】]|$)|\([^()]*(?:\)|$)|\{[^{}]*(?:\}|$)|<[^<>]*>|\*+[^*]*\*+"
    rf"|[{_NOTES}][^{_NOTES}]*(?:[{_NOTES}]|$)"
)
"""Notes in brackets or between asterisks, and what is marked as music."""


def _words(text: str) -> str:
    """Return the letters and digits of a text as words, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(
        character if character.isalnum() else " "
        for character in plain
        if not unicodedata.combining(character)
    )
    return " ".join(letters.split())


_INVENTED: Final = re.compile(
    "(?:(?:{})(?: |$))+".format(
        "|".join(map(re.escape, sorted({_words(invention) for invention in _INVENTIONS})))
    )
)


def is_made_up(text: str, *, heard_speech: bool) -> bool:
    """Return whether a transcript is not what somebody said.

    Args:
        text: Transcript.
        heard_speech: Whether there was speech, judged by level. Only without it can a sentence be an
            invention: a thank you that was spoken is one.
    """
    # Normalized first, so that full-width brackets are brackets.
    words = _words(_ANNOTATIONS.sub(" ", unicodedata.normalize("NFKC", text)))
    return not words or (not heard_speech and _INVENTED.fullmatch(words) is not None)
