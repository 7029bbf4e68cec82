"""Model files arrive whole or not at all, and only those that were published."""

import errno
import hashlib
import os
from pathlib import Path
import subprocess
from typing import Never

import pytest

from custom_components.voice_privacy.core.errors import (
    ModelDiskFull,
    ModelFileInvalid,
    ModelFileMissing,
    ModelHashMismatch,
    ModelNotWritten,
)
from custom_components.voice_privacy.wake import model_files
from custom_components.voice_privacy.wake.model_files import (
    EMBEDDING,
    MELSPECTROGRAM,
    WAKE_WORDS,
    PublishedFile,
    base_paths,
    install,
    installed_models,
    missing_files,
    phrase_of,
    staging_folder,
    sweep,
    wake_word_of,
)
from tests.core.test_regular_file import NOT_FILES

CONTENT = b"the weights of a wake word" * 1_000


def published(file_name: str, content: bytes = CONTENT) -> PublishedFile:
    """Return a published file of this content."""
    return PublishedFile(file_name=file_name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> dict[str, PublishedFile]:
    """Publish other files than openWakeWord did, so that no real one is needed."""
    files = {"alexa": published("alexa_v0.1.onnx"), "timer": published("timer_v0.1.onnx", b"timer")}
    monkeypatch.setattr(model_files, "WAKE_WORDS", files)
    base = (published("melspectrogram.onnx", b"mel"), published("embedding_model.onnx", b"embedding"))
    monkeypatch.setattr(model_files, "_BASE_FILES", base)
    return files


@pytest.mark.parametrize(
    ("file_name", "wake_word"),
    [
        ("alexa_v0.1.onnx", "alexa"),
        ("hey_jarvis_v0.1.onnx", "hey_jarvis"),
        ("okay_nabu.onnx", "okay_nabu"),
        ("computer_v2.onnx", "computer"),
        ("computer_v2.0.1.onnx", "computer"),
        ("Computer_V2.ONNX", "Computer"),
        ("okay_nabu_v1.tflite", "okay_nabu"),
        ("Mr. Smith.tflite", "Mr. Smith"),
        ("very_v.onnx", "very_v"),
        ("_v1.onnx", ""),
    ],
)
def test_ids(file_name: str, wake_word: str) -> None:
    assert wake_word_of(file_name) == wake_word


@pytest.mark.parametrize(
    ("wake_word", "phrase"),
    [("alexa", "Alexa"), ("hey_jarvis", "Hey Jarvis"), ("okay-nabu", "Okay Nabu"), ("", "")],
)
def test_phrases(wake_word: str, phrase: str) -> None:
    assert phrase_of(wake_word) == phrase


def test_catalogue_is_that_of_the_files_here(models: Path) -> None:
    """What scripts/setup fetched from the package is what the catalogue says was published."""
    for file in (MELSPECTROGRAM, EMBEDDING, *WAKE_WORDS.values()):
        content = (models / file.file_name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)
        if file.file_name.endswith("_v0.1.onnx"):
            assert WAKE_WORDS[wake_word_of(file.file_name)] == file
    assert base_paths(models) == (models / "melspectrogram.onnx", models / "embedding_model.onnx")
    assert {model.wake_word for model in installed_models(models)} == set(WAKE_WORDS)
    assert all(model.official for model in installed_models(models))


def test_what_a_folder_holds(tmp_path: Path, catalogue: dict[str, PublishedFile]) -> None:
    assert installed_models(tmp_path / "nothing") == ()
    install(tmp_path, catalogue["alexa"], CONTENT)
    for name in ("alexa.onnx", "alexa_v9.onnx", "computer_v1.onnx", "computer_v2.onnx"):
        (tmp_path / name).write_bytes(b"own")
    for name in (
        "melspectrogram.onnx",
        "embedding_model.onnx",
        "silero_vad.onnx",
        ".hidden.onnx",
        "notes.txt",
    ):
        (tmp_path / name).write_bytes(b"no wake word")
    (tmp_path / "empty.onnx").touch()
    (tmp_path / "folder.onnx").mkdir()
    (tmp_path / "timer_v0.1.onnx").write_bytes(b"damaged")
    assert [(model.wake_word, model.path.name, model.official) for model in installed_models(tmp_path)] == [
        ("alexa", "alexa_v0.1.onnx", True),
        ("computer", "computer_v2.onnx", False),
    ]


@pytest.mark.usefixtures("catalogue")
def test_formats_versions_and_other_models(tmp_path: Path) -> None:
    for name in (
        "nabu_v2.onnx",
        "nabu_v10.onnx",
        "nabu_v9.9.tflite",
        "house_v1.tflite",
        "house.onnx",
        "Ship.ONNX",
        "boat.TFLITE",
        "same_v1.onnx",
        "same_v1.tflite",
        "micro.tflite",
        "micro.json",
        "vad.tflite",
        # openWakeWord's other models, and copies of them.
        "melspectrogram.tflite",
        "melspectrogram (1).onnx",
        "Embedding_Model.onnx",
        "embedding_model-2.onnx",
        "silero_vad_v6.onnx",
        # Words that only begin alike.
        "silero_vader.onnx",
        "mel.onnx",
        f"huge_v{'9' * 200}.onnx",
    ):
        (tmp_path / name).write_bytes(b"own")
    assert {model.wake_word: model.path.name for model in installed_models(tmp_path)} == {
        "Ship": "Ship.ONNX",
        "boat": "boat.TFLITE",
        "house": "house_v1.tflite",
        "micro": "micro.tflite",
        "huge": f"huge_v{'9' * 200}.onnx",
        "mel": "mel.onnx",
        "nabu": "nabu_v10.onnx",
        "same": "same_v1.onnx",
        "silero_vader": "silero_vader.onnx",
    }


@pytest.mark.parametrize(
    "name", ["dangling link", "loop", "link to a folder", "fifo", "socket", "device", "folder"]
)
def test_what_is_no_file_is_skipped(tmp_path: Path, catalogue: dict[str, PublishedFile], name: str) -> None:
    install(tmp_path, catalogue["alexa"], CONTENT)
    for file_name in ("computer.onnx", "timer_v0.1.onnx", "melspectrogram.onnx", "embedding_model.onnx"):
        NOT_FILES[name](tmp_path / file_name)
    (tmp_path / os.fsdecode(b"\xff\xfe.onnx")).write_bytes(b"own")
    (tmp_path / "line\nbreak.onnx").write_bytes(b"own")
    (tmp_path / "okay_nabu.onnx").symlink_to("alexa_v0.1.onnx")
    with (tmp_path / "huge.onnx").open("wb") as file:
        file.truncate(1 << 40)
    assert [model.wake_word for model in installed_models(tmp_path)] == ["alexa", "okay_nabu"]
    with pytest.raises(ModelFileInvalid):
        base_paths(tmp_path)
    missing = missing_files(tmp_path, ["alexa", "timer"])
    assert [model.file_name for model in missing] == [
        "melspectrogram.onnx",
        "embedding_model.onnx",
        "timer_v0.1.onnx",
    ]
    for absent, content in zip(missing, (b"mel", b"embedding", b"timer"), strict=True):
        install(tmp_path, absent, content)
    assert missing_files(tmp_path, ["alexa", "timer"]) == ()


def test_a_folder_with_content_is_not_replaced(tmp_path: Path, catalogue: dict[str, PublishedFile]) -> None:
    (tmp_path / "alexa_v0.1.onnx").mkdir()
    (tmp_path / "alexa_v0.1.onnx" / "theirs").write_bytes(b"theirs")
    with pytest.raises(ModelNotWritten):
        install(tmp_path, catalogue["alexa"], CONTENT)
    assert (tmp_path / "alexa_v0.1.onnx" / "theirs").read_bytes() == b"theirs"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_is_missing(tmp_path: Path, catalogue: dict[str, PublishedFile]) -> None:
    def names(*wake_words: str) -> list[str]:
        return [file.file_name for file in missing_files(tmp_path, wake_words)]

    assert names("alexa", "alexa") == ["melspectrogram.onnx", "embedding_model.onnx", "alexa_v0.1.onnx"]
    (tmp_path / "melspectrogram.onnx").write_bytes(b"mel")
    (tmp_path / "embedding_model.onnx").write_bytes(b"damaged")
    (tmp_path / "alexa_v0.1.onnx").write_bytes(CONTENT[:-1])
    (tmp_path / "timer.onnx").write_bytes(b"the user's own")
    assert names("alexa", "timer") == ["embedding_model.onnx", "alexa_v0.1.onnx"]
    with pytest.raises(ModelFileMissing):
        names("open_sesame")
    (tmp_path / "open_sesame.onnx").write_bytes(b"own")
    assert names("open_sesame") == ["embedding_model.onnx"]


@pytest.mark.usefixtures("catalogue")
def test_base_files(tmp_path: Path) -> None:
    with pytest.raises(ModelFileMissing):
        base_paths(tmp_path)
    (tmp_path / "melspectrogram.onnx").write_bytes(b"mel")
    (tmp_path / "embedding_model.onnx").write_bytes(b"other")
    with pytest.raises(ModelFileInvalid):
        base_paths(tmp_path)


def test_a_wrong_file_is_not_installed(tmp_path: Path, catalogue: dict[str, PublishedFile]) -> None:
    with pytest.raises(ModelHashMismatch):
        install(tmp_path / "models", catalogue["alexa"], CONTENT + b"!")
    assert not (tmp_path / "models").exists()


def test_install_replaces_what_is_damaged(tmp_path: Path, catalogue: dict[str, PublishedFile]) -> None:
    path = tmp_path / "alexa_v0.1.onnx"
    path.write_bytes(b"damaged")
    assert install(tmp_path, catalogue["alexa"], CONTENT) == path
    assert path.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, ModelDiskFull), (errno.EDQUOT, ModelDiskFull), (errno.EROFS, ModelNotWritten)],
)
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_nothing_behind(
    tmp_path: Path,
    catalogue: dict[str, PublishedFile],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[Exception],
    step: str,
) -> None:
    (tmp_path / "alexa_v0.1.onnx").write_bytes(b"before")

    def fail(*_: object) -> Never:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync", fail) if step == "fsync" else (Path, "replace", fail)))
        with pytest.raises(error):
            install(tmp_path, catalogue["alexa"], CONTENT)
    assert [path.name for path in tmp_path.iterdir()] == ["alexa_v0.1.onnx"]
    assert (tmp_path / "alexa_v0.1.onnx").read_bytes() == b"before"


def test_a_disk_that_really_is_full(tmp_path: Path, catalogue: dict[str, PublishedFile]) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(tmp_path)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted here by nobody")
    try:
        assert len(CONTENT) > 16_384
        with pytest.raises(ModelDiskFull):
            install(tmp_path, catalogue["alexa"], CONTENT)
        assert not list(tmp_path.iterdir())
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_staging_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "models"

    def fail() -> Never:
        with staging_folder(folder) as staging:
            assert staging.parent == folder
            (staging / "deep").mkdir()
            (staging / "deep" / "file").write_bytes(b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not list(folder.iterdir())


def test_sweep_removes_what_a_killed_fetch_left(tmp_path: Path, catalogue: dict[str, PublishedFile]) -> None:
    install(tmp_path, catalogue["alexa"], CONTENT)
    (tmp_path / ".voice_privacy-abc").write_bytes(b"half a file")
    (tmp_path / ".voice_privacy-def").mkdir()
    (tmp_path / ".voice_privacy-def" / "package").mkdir()
    (tmp_path / ".else").touch()
    sweep(tmp_path)
    sweep(tmp_path / "nothing")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".else", "alexa_v0.1.onnx"]


MICRO = {
    "alexa": (published("alexa.micro.tflite", b"micro"), published("alexa.micro.json", b"{}")),
    "okay_nabu": (published("okay_nabu.micro.tflite", b"nabu"), published("okay_nabu.micro.json", b"{}")),
}


@pytest.fixture
def micro(catalogue: dict[str, PublishedFile], monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish models for microWakeWord as well."""
    monkeypatch.setattr(model_files, "MICRO_WAKE_WORDS", MICRO)


@pytest.mark.usefixtures("micro")
def test_which_of_two_published_models_is_needed(tmp_path: Path) -> None:
    def names(*wake_words: str, licensed: bool = True) -> list[str]:
        return [file.file_name for file in missing_files(tmp_path, wake_words, licensed=licensed)]

    base = ["melspectrogram.onnx", "embedding_model.onnx"]
    assert names("okay_nabu") == ["okay_nabu.micro.tflite", "okay_nabu.micro.json"]
    assert names("alexa") == [*base, "alexa_v0.1.onnx"]
    assert names("alexa", licensed=False) == ["alexa.micro.tflite", "alexa.micro.json"]
    assert names("alexa", "timer", licensed=False) == [
        *base,
        "timer_v0.1.onnx",
        "alexa.micro.tflite",
        "alexa.micro.json",
    ]
    for file, content in zip(MICRO["okay_nabu"], (b"nabu", b"{}"), strict=True):
        install(tmp_path, file, content)
    assert names("okay_nabu") == []
    (tmp_path / "okay_nabu.micro.json").write_bytes(b"damaged")
    assert names("okay_nabu") == ["okay_nabu.micro.json"]


@pytest.mark.usefixtures("micro")
def test_published_models_of_both_engines_and_own_ones(tmp_path: Path) -> None:
    def there() -> dict[str, tuple[str, bool, bool]]:
        return {
            model.wake_word: (model.path.name, model.official, model.micro)
            for model in installed_models(tmp_path)
        }

    (tmp_path / "alexa.tflite").write_bytes(b"own")
    (tmp_path / "alexa.json").write_bytes(b"{}")
    assert there() == {"alexa": ("alexa.tflite", False, True)}
    (tmp_path / "alexa.micro.tflite").write_bytes(b"micro")
    assert there() == {"alexa": ("alexa.tflite", False, True)}
    (tmp_path / "alexa.micro.json").write_bytes(b"{}")
    assert there() == {"alexa": ("alexa.micro.tflite", True, True)}
    (tmp_path / "alexa_v0.1.onnx").write_bytes(CONTENT)
    assert there() == {"alexa": ("alexa_v0.1.onnx", True, False)}


def test_timer_and_weather_are_not_offered(tmp_path: Path) -> None:
    for name in ("timer_v0.1.onnx", "weather_v0.1.onnx", "timer_v0.1.tflite", "timer_of_my_own.onnx"):
        (tmp_path / name).write_bytes(b"model")
    assert [model.wake_word for model in installed_models(tmp_path)] == ["timer_of_my_own"]
    assert not {"timer", "weather"} & model_files.published_words()
    assert {"okay_nabu", "hey_jarvis", "alexa", "hey_mycroft", "hey_rhasspy"} == model_files.published_words()
