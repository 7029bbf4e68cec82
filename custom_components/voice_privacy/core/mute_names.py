"""Names of mutes: tell from words in many languages whether an entity mutes a microphone."""

from collections.abc import Iterable
from enum import IntEnum
import re
from typing import Final
import unicodedata


def _listed(words: str) -> frozenset[str]:
    """Return the words of a list in one string."""
    return frozenset(words.split())


class MuteClue(IntEnum):
    """What an entity's names say about the microphone, from least to most."""

    NONE = 0
    BARE = 1
    """A mute that does not say of what: it may be the loudspeaker's."""

    MICROPHONE = 2


_MUTES: Final = _listed(
    "mute muted muting mutes micmute mutemic mutemics muet muets muette mutear mudo muto muta mutar zitto كتم مكتوم اسكات صامت"
)
_MUTE_STEMS: Final = ("stumm", "silenc", "silenz", "sourdine", "dempen", "gedempt", "demping")
_OFF: Final = _listed(
    "off disable disabled privacy aus ausschalten ausgeschaltet abschalten abgeschaltet deaktivieren deaktiviert"
    " deaktivierung desactiver desactive desactives desactivation couper coupe coupes"
    " coupure desactivar desactivado desactivados desactiva apagar apagado apagados apaga disattiva disattivare"
    " disattivato disattivati spegni spegnere spento spenti uit"
    " uitschakelen uitgeschakeld demp تعطيل ايقاف"
)
"""Words that mean a mute only beside a microphone."""

_ON: Final = _listed("on ein an aan marche encendido acceso unmute unmuted unmuting enable enabled")
"""Words of switches whose *on* may mean that the microphone is open."""

_MICROPHONES: Final = _listed("mic mics mikro mikros micro micros micmute mutemic mutemics")
_MICROPHONE_STEMS: Final = ("mikrofon", "microphone", "microfon", "microfoon", "ميكروفون", "مايك")
_OTHERS: Final = _listed(
    "amp amplifier dac media medien medios medium mediaplayer player players tts music musik musique musica"
    " muziek موسيقى sound sounds sonido suono geluid geluiden ton tone tones son sons audio output ausgabe"
    " salida sortie uscita uitvoer volume lautstarke volumen volumes beep beeps chime chimes bell doorbell"
    " klingel ringer ringtone alarm alarms alarme alarma allarme timer timers wecker led leds light lights"
    " licht lumiere luz luce display screen bildschirm tv television fernseher video radio headphone"
    " headphones kopfhorer notification notifications announcement announcements reply replies response"
    " auto automatic automatisch automatique automatico boot startup start when while during bei wenn"
    " playback wiedergabe lecture lecteur reproductor enceinte enceintes parleur parleurs bocina bocinas"
    " casse cassa boxen box ambient fan مكبر المكبر سماعة السماعة سماعات السماعات"
)
_OTHER_STEMS: Final = (
    "speaker",
    "lautsprecher",
    "luidspreker",
    "altavo",
    "altoparlant",
    "hautparleur",
    "benachrichtigung",
    "entstumm",
)
_FILLERS: Final = _listed(
    "switch schalter schaltung interruptor interrupteur interruttore schakelaar master hardware hard software"
    " physical physisch device gerat satellite satellit voice assist assistant slider state status the der die"
    " das le la el il de صوت الصوت"
)
_ID_TAIL: Final = re.compile(r"[^-:./]*$")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD: Final = re.compile(r"[^\W_]+")


def mute_clue(names: Iterable[str | None], unique_id: str = "", device_name: str | None = None) -> MuteClue:
    """Return what the names of an entity say about a mute.

    Args:
        names: Names and keys of the entity. One that speaks of a loudspeaker, of media or of another setting
            rules the entity out, whatever the others say.
        unique_id: The entity's unique id; only what follows its last separator counts.
        device_name: Name of its device, which may stand in front of the entity's name.
    """
    own = _words(device_name or "")
    tail = _ID_TAIL.search(unique_id)
    tail_words = _words(tail.group() if tail else "")
    clues = [_clue(_words(name), own) for name in names if name]
    clues.append(_clue(tail_words, tail_words))
    return MuteClue.NONE if None in clues else max(clue for clue in clues if clue is not None)


def _clue(words: set[str], known: set[str]) -> MuteClue | None:
    """Return what words say about a mute, None if they rule it out; `known` words say nothing.

    A device that is named like a loudspeaker does not turn its microphone's mute into something else.
    """
    if (others := words - known) != words and others and _clue(others, set()) is MuteClue.MICROPHONE:
        return MuteClue.MICROPHONE
    if any(word in _OTHERS or word in _ON or _has(word, _OTHER_STEMS) for word in words):
        return None
    mutes = {word for word in words if word in _MUTES or _has(word, _MUTE_STEMS)}
    microphones = {word for word in words if word in _MICROPHONES or _has(word, _MICROPHONE_STEMS)}
    if microphones and (mutes or words & _OFF):
        return MuteClue.MICROPHONE
    rest = {word for word in words - mutes - known - _FILLERS if not word.isdecimal()}
    return MuteClue.BARE if mutes and not rest else MuteClue.NONE


def _has(word: str, stems: tuple[str, ...]) -> bool:
    """Return whether a word contains a stem: compounds are written as one word in some languages."""
    return any(stem in word for stem in stems)


def _words(text: str) -> set[str]:
    """Return the words of a text without case and accents."""
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text)).casefold()
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return set(_WORD.findall(plain))
