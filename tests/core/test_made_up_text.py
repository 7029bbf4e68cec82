"""Text that speech-to-text makes up on silence."""

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.made_up_text import is_made_up

NO_WORDS = [
    "",
    "   ",
    ".",
    "...",
    "…",
    "?!",
    "- -",
    "—",
    "。",
    "[BLANK_AUDIO]",
    " [BLANK_AUDIO]\n",
    "[BLANK_AUDIO",
    "[ Silence ]",
    "[Music] [Applause]",
    "(music)",
    "(upbeat music)",
    "(speaking in foreign language)",
    "\uff08音楽\uff09",
    "【音楽】",
    "{noise}",
    "*sighs*",
    "**door closes**",
    "<|nospeech|>",
    "♪",
    "♪♪♪",
    "♪ la la la ♪",
    "♪ we wish you a merry",
    "🎵",
    "[MUSIC PLAYING] ♪ ♪ .",
    "♪♪ la la ♪♪",
    "♪ ♪ la la ♪ ♪",
    "♪ la ♪ la ♪",
    "♪ Thank you. ♪",
    "🎶 la\nla 🎶\n",
]

INVENTIONS = [
    "Thank you.",
    "thank you",
    "THANK YOU!",
    " Thank you. Thank you. Thank you.",
    "Thank you very much.",
    "Thank you, bye.",
    "Thanks for watching!",
    "(music) Thanks for watching! ♪",
    "Okay.",
    "OK",
    "you",
    "Bye-bye.",
    "Subtitles by the Amara.org community",
    "Vielen Dank.",
    "Vielen Dank fürs Zuschauen!",
    "Danke schön.",
    "Untertitel der Amara.org-Community",
    "¡Gracias!",
    "Gracias por ver el vídeo.",
    "Subtítulos realizados por la comunidad de Amara.org",
    "Merci.",
    "Merci d'avoir regardé cette vidéo !",
    "Merci d\u2019avoir regardé cette vidéo !",
    "Sous-titrage Société Radio-Canada",
    "Grazie.",
    "Grazie per la visione!",
    "Sottotitoli e revisione a cura di QTSS",
    "Bedankt voor het kijken!",
    "Dank je wel.",
    "شكراً",
    "شكرا على المشاهدة.",
    "O.K.",
    "Thank you, everyone. Thank you for your attention.",
    "Thanks for listening, goodbye.",
    "Please like, share and subscribe!",
    "Transcribed by https://otter.ai",
    "www.example.org",
    "-Musik-",
    "# music #",
    "Vielen Dank für's Zuhören.",
    "Untertitelung im Auftrag des ZDF für funk, 2017",
    "Untertitelung. BR 2018",
    "Copyright WDR 2021",
    "Subtítulos en español de Amara.org",
    "¡Hasta luego!",
    "Sous-titrage ST' 501",
    "❤️ par SousTitreur.com",
    "Merci à tous.",
    "Sottotitoli a cura di QTSS",
    "Grazie a tutti.",
    "TV GELDERLAND 2021",
    "ترجمة نانسي قنقور",
    "Obrigado por assistir!",
    "Legendas pela comunidade Amara.org",
    "Спасибо за просмотр!",
    "Субтитры сделал DimaTorzok",
    "Dziękuję.",
    "Takk for at du så på!",
    "İzlediğiniz için teşekkür ederim.",
    "Altyaz\u0131 M.K.",
    "ご視聴ありがとうございました",
    "字幕由Amara.org社区提供",
    "시청해주셔서 감사합니다.",
]

COMMANDS = [
    "turn on the light",
    "Thank you, turn off the light.",
    "Okay, stop",
    "stop",
    "[music] turn on the light",
    "♪ la la ♪ next song",
    "thankyouverymuch",
    "♪ ♪ next song",
    "turn on subtitles",
    "Untertitel einschalten",
    "turn on the TV",
    "play the music by Abba",
    "you there",
    "Danke, Licht aus",
    "gracias apaga la luz",
    "5",
    "日本語",
    "أطفئ الضوء",
    "what time is it (in Berlin)",
]


@pytest.mark.parametrize("heard_speech", [False, True])
@pytest.mark.parametrize("text", NO_WORDS)
def test_text_without_words_is_made_up(text: str, heard_speech: bool) -> None:
    assert is_made_up(text, heard_speech=heard_speech)


@pytest.mark.parametrize("text", INVENTIONS)
def test_a_known_invention_counts_only_if_nobody_spoke(text: str) -> None:
    assert is_made_up(text, heard_speech=False)
    assert not is_made_up(text, heard_speech=True)


@pytest.mark.parametrize("heard_speech", [False, True])
@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_stays_a_command(text: str, heard_speech: bool) -> None:
    assert not is_made_up(text, heard_speech=heard_speech)


@given(st.text(max_size=200))
def test_speech_never_makes_text_more_made_up(text: str) -> None:
    assert is_made_up(text, heard_speech=False) or not is_made_up(text, heard_speech=True)


def test_long_text_takes_no_time() -> None:
    assert not is_made_up("thank you " * 200 + "light", heard_speech=False)
