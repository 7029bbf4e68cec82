"""Wake words of microWakeWord: no filter can be learned for them, and the page says so."""

from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.voice_privacy.const import MODEL_FOLDER
from tests.wake import micro_writer as mw

from .conftest import _MODELS
from .helpers.house import House
from .test_learning import at_once, folder, teach  # noqa: F401
from .test_review_api import Seat, owner, sit_down  # noqa: F401
from .test_review_pool import consent


@pytest.fixture
def others() -> tuple[str, ...]:
    """Files of openWakeWord beside the model of microWakeWord."""
    return ()


@pytest.fixture
def models(hass: HomeAssistant, others: tuple[str, ...]) -> Path:
    """A model of microWakeWord called alexa, perhaps with one of openWakeWord under another name."""
    where = Path(hass.config.path(MODEL_FOLDER))
    where.mkdir()
    (where / "alexa.tflite").write_bytes(mw.streaming_model())
    (where / "alexa.json").write_bytes(mw.manifest())
    for name in others:
        (where / name.replace("alexa_v0.1", "computer")).symlink_to(_MODELS / name)
    return where


async def test_nothing_is_learned_and_nobody_waits_for_it(
    house: House,
    owner: Seat,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    await consent(house)
    await teach(house)
    answer = await owner.ask("review/learned")
    assert (answer["learning"], answer["learned"], answer["not_learnable"]) == (False, [], ["Alexa"])
    assert answer["wakes"] >= answer["wakes_needed"]
    assert not folder(house).exists() or not list(folder(house).iterdir())
    assert "ERROR" not in {record.levelname for record in caplog.records}


@pytest.mark.parametrize(
    ("others", "kitchen_options"),
    [
        (
            ("alexa_v0.1.onnx", "embedding_model.onnx", "melspectrogram.onnx"),
            {"wake_words": ["alexa", "computer"]},
        )
    ],
)
async def test_another_wake_word_does_not_change_that(
    house: House,
    owner: Seat,  # noqa: F811
    kitchen_options: dict[str, Any],
) -> None:
    """Embeddings are there then, but the scores that choose among them are not openWakeWord's."""
    assert set(kitchen_options["wake_words"]) == set(house.hub.listening.wake_words_available)
    await consent(house)
    await teach(house)
    answer = await owner.ask("review/learned")
    assert (answer["learned"], answer["not_learnable"]) == ([], ["Alexa"])


@pytest.mark.parametrize("others", [("alexa_v0.1.onnx",)])
async def test_what_is_not_used_is_not_named(
    house: House,
    owner: Seat,  # noqa: F811
) -> None:
    house.hub.listening.learnable = frozenset({"alexa"})
    assert "not_learnable" not in await owner.ask("review/learned")
