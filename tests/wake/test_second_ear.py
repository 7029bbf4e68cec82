"""A folder with both published models of a word: both are used, and the listing says so."""

import hashlib
from pathlib import Path

import pytest

from custom_components.voice_privacy.wake import model_files, second_ear
from custom_components.voice_privacy.wake.model_files import installed_models, is_published
from custom_components.voice_privacy.wake.model_listing import ModelStatus, list_files
from custom_components.voice_privacy.wake.published_models import (
    EMBEDDING,
    MELSPECTROGRAM,
    WAKE_WORDS,
    PublishedFile,
)
from custom_components.voice_privacy.wake.second_ear import second_ears

from . import micro_writer as mw, onnx_writer as ow

MICRO = {"alexa.micro.tflite": mw.streaming_model(), "alexa.micro.json": mw.manifest()}


@pytest.fixture
def folder(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with both models of "alexa", of which microWakeWord's is one that the test has made."""
    for file in (MELSPECTROGRAM, EMBEDDING, WAKE_WORDS["alexa"]):
        (tmp_path / file.file_name).write_bytes((models / file.file_name).read_bytes())
    for name, content in MICRO.items():
        (tmp_path / name).write_bytes(content)
    files = tuple(
        PublishedFile(
            file_name=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content), free=True
        )
        for name, content in MICRO.items()
    )
    for module in (model_files, second_ear):
        monkeypatch.setattr(module, "MICRO_WAKE_WORDS", {"alexa": files})
    assert all(is_published(tmp_path / file.file_name, file) for file in files)
    return tmp_path


def status(folder: Path) -> dict[str, tuple[ModelStatus, str | None]]:
    return {file.file: (file.status, file.used_file) for file in list_files(folder).files}


def test_both_are_used(folder: Path) -> None:
    assert second_ears(folder, installed_models(folder)) == {"alexa": folder / "alexa.micro.tflite"}
    assert status(folder) == {
        "alexa_v0.1.onnx": (ModelStatus.READY, None),
        "alexa.micro.tflite": (ModelStatus.TOGETHER, "alexa_v0.1.onnx"),
    }


def test_your_own_model_hears_alone(folder: Path) -> None:
    (folder / "alexa.onnx").write_bytes(ow.linear_head())
    assert second_ears(folder, installed_models(folder)) == {}
    assert {file: found for file, (found, _) in status(folder).items()} == {
        "alexa.onnx": ModelStatus.READY,
        "alexa_v0.1.onnx": ModelStatus.HIDDEN,
        "alexa.micro.tflite": ModelStatus.HIDDEN,
    }


def test_one_alone_is_ready(folder: Path) -> None:
    (folder / "alexa_v0.1.onnx").unlink()
    assert second_ears(folder, installed_models(folder)) == {}
    assert status(folder) == {"alexa.micro.tflite": (ModelStatus.READY, None)}


def test_words_that_nobody_measured_are_not_paired(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_ear, "PAIRED", frozenset({"hey_jarvis"}))
    assert second_ears(folder, installed_models(folder)) == {}
    assert status(folder)["alexa.micro.tflite"] == (ModelStatus.HIDDEN, "alexa_v0.1.onnx")


def test_the_engine_is_loaded_again_when_the_second_file_goes(folder: Path) -> None:
    # Needs Home Assistant, which most tests of this folder do without.
    from custom_components.voice_privacy.wake_listening.model_library import _used_files  # noqa: PLC0415

    both = _used_files(folder, ("alexa",))
    assert _used_files(folder, ("alexa",)) == both
    (folder / "alexa.micro.json").unlink()
    assert _used_files(folder, ("alexa",)) != both
