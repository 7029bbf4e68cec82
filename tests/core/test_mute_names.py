"""Which names say that an entity mutes a microphone."""

import pytest

from custom_components.voice_privacy.core.mute_names import MuteClue, mute_clue


@pytest.mark.parametrize(
    "name",
    [
        "Mute Microphones",
        "Mute mic",
        "Mic mute",
        "MIC_MUTE",
        "micMute",
        "Microphone muted",
        "Hardware mic mute",
        "Microphone off",
        "Disable microphone",
        "Mikrofon stumm",
        "Mikrofon stummschalten",
        "Mikrofonstummschaltung",
        "Mikrofon aus",
        "Silenciar micrófono",
        "Micrófono silenciado",
        "Couper le micro",
        "Micro en sourdine",
        "Silenzia microfono",
        "Microfono disattivato",
        "Microfoon dempen",
        "Microfoon gedempt",
        "Microphone privacy",
        "Mikrofon ausgeschaltet",
        "Micrófonos desactivados",
        "Mutear micrófono",
        "Microphones coupés",
        "Microfoni disattivati",
        "Demp microfoon",
        "كتم الميكروفون",
        "كتم صوت الميكروفون",
    ],
)
def test_a_mute_of_the_microphone_is_recognized(name: str) -> None:
    assert mute_clue([name]) is MuteClue.MICROPHONE


@pytest.mark.parametrize(
    "name",
    [
        "Speaker mute",
        "Mute speaker",
        "Mute loudspeakers",
        "Lautsprecher stumm",
        "Lautsprecherstummschaltung",
        "Silenciar altavoz",
        "Couper le haut-parleur",
        "Silenzia altoparlante",
        "Luidspreker dempen",
        "كتم مكبر الصوت",
        "Media player mute",
        "Mute media",
        "Musik stumm",
        "Mute/unmute sound",
        "Mic mute sound",
        "Mute LED",
        "Mute microphone when playing media",
        "Unmute microphone",
        "Microphone",
        "Microphone on/off",
        "Microphone gain",
        "Mute zone",
        "Commute",
        "Mutex",
        "",
    ],
)
def test_anything_else_is_no_mute_of_the_microphone(name: str) -> None:
    assert mute_clue([name]) is MuteClue.NONE


@pytest.mark.parametrize(
    "name",
    ["Mute", "Muted", "Stumm", "Stummschalten", "Silenciar", "Sourdine", "Muto", "Dempen", "كتم الصوت"],
)
def test_a_bare_mute_does_not_say_of_what(name: str) -> None:
    assert mute_clue([name]) is MuteClue.BARE


def test_all_names_of_an_entity_count() -> None:
    assert mute_clue(["Mute"], "00:11-switch-mute_mic") is MuteClue.MICROPHONE
    assert mute_clue(["Mute", "speaker_mute"]) is MuteClue.NONE
    assert mute_clue(["Mute"], "00:11-switch-speaker_mute") is MuteClue.NONE
    assert mute_clue(["Ruhe"], "kitchen-mute") is MuteClue.BARE
    assert mute_clue(["Kitchen Mute"], device_name="Kitchen") is MuteClue.BARE
    assert mute_clue(["Kitchen Mute"]) is MuteClue.NONE
    # A device that is named like a loudspeaker does not make its loudspeaker's mute one of the microphone.
    assert mute_clue(["Speaker Mute"], device_name="Speaker") is MuteClue.NONE
    assert mute_clue(["Den Speaker Mic Mute"], device_name="Den Speaker") is MuteClue.MICROPHONE
    assert mute_clue(["Den Speaker Mic LED mute"], device_name="Den Speaker") is MuteClue.NONE
    assert mute_clue([None, None]) is MuteClue.NONE
