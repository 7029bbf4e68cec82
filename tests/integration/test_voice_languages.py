"""Every voice command in every language, with a language model behind the pipeline that hears none of them."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.components import conversation
from homeassistant.components.assist_pipeline import async_get_pipeline, async_update_pipeline
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.voice_privacy.core.voice_language import LANGUAGES

from .helpers.pipeline_home import ENTRY_ID, PipelineHome, pipeline_home
from .test_voice_commands import AGENT, LanguageModel

# Per language: what is said, and how the answer begins.
SPOKEN: dict[str, dict[str, tuple[str, str]]] = {
    "en": {
        "that": ("Forget that.", "Done. I deleted what you just said."),
        "misheard": ("Dilly, everything I have ever said.", "Delete what you just said?"),
        "no": ("No thanks", "All right."),
        "listening": ("Are you listening?", "Yes, I'm listening"),
        "stop_recording": ("Stop recording", "Guest mode is on."),
        "last": ("Alexa, delete what I just said, please.", "Done. I deleted what you just said."),
        "today": ("Forget everything we said today.", "I deleted 2 recordings, "),
        "false_wake": ("That wasn't meant for you!", "Sorry. I deleted it."),
        "summary": (
            "What have you kept about me?",
            "I have two recordings from the kitchen, both from today.",
        ),
        "all": ("Please erase everything I have ever said", "I will delete 2 recordings, "),
        "yes": ("Yes, I'm sure.", "I deleted 2 recordings, "),
        "guest_mode": ("Turn on guest mode", "Guest mode is on."),
        "mute": ("Stop listening to us.", "OK, I've stopped listening."),
    },
    "de": {
        "that": ("Vergiss das.", "Erledigt. Ich habe gelöscht, was du gerade gesagt hast."),
        "misheard": (
            "Löse alles, was ich heute gesagt habe.",
            "Soll ich löschen, was du gerade gesagt hast?",
        ),
        "no": ("Nein danke", "In Ordnung."),
        "listening": ("Hörst du zu?", "Ja, ich warte"),
        "stop_recording": ("Hör auf aufzunehmen", "Der Gastmodus ist an."),
        "last": (
            "Lösche bitte, was ich gerade gesagt habe.",
            "Erledigt. Ich habe gelöscht, was du gerade gesagt hast.",
        ),
        "today": ("Vergiss alles, was wir heute gesagt haben!", "Ich habe 2 Aufnahmen gelöscht, "),
        "false_wake": ("Das war nicht für dich.", "Entschuldigung. Ich habe es gelöscht."),
        "summary": ("Was hast du über mich gespeichert?", "Ich habe zwei Aufnahmen von "),
        "all": ("Lösche alles, was ich jemals gesagt habe.", "Ich lösche 2 Aufnahmen, "),
        "yes": ("Ja, ich bin sicher.", "Ich habe 2 Aufnahmen gelöscht, "),
        "guest_mode": ("Schalte den Gastmodus ein.", "Der Gastmodus ist an."),
        "mute": ("Hör auf zuzuhören.", "In Ordnung, ich höre nicht mehr zu."),
    },
    "fr": {
        "that": ("Oublie ça.", "C'est fait. J'ai supprimé ce que vous venez de dire."),
        "misheard": ("Face ce que je viens de dire.", "Supprimer ce que vous venez de dire ?"),
        "no": ("Non merci", "D'accord."),
        "listening": ("Est-ce que tu écoutes ?", "Oui, j'attends"),
        "stop_recording": ("Arrête d'enregistrer", "Le mode invité est activé."),
        "last": ("Efface ce que je viens de dire.", "C'est fait. J'ai supprimé ce que vous venez de dire."),
        "today": ("Supprime tout ce que j'ai dit aujourd'hui.", "J'ai supprimé 2 enregistrements, "),
        "false_wake": ("Ce n'était pas pour toi.", "Pardon. Je l'ai supprimé."),
        "summary": ("Qu'as-tu enregistré sur moi ?", "J'ai deux enregistrements de "),
        "all": ("Supprime tous mes enregistrements.", "Je vais supprimer définitivement 2 "),
        "yes": ("Oui, je suis sûre.", "J'ai supprimé 2 enregistrements, "),
        "guest_mode": ("Active le mode invité.", "Le mode invité est activé."),
        "mute": ("Arrête d'écouter.", "D'accord, je n'écoute plus."),
    },
    "es": {
        "that": ("Olvida eso.", "Hecho. He borrado lo que acabas de decir."),
        "misheard": ("Gorra lo que acabo de decir.", "¿Borro lo que acabas de decir?"),
        "no": ("No, gracias", "De acuerdo."),
        "listening": ("¿Estás escuchando?", "Sí, espero"),
        "stop_recording": ("Deja de grabar", "El modo invitado está activado."),
        "last": ("Borra lo que acabo de decir.", "Hecho. He borrado lo que acabas de decir."),
        "today": ("Elimina todo lo que he dicho hoy.", "He borrado 2 grabaciones, "),
        "false_wake": ("Eso no era para ti.", "Perdón. La he borrado."),
        "summary": ("¿Qué has guardado de mí?", "Tengo dos grabaciones de "),
        "all": ("Borra todas mis grabaciones.", "Voy a borrar 2 grabaciones, "),
        "yes": ("Sí, estoy seguro.", "He borrado 2 grabaciones, "),
        "guest_mode": ("Activa el modo invitado.", "El modo invitado está activado."),
        "mute": ("Deja de escuchar.", "De acuerdo, he dejado de escuchar."),
    },
    "nl": {
        "that": ("Vergeet dat.", "Klaar. Ik heb verwijderd wat je net zei."),
        "misheard": ("Fis wat ik net heb gezegd.", "Zal ik verwijderen wat je net zei?"),
        "no": ("Nee, bedankt", "Goed."),
        "listening": ("Luister je?", "Ja, ik wacht"),
        "stop_recording": ("Stop met opnemen", "De gastmodus staat aan."),
        "last": ("Verwijder wat ik net heb gezegd.", "Klaar. Ik heb verwijderd wat je net zei."),
        "today": ("Wis alles wat we vandaag hebben gezegd.", "Ik heb 2 opnames verwijderd, "),
        "false_wake": ("Dat was niet voor jou bedoeld.", "Sorry. Ik heb het verwijderd."),
        "summary": ("Wat heb je van mij bewaard?", "Ik heb twee opnames van "),
        "all": ("Verwijder alles wat ik ooit heb gezegd.", "Ik ga 2 opnames, "),
        "yes": ("Ja, ik weet het zeker.", "Ik heb 2 opnames verwijderd, "),
        "guest_mode": ("Zet de gastmodus aan.", "De gastmodus staat aan."),
        "mute": ("Stop met luisteren.", "Oké, ik luister niet meer."),
    },
    "it": {
        "that": ("Dimentica quello.", "Fatto. Ho cancellato quello che hai appena detto."),
        "misheard": ("Canzella quello che ho appena detto.", "Cancello quello che hai appena detto?"),
        "no": ("No, grazie", "Va bene."),
        "listening": ("Stai ascoltando?", "Sì, aspetto"),
        "stop_recording": ("Smetti di registrare", "La modalità ospite è attiva."),
        "last": ("Cancella quello che ho appena detto.", "Fatto. Ho cancellato quello che hai appena detto."),
        "today": ("Elimina tutto quello che ho detto oggi.", "Ho cancellato 2 registrazioni, "),
        "false_wake": ("Non era per te.", "Scusa. L'ho cancellata."),
        "summary": ("Che cosa hai conservato di me?", "Ho due registrazioni di "),
        "all": ("Cancella tutte le mie registrazioni.", "Sto per cancellare per sempre 2 "),
        "yes": ("Sì, sono sicura.", "Ho cancellato 2 registrazioni, "),
        "guest_mode": ("Attiva la modalità ospite.", "La modalità ospite è attiva."),
        "mute": ("Smetti di ascoltare.", "Va bene, non ascolto più."),
    },
}


class Room:
    """The kitchen, where one language is spoken."""

    def __init__(self, home: PipelineHome, model: LanguageModel, code: str) -> None:
        """Stand in front of the satellite."""
        self.home = home
        self.model = model
        self.spoken = SPOKEN[code]

    @property
    def kept(self) -> int:
        """How many recordings are kept of the kitchen."""
        return len(self.home.ids("kitchen"))

    async def keep(self, count: int) -> None:
        """Say what is none of ours, as the model can tell."""
        before = len(self.model.heard)
        for _ in range(count):
            await self._say("42")
        assert len(self.model.heard) == before + count

    async def command(self, name: str) -> None:
        """Say a command, be answered as expected, and not be heard by the model."""
        before = len(self.model.heard)
        if name == "yes_to_last":
            sentence, answer = self.spoken["yes"][0], self.spoken["last"][1]
        else:
            sentence, answer = self.spoken[name]
        reply = await self._say(sentence)
        assert reply.startswith(answer), reply
        assert self.model.heard[before:] == []

    async def _say(self, text: str) -> str:
        self.home.transcriber.text = text
        await self.home.kitchen.say()
        await self.home.settle()
        assert self.home.kitchen.errors == []
        return self.home.kitchen.replies[-1]


@pytest.fixture
async def home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[PipelineHome]:
    """A home where deletion by voice is switched on."""
    async with pipeline_home(hass) as home:
        await home.set_up()
        await home.switch("deletion_by_voice", on=True, owner=ENTRY_ID)
        yield home


@pytest.fixture
async def model(home: PipelineHome) -> LanguageModel:
    """The pipeline's agent, which is asked before anything in the house wherever that can be chosen."""
    agent = LanguageModel()
    entry = MockConfigEntry(domain="test", entry_id=AGENT)
    entry.add_to_hass(home.hass)
    conversation.async_set_agent(home.hass, entry, agent)
    await async_update_pipeline(
        home.hass, async_get_pipeline(home.hass), conversation_engine=AGENT, prefer_local_intents=False
    )
    return agent


def test_every_language_is_spoken_here() -> None:
    assert SPOKEN.keys() == LANGUAGES.keys()


@pytest.mark.parametrize("code", SPOKEN)
async def test_every_command_works_and_no_language_model_hears_one(
    home: PipelineHome, model: LanguageModel, code: str
) -> None:
    pipeline = async_get_pipeline(home.hass)
    await async_update_pipeline(home.hass, pipeline, language=code, conversation_language=code)
    room = Room(home, model, code)

    await room.keep(2)
    await room.command("last")
    assert room.kept == 1
    await room.keep(1)
    await room.command("today")
    assert room.kept == 0
    await room.keep(1)
    await room.command("false_wake")
    assert room.kept == 0
    await room.keep(2)
    await room.command("that")
    assert room.kept == 1
    await room.command("misheard")
    await room.command("no")
    assert room.kept == 1
    await room.command("misheard")
    await room.command("yes_to_last")
    assert room.kept == 0
    await room.keep(2)
    await room.command("listening")
    await room.command("summary")
    await room.command("all")
    assert room.kept == 2
    await room.command("yes")
    assert room.kept == 0
    await room.command("guest_mode")
    assert home.state("switch", "guest_mode", ENTRY_ID) == "on"
    await home.switch("guest_mode", on=False, owner=ENTRY_ID)
    await room.command("stop_recording")
    assert home.state("switch", "guest_mode", ENTRY_ID) == "on"
    await room.command("mute")
    assert home.state("switch", "microphone") == "off"
    assert set(model.heard) == {"42"}
