"""The folder of wake word models through the page's doors: what is there, what can be added, removed, chosen and tested."""

import asyncio
from collections.abc import AsyncIterator, Iterator
import contextlib
from functools import partial
import io
import os
from pathlib import Path
import subprocess
from typing import Any
import zipfile

from aiohttp import FormData
from aiohttp.test_utils import TestClient
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components.assist_pipeline import async_get_pipeline, async_update_pipeline
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_translations
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.models import AuditAction
from custom_components.voice_privacy.hub import wake_tests, wake_words
from custom_components.voice_privacy.hub.permissions import COMMANDS
from custom_components.voice_privacy.wake import model_trial
from custom_components.voice_privacy.wake.model_listing import list_files
from custom_components.voice_privacy.wake_listening import model_library
from custom_components.voice_privacy.wake_listening.model_downloads import writing_lock
from custom_components.voice_privacy.web import ws_command
from tests.wake import micro_writer as mw, onnx_writer as ow

from .helpers.house import KITCHEN, House
from .helpers.people import ADMIN, KITCHEN_MEMBER, PEOPLE, Desk, Person, people_of
from .helpers.self_waking import set_up_with_self_waking_satellite
from .helpers.talker import speech

URL = f"/api/{DOMAIN}/wake_words"
REAL = Path(__file__).parents[2] / ".tools" / "models"


@pytest.fixture
async def people(house: House) -> dict[str, Person]:
    """Everybody with an account."""
    return await people_of(house)


@pytest.fixture
async def admin(house: House) -> Person:
    """Somebody who may."""
    return (await people_of(house, (ADMIN,)))[ADMIN]


@pytest.fixture
async def client(hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator) -> TestClient[Any, Any]:
    """A browser that is not signed in."""
    return await hass_client_no_auth()


async def listed(desk: Desk) -> dict[str, dict[str, Any]]:
    """Return what is listed, by file."""
    answer = await desk.ask(f"{DOMAIN}/wake_words/list")
    assert answer["success"], answer
    return {model["file"]: model for model in answer["result"]["models"]}


def form(name: str | None, content: bytes, manifest: bytes | None = None, *, part: str = "model") -> FormData:
    """Return an upload as a browser sends it."""
    data = FormData(quote_fields=False, default_to_multipart=True)
    data.add_field(part, content, filename=name, content_type="application/octet-stream")
    if manifest is not None:
        data.add_field("manifest", manifest, filename="manifest.json", content_type="application/json")
    return data


async def upload(
    client: TestClient[Any, Any], person: Person | None, data: Any, **how: Any
) -> tuple[int, dict[str, Any]]:
    """Post an upload; return the status and the answer."""
    headers = person.headers if person else {}
    async with client.post(URL, data=data, headers=headers | how.pop("headers", {}), **how) as response:
        return response.status, await response.json()


def names_in(folder: Path) -> set[str]:
    """Return every file and folder of a folder, hidden ones too."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


# --- list ----------------------------------------------------------------------------------------


def zipped() -> bytes:
    """Return an archive of a gigabyte of zeros."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.onnx", bytes(1 << 24))
    return buffer.getvalue()


WRONG: dict[str, tuple[bytes, str]] = {
    "page.onnx": (b"<!DOCTYPE html><html></html>", "wake_model_web_page"),
    "pointer.onnx": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "wake_model_lfs_pointer"),
    "bomb.tflite": (zipped(), "wake_model_archive"),
    "broken.onnx": (b"no model", "wake_model_invalid"),
    "empty.onnx": (b"", "wake_model_invalid"),
    "einsum.onnx": (ow.head([ow.node("Einsum", ["x"], ["y"])]), "wake_model_operation"),
    "silero_vad.onnx": (ow.linear_head(), "wake_model_other_kind"),
    "melspectrogram (1).onnx": (b"no wake word", "wake_model_other_kind"),
    "timer_v0.1.onnx": (ow.linear_head(), "wake_model_other_kind"),
    "_v2.onnx": (ow.linear_head(), "wake_model_name_invalid"),
}


async def test_every_file_is_explained(hass: HomeAssistant, models: Path, admin: Person) -> None:
    for name, (content, _) in WRONG.items():
        (models / name).write_bytes(content)
    with (models / "huge.onnx").open("wb") as file:
        file.truncate(1 << 30)
    (models / "en" / "alexa").mkdir(parents=True)
    (models / "en" / "alexa" / "Good_Morning_v2.ONNX").write_bytes(ow.linear_head())
    (models / "house_v2.onnx").write_bytes(ow.linear_head())
    (models / "house_v10.onnx").write_bytes(ow.linear_head())
    (models / "word.tflite").write_bytes(mw.streaming_model())
    (models / "word.json").write_bytes(mw.manifest())

    found = await listed(admin.desk)
    assert {name: found[name]["reason"] for name in WRONG} == {
        name: reason for name, (_, reason) in WRONG.items()
    }
    assert found["huge.onnx"]["reason"] == "wake_model_too_large"
    assert found["einsum.onnx"]["reason_placeholders"] == {"operation": "Einsum"}
    texts = await async_get_translations(hass, "de", "exceptions", [DOMAIN])
    for model in found.values():
        if model["status"] == "refused":
            assert f"component.{DOMAIN}.exceptions.{model['reason']}.message" in texts
            assert model["removable"]
    ready = {name: model for name, model in found.items() if model["status"] == "ready"}
    assert ready.keys() == {
        "alexa_v0.1.onnx",
        "en/alexa/Good_Morning_v2.ONNX",
        "house_v10.onnx",
        "word.tflite",
    }
    assert ready["en/alexa/Good_Morning_v2.ONNX"]["phrase"] == "Good Morning"
    assert {name: model["engine"] for name, model in ready.items()} == {
        name: "micro" if name == "word.tflite" else "openwakeword" for name in ready
    }
    assert all(0 < model["cost"] < 100 for model in ready.values())
    assert (found["house_v2.onnx"]["status"], found["house_v2.onnx"]["used_file"]) == (
        "hidden",
        "house_v10.onnx",
    )
    alexa = ready["alexa_v0.1.onnx"]
    assert (alexa["own"], alexa["removable"], alexa["satellites"]) == (False, False, [KITCHEN])
    assert {"melspectrogram.onnx", "embedding_model.onnx"}.isdisjoint(found)


async def test_what_is_ready_loads_and_what_loads_is_ready(house: House, models: Path, admin: Person) -> None:
    for name, (content, _) in WRONG.items():
        (models / name).write_bytes(content)
    (models / "house.onnx").write_bytes(ow.linear_head())
    (models / "word.tflite").write_bytes(mw.streaming_model())
    found = await listed(admin.desk)
    words = sorted({model["wake_word"] for model in found.values()})
    await house.hub.listening.async_load(words)
    ready = {model["wake_word"] for model in found.values() if model["status"] == "ready"}
    assert set(house.hub.listening.wake_words_available) == ready == {"alexa", "house", "word"}


async def test_without_the_base_models_only_micro_is_ready(models: Path, admin: Person) -> None:
    (models / "word.tflite").write_bytes(mw.streaming_model())
    (models / "embedding_model.onnx").unlink()
    found = await listed(admin.desk)
    assert found["word.tflite"]["status"] == "ready"
    assert found["alexa_v0.1.onnx"]["reason"] == "wake_model_base_missing"


async def test_an_own_model_with_a_published_name_is_the_one_that_is_used(
    house: House, models: Path, admin: Person
) -> None:
    (models / "alexa_v0.1.onnx").unlink()
    (models / "alexa_v0.1.onnx").write_bytes(own := ow.linear_head())
    found = await listed(admin.desk)
    assert (found["alexa_v0.1.onnx"]["status"], found["alexa_v0.1.onnx"]["own"]) == ("ready", True)
    assert (models / "alexa_v0.1.onnx").read_bytes() == own


@pytest.mark.parametrize("damage", ["cut", "bit", "zeros"])
async def test_a_damaged_copy_of_a_published_model_is_no_own_one(
    models: Path, admin: Person, damage: str
) -> None:
    content = bytearray((REAL / "alexa_v0.1.onnx").read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    else:
        at = len(content) // 2
        content[at : at + 64] = (
            bytes(64) if damage == "zeros" else bytes(byte ^ 1 for byte in content[at : at + 64])
        )
    (models / "alexa_v0.1.onnx").unlink()
    (models / "alexa_v0.1.onnx").write_bytes(content)
    model = (await listed(admin.desk))["alexa_v0.1.onnx"]
    assert (model["status"], model["own"], model["reason"]) == ("refused", False, "wake_model_damaged")


# --- upload --------------------------------------------------------------------------------------


async def test_an_uploaded_model_is_there_at_once(
    house: House, models: Path, admin: Person, client: TestClient[Any, Any]
) -> None:
    assert await upload(client, admin, form("Good Day_v2.ONNX", ow.linear_head())) == (
        200,
        {"file": "Good Day_v2.ONNX"},
    )
    assert await upload(client, admin, form("word.tflite", mw.streaming_model(), mw.manifest())) == (
        200,
        {"file": "word.tflite"},
    )
    assert (models / "word.json").read_bytes() == mw.manifest()
    found = await listed(admin.desk)
    assert found["Good Day_v2.ONNX"]["status"] == found["word.tflite"]["status"] == "ready"
    assert found["word.tflite"]["own"]
    # The same again is nothing new.
    assert (await upload(client, admin, form("word.tflite", mw.streaming_model(), mw.manifest())))[0] == 200
    assert not [name for name in names_in(models) if name.startswith(".")]


async def test_nothing_is_replaced(models: Path, admin: Person, client: TestClient[Any, Any]) -> None:
    (models / "house.onnx").write_bytes(b"theirs")
    (models / "word.json").write_bytes(mw.manifest(probability_cutoff=0.5))
    before = names_in(models)
    status, answer = await upload(client, admin, form("house.onnx", ow.linear_head()))
    assert (status, answer["code"], answer["placeholders"]) == (
        409,
        "wake_model_exists",
        {"file": "house.onnx"},
    )
    assert "house.onnx" in answer["message"]
    status, answer = await upload(client, admin, form("word.tflite", mw.streaming_model(), mw.manifest()))
    assert (status, answer["code"]) == (409, "wake_model_exists")
    assert (models / "house.onnx").read_bytes() == b"theirs"
    assert names_in(models) == before


async def test_what_cannot_be_loaded_is_not_written(
    models: Path, admin: Person, client: TestClient[Any, Any]
) -> None:
    before = names_in(models)
    for name in sorted(WRONG.keys() - {"silero_vad.onnx", "timer_v0.1.onnx", "_v2.onnx"}):
        status, answer = await upload(client, admin, form("house.onnx", WRONG[name][0]))
        expected = "wake_model_invalid" if name.startswith("mel") else WRONG[name][1]
        assert (status, answer["code"]) == (400, expected), name
        assert names_in(models) == before


HOSTILE_NAMES = [
    "../house.onnx",
    "..\\house.onnx",
    "/etc/house.onnx",
    "sub/house.onnx",
    ".house.onnx",
    ".onnx",
    "house.exe",
    "house",
    "house\u202exnno.onnx",
    "house.onnx ",
    "_v1.onnx",
    "x" * 250 + ".onnx",
    "melspectrogram.onnx",
    "embedding_model (2).onnx",
    "silero_vad.onnx",
    "timer_v0.1.onnx",
    "okay_nabu.micro.tflite",
    "alexa_v0.1.published.onnx",
    "",
    None,
]


async def test_hostile_names(models: Path, admin: Person, client: TestClient[Any, Any]) -> None:
    before = names_in(models)
    for name in HOSTILE_NAMES:
        status, answer = await upload(client, admin, form(name, ow.linear_head()))
        assert status == 400, name
        assert answer["code"] == "wake_model_name_invalid", name
        assert answer["message"]
        assert names_in(models) == before, name
    assert not (models.parent / "house.onnx").exists()


async def test_hostile_bodies(models: Path, admin: Person, client: TestClient[Any, Any]) -> None:
    before = names_in(models)
    two = form("house.onnx", ow.linear_head())
    two.add_field("model", ow.linear_head(), filename="second.onnx")
    foreign = form("house.onnx", ow.linear_head())
    foreign.add_field("path", b"/etc")
    encoded = FormData(default_to_multipart=True)
    encoded.add_field("model", b"eA==", filename="house.onnx", content_type="x/y")
    bodies: list[tuple[Any, dict[str, str], int]] = [
        (form("house.onnx", bytes(17 * 1024 * 1024)), {}, 413),
        (two, {}, 400),
        (foreign, {}, 400),
        (form("house.onnx", ow.linear_head(), part="file"), {}, 400),
        (form("house.onnx", ow.linear_head(), mw.manifest()), {}, 400),
        (form("word.tflite", mw.streaming_model(), b"x" * 70_000), {}, 413),
        (form("word.tflite", mw.streaming_model(), b"no json"), {}, 400),
        (b"{}", {"Content-Type": "application/json"}, 400),
        (b"", {"Content-Type": "multipart/form-data"}, 400),
        (b"no part", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
        (b"--x\r\n\r\n", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
        (b"--x\r\nA: " + b"b" * 100_000, {"Content-Type": "multipart/form-data; boundary=x"}, 400),
        (
            (
                b"--x\r\nContent-Disposition: form-data; name=model; filename=a.onnx\r\nContent-Type: multipart/mixed; "
                b"boundary=y\r\n\r\n--y\r\n"
            ),
            {"Content-Type": "multipart/form-data; boundary=x"},
            400,
        ),
    ]
    for data, headers, expected in bodies:
        status, answer = await upload(client, admin, data, headers=headers)
        assert status == expected, (answer, headers)
        assert answer["code"]
        assert names_in(models) == before


async def test_a_body_without_an_end(models: Path, admin: Person, client: TestClient[Any, Any]) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="model"; filename="house.onnx"\r\n\r\n'
        while True:
            yield bytes(64 * 1024)
            sent += 64 * 1024

    before = names_in(models)
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        status, answer = await upload(
            client, admin, endless(), headers={"Content-Type": "multipart/form-data; boundary=x"}
        )
        assert (status, answer["code"]) == (413, "wake_model_too_large")
    assert sent < 64 * 1024 * 1024
    assert names_in(models) == before
    # And the next one is taken.
    assert (await upload(client, admin, form("house.onnx", ow.linear_head())))[0] == 200


async def test_one_upload_of_a_user_at_a_time(admin: Person, client: TestClient[Any, Any]) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="model"; filename="house.onnx"\r\n\r\n'
        begun.set()
        await go_on.wait()
        yield ow.linear_head() + b"\r\n--x--\r\n"

    first = asyncio.create_task(
        upload(client, admin, slow(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    )
    await begun.wait()
    # The server has the headers when it answers this.
    while (answer := await upload(client, admin, form("other.onnx", ow.linear_head())))[0] == 200:
        pass
    assert (answer[0], answer[1]["code"]) == (429, "busy")
    go_on.set()
    assert await first == (200, {"file": "house.onnx"})


@pytest.fixture
def small_disk(house: House, models: Path) -> Iterator[None]:
    """Put a file system with little room in the place of the folder."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(models)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted here by nobody")
    yield
    subprocess.run(["umount", str(models)], check=True)


@pytest.mark.usefixtures("small_disk")
async def test_a_full_disk(models: Path, admin: Person, client: TestClient[Any, Any]) -> None:
    status, answer = await upload(client, admin, form("house.onnx", ow.linear_head()))
    assert (status, answer["code"]) == (400, "model_disk_full")
    assert names_in(models) == set()


@pytest.fixture
def read_only_disk(house: House, models: Path) -> Iterator[None]:
    """Put a file system that cannot be written in the place of the folder."""
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(models)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    yield
    subprocess.run(["umount", str(models)], check=True)


@pytest.mark.usefixtures("read_only_disk")
async def test_a_folder_that_cannot_be_written(admin: Person, client: TestClient[Any, Any]) -> None:
    status, answer = await upload(client, admin, form("house.onnx", ow.linear_head()))
    assert (status, answer["code"]) == (400, "model_not_written")


async def test_an_upload_while_nothing_is_loaded(
    house: House, admin: Person, client: TestClient[Any, Any]
) -> None:
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    status, answer = await upload(client, admin, form("house.onnx", ow.linear_head()))
    assert (status, answer["code"]) == (503, "not_loaded")


# --- remove and choose ---------------------------------------------------------------------------


async def test_removing(house: House, models: Path, admin: Person, tmp_path: Path) -> None:
    (models / "sub").mkdir()
    (models / "sub" / "word.tflite").write_bytes(mw.streaming_model())
    (models / "sub" / "word.json").write_bytes(mw.manifest())
    (tmp_path / "outside.onnx").write_bytes(ow.linear_head())
    (models / "way_out").symlink_to(tmp_path)
    (models / "loop").symlink_to(models)
    (models / "linked.onnx").symlink_to(tmp_path / "outside.onnx")
    assert "way_out/outside.onnx" not in await listed(admin.desk)
    for name in (
        "../outside.onnx",
        "way_out/outside.onnx",
        "loop/sub/word.tflite",
        "sub/../sub/word.tflite",
        "/etc/passwd",
        "sub",
        "sub/word.json",
        "melspectrogram.onnx/",
        "melspectrogram.onnx",
        "embedding_model.onnx",
        "",
        "nothing.onnx",
        "a\0b.onnx",
    ):
        code = await admin.desk.code_of("wake_words/remove", file=name)
        assert code in ("wake_model_missing", "invalid_request"), name
    assert await admin.desk.code_of("wake_words/remove", file="alexa_v0.1.onnx") == "wake_model_in_use"
    assert (models / "alexa_v0.1.onnx").exists()
    for name in ("sub/word.tflite", "linked.onnx"):
        assert await admin.desk.code_of("wake_words/remove", file=name) is None
    assert names_in(models / "sub") == set()
    assert (tmp_path / "outside.onnx").exists()
    assert (models / "melspectrogram.onnx").exists()
    assert "alexa" in house.hub.listening.wake_words_available


async def test_choosing_does_what_the_form_does(house: House, models: Path, admin: Person) -> None:
    (models / "house.onnx").write_bytes(ow.linear_head())
    (models / "broken.onnx").write_bytes(b"no model")
    for words in (["broken"], ["nothing"], ["house", "../alexa"]):
        code = await admin.desk.code_of("wake_words/choose", satellite_id=KITCHEN, wake_words=words)
        assert code == "invalid_request"
    assert await admin.desk.code_of("wake_words/choose", satellite_id="garage", wake_words=[]) is not None
    assert await admin.desk.code_of("wake_words/choose", satellite_id=KITCHEN, wake_words=["house"]) is None
    await house.hass.async_block_till_done()
    assert house.entry.subentries[KITCHEN].data["wake_words"] == ["house"]
    assert house.entry.subentries[KITCHEN].data["threshold"] == 0.5
    assert house.hub.listening.wake_words_available == ("house",)
    found = await listed(admin.desk)
    assert (found["house.onnx"]["satellites"], found["house.onnx"]["removable"]) == ([KITCHEN], False)
    assert found["alexa_v0.1.onnx"]["removable"]
    entry = house.hub.access_log.entries[-1]
    assert (entry.action, entry.subject, entry.value) == (
        AuditAction.CHANGED,
        f"{KITCHEN}.wake_words",
        "house",
    )


async def test_a_word_keeps_its_id_whatever_its_file_is_called(
    house: House, models: Path, admin: Person
) -> None:
    (models / "Alexa_v2.onnx").write_bytes(ow.linear_head())
    answer = await admin.desk.ask(f"{DOMAIN}/wake_words/list")
    assert answer["result"]["satellites"] == {KITCHEN: ["Alexa"]}
    found = {model["file"]: model for model in answer["result"]["models"]}
    assert (found["Alexa_v2.onnx"]["wake_word"], found["Alexa_v2.onnx"]["satellites"]) == ("Alexa", [KITCHEN])
    (models / "house.onnx").write_bytes(ow.linear_head())
    words = ["Alexa", "house", "alexa"]
    assert await admin.desk.code_of("wake_words/choose", satellite_id=KITCHEN, wake_words=words) is None
    await house.hass.async_block_till_done()
    assert house.entry.subentries[KITCHEN].data["wake_words"] == ["alexa", "house"]
    assert set(house.hub.listening.wake_words_available) == {"alexa", "house"}
    code = await admin.desk.code_of("wake_words/remove", file="Alexa_v2.onnx")
    assert code == "wake_model_in_use"


async def test_a_model_that_was_not_tried_yet_may_be_in_use(
    house: House, models: Path, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    (models / "house.onnx").write_bytes(ow.linear_head())
    monkeypatch.setattr(model_trial.TRIALS, "_known", {})
    monkeypatch.setattr(model_library, "list_files", partial(list_files, seconds=-1.0))
    found = await listed(admin.desk)
    assert {file: (model["reason"], model["removable"]) for file, model in found.items()} == {
        "alexa_v0.1.onnx": ("wake_model_not_tried", False),
        "house.onnx": ("wake_model_not_tried", True),
    }
    assert await admin.desk.code_of("wake_words/remove", file="alexa_v0.1.onnx") == "wake_model_in_use"
    assert await admin.desk.code_of("wake_words/remove", file="house.onnx") is None
    assert (models / "alexa_v0.1.onnx").exists()


async def test_what_comes_and_goes_is_in_the_access_log(
    house: House, models: Path, admin: Person, client: TestClient[Any, Any]
) -> None:
    assert (await upload(client, admin, form("house.onnx", ow.linear_head())))[0] == 200
    assert (await upload(client, admin, form("broken.onnx", b"no model")))[0] == 400
    assert await admin.desk.code_of("wake_words/remove", file="house.onnx") is None
    assert await admin.desk.code_of("wake_words/remove", file="alexa_v0.1.onnx") == "wake_model_in_use"
    entries = [entry for entry in house.hub.access_log.entries if entry.action is AuditAction.CHANGED]
    assert [(entry.by.user_id, entry.subject, entry.value) for entry in entries] == [
        (admin.user.id, "wake_words", "+ house.onnx"),
        (admin.user.id, "wake_words", "- house.onnx"),
    ]


@pytest.mark.parametrize("what", ["upload", "remove"])
async def test_a_right_that_is_withdrawn_while_the_folder_is_busy(
    house: House, models: Path, admin: Person, client: TestClient[Any, Any], what: str
) -> None:
    (models / "house.onnx").write_bytes(ow.linear_head())
    before = names_in(models)

    async def code() -> str | None:
        if what == "remove":
            return await admin.desk.code_of("wake_words/remove", file="house.onnx")
        return str((await upload(client, admin, form("other.onnx", ow.linear_head())))[1].get("code"))

    # As a download holds it.
    async with (lock := writing_lock(house.hass)):
        doing = house.hass.async_create_task(code())
        await house.until_found(lambda: lock._waiters)
        await house.hass.auth.async_update_user(admin.user, group_ids=[GROUP_ID_USER])
    assert await doing == "unauthorized"
    assert names_in(models) == before


async def test_a_model_that_a_pipeline_has_chosen_at_our_wake_word_entity(
    house: House, models: Path, admin: Person
) -> None:
    (models / "House.onnx").write_bytes(ow.linear_head())
    entity = er.async_get(house.hass).async_get_or_create(
        "wake_word", DOMAIN, f"{house.entry.entry_id}-wake_word"
    )
    pipeline = async_get_pipeline(house.hass)
    await async_update_pipeline(house.hass, pipeline, wake_word_entity=entity.entity_id, wake_word_id="house")
    answer = await admin.desk.ask(f"{DOMAIN}/wake_words/remove", file="House.onnx")
    assert answer["error"]["code"] == "wake_model_in_use"
    assert answer["error"]["translation_placeholders"] == {"name": pipeline.name}
    found = await listed(admin.desk)
    assert (found["House.onnx"]["removable"], found["House.onnx"]["pipeline"]) == (False, pipeline.name)
    assert {file["pipeline"] for name, file in found.items() if name != "House.onnx"} <= {None}
    await async_update_pipeline(house.hass, async_get_pipeline(house.hass), wake_word_id="alexa")
    found = await listed(admin.desk)
    assert (found["House.onnx"]["removable"], found["House.onnx"]["pipeline"]) == (True, None)
    assert await admin.desk.code_of("wake_words/remove", file="House.onnx") is None


async def test_a_satellite_that_chooses_a_model_while_it_is_removed_keeps_it(
    house: House, models: Path, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    (models / "house.onnx").write_bytes(ow.linear_head())
    async with (lock := writing_lock(house.hass)):
        removing = house.hass.async_create_task(admin.desk.code_of("wake_words/remove", file="house.onnx"))
        await house.until_found(lambda: lock._waiters)
        monkeypatch.setattr(wake_words, "chosen_words", lambda _: {KITCHEN: ["house"]})
    assert await removing == "wake_model_in_use"
    assert (models / "house.onnx").exists()


async def test_models_in_use_are_only_loaded_again_if_another_file_is_used(
    house: House, models: Path, admin: Person, client: TestClient[Any, Any]
) -> None:
    def engine() -> object:
        return house.hub.listening.worker._engine

    before = engine()
    assert (await upload(client, admin, form("house.onnx", ow.linear_head())))[0] == 200
    assert await admin.desk.code_of("wake_words/remove", file="house.onnx") is None
    assert engine() is before
    assert (await upload(client, admin, form("alexa_v2.onnx", ow.linear_head())))[0] == 200
    assert engine() is not before
    found = await listed(admin.desk)
    assert found["alexa_v0.1.onnx"]["used_file"] == "alexa_v2.onnx"


# --- test live -----------------------------------------------------------------------------------


def ended(desk: Desk) -> list[Any]:
    return [event["code"] for event in desk.events("ended")]


async def test_a_model_hears_what_the_satellite_hears(house: House, models: Path, admin: Person) -> None:
    desk = admin.desk
    number = desk.send(f"{DOMAIN}/wake_words/test", satellite_id=KITCHEN, file="alexa_v0.1.onnx")
    await desk.until_told(lambda: len(desk.events("heard")) >= 5)
    await house.kitchen.blurt(bytes(16_000), await speech("Alexa"), bytes(16_000))
    await desk.until_told(lambda: any(event["woke"] for event in desk.events("heard")))
    for event in desk.events("heard"):
        assert event.keys() == {"type", "level", "score", "threshold", "woke"}
        assert -100 <= event["level"] <= 0
        assert 0 <= event["score"] <= 1
        assert event["threshold"] == 0.5
        assert event["woke"] is (event["score"] >= 0.5)
    tests = [e for e in house.hub.access_log.entries if e.action is AuditAction.WAKE_WORD_TESTED]
    assert [(entry.subject, entry.times) for entry in tests] == [(KITCHEN, 1)]
    # The satellite wakes as usual.
    await house.until_told("woke")
    desk.connection.subscriptions.pop(number)()
    told = len(desk.told)
    await house.kitchen.wait_for_frames(10)
    assert [m for m in desk.told[told:] if m["type"] == "event"] == []


async def test_a_test_alone_wakes_nobody(house: House, models: Path, admin: Person) -> None:
    (models / "eager.onnx").write_bytes(ow.linear_head(weight=1.0))
    desk = admin.desk
    desk.send(f"{DOMAIN}/wake_words/test", satellite_id=KITCHEN, file="eager.onnx")
    await desk.until_told(lambda: len(desk.events("heard")) >= 8)
    assert house.activity() == []


async def test_mute_ends_a_test_and_forbids_one(house: House, models: Path, admin: Person) -> None:
    desk = admin.desk
    desk.send(f"{DOMAIN}/wake_words/test", satellite_id=KITCHEN, file="alexa_v0.1.onnx")
    await desk.until_told(lambda: bool(desk.events("heard")))
    await house.switch("microphone", on=False)
    await desk.until_told(lambda: bool(desk.events("ended")))
    assert ended(desk) == ["muted_while_tested"]
    heard = len(desk.events("heard"))
    code = await desk.code_of("wake_words/test", satellite_id=KITCHEN, file="alexa_v0.1.onnx")
    assert code == "muted_while_tested"
    assert len(desk.events("heard")) == heard


async def test_whoever_disconnects_while_a_model_loads_leaves_nothing_behind(
    house: House, models: Path, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, go_on = asyncio.Event(), asyncio.Event()
    load = model_library.async_load_for_test

    async def slowly(hass: HomeAssistant, name: str) -> Any:
        loading.set()
        await go_on.wait()
        return await load(hass, name)

    monkeypatch.setattr(wake_tests, "async_load_for_test", slowly)
    desk, hub = admin.desk, house.hub
    desk.send(f"{DOMAIN}/wake_words/test", satellite_id=KITCHEN, file="alexa_v0.1.onnx")
    await loading.wait()
    user = house.hass.data[ws_command._TABS][admin.user.id]
    desk.connection.async_handle_close()
    go_on.set()
    await house.until_found(lambda: not user.under_way)
    assert (hub.wake_tests._running, hub.wake_tests._starting) == (set(), 0)
    # Nobody would ever count it down again, and nobody may have more than some.
    assert user.following == 0
    assert desk.events() == []


async def test_what_a_test_is_refused_for(
    house: House, models: Path, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = admin.desk
    (models / "broken.onnx").write_bytes(b"no model")

    async def code_of(file: str, satellite_id: str = KITCHEN) -> str | None:
        return await desk.code_of("wake_words/test", satellite_id=satellite_id, file=file)

    assert await code_of("broken.onnx") == "wake_model_invalid"
    assert await code_of("../alexa_v0.1.onnx") == "wake_model_missing"
    assert await code_of("alexa_v0.1.onnx", "garage") == "invalid_request"
    for _ in range(wake_tests.MAX_TESTS):
        assert await code_of("alexa_v0.1.onnx") is None
    assert await code_of("alexa_v0.1.onnx") == "busy"
    desk.connection.async_handle_close()
    await house.hass.async_block_till_done()
    assert not house.hub.wake_tests._running


@pytest.mark.parametrize("kitchen_options", [{"wake_words": []}])
async def test_a_satellite_that_finds_its_wake_word_itself_is_not_tested(
    quiet_house: House, models: Path, socket_enabled: None
) -> None:
    house = quiet_house
    async with set_up_with_self_waking_satellite(house):
        desk = (await people_of(house, (ADMIN,)))[ADMIN].desk
        answer = await desk.ask(f"{DOMAIN}/wake_words/test", satellite_id=KITCHEN, file="alexa_v0.1.onnx")
        assert answer["error"]["code"] == "wakes_itself"
        assert answer["error"]["translation_placeholders"] == {"name": "Kitchen"}
        assert not [
            entry for entry in house.hub.access_log.entries if entry.action is AuditAction.WAKE_WORD_TESTED
        ]
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)


async def test_no_wake_word_is_shown_for_a_satellite_that_finds_its_own(
    quiet_house: House, models: Path, socket_enabled: None
) -> None:
    """The page would tell people to say a word that nobody listens for."""
    house = quiet_house
    async with set_up_with_self_waking_satellite(house):
        (subentry,) = house.entry.subentries.values()
        assert subentry.data["wake_words"]
        desk = (await people_of(house, (ADMIN,)))[ADMIN].desk
        desk.send(f"{DOMAIN}/subscribe")
        await desk.until_told(lambda: bool(desk.events("state")))
        state = desk.events("state")[-1]
        assert [(one["wake_words"], one["silence_reason"]) for one in state["satellites"]] == [([], None)]
        assert await house.hass.config_entries.async_unload(house.entry.entry_id)


async def test_a_test_ends_after_a_minute_and_with_the_satellite(
    house: House, models: Path, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = admin.desk
    monkeypatch.setattr(wake_tests, "_MAX_SECONDS", 0.5)
    desk.send(f"{DOMAIN}/wake_words/test", satellite_id=KITCHEN, file="alexa_v0.1.onnx")
    await desk.until_told(lambda: bool(desk.events("ended")))
    assert ended(desk) == [None]
    monkeypatch.setattr(wake_tests, "_MAX_SECONDS", 60)
    desk.send(f"{DOMAIN}/wake_words/test", satellite_id=KITCHEN, file="alexa_v0.1.onnx")
    before = len(desk.events("heard"))
    await desk.until_told(lambda: len(desk.events("heard")) > before)
    await house.kitchen.stop()
    await desk.until_told(lambda: len(desk.events("ended")) == 2)
    assert ended(desk)[1] == "no_audio_to_test"
    assert not house.hub.wake_tests._running


async def test_a_test_ends_with_the_entry(house: House, models: Path, admin: Person) -> None:
    desk = admin.desk
    desk.send(f"{DOMAIN}/wake_words/test", satellite_id=KITCHEN, file="alexa_v0.1.onnx")
    await desk.until_told(lambda: bool(desk.events("heard")))
    await house.reload()
    assert len(desk.events("ended")) == 1


# --- rights --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("bedroom")
async def test_only_administrators(
    house: House, models: Path, people: dict[str, Person], client: TestClient[Any, Any]
) -> None:
    (models / "house.onnx").write_bytes(ow.linear_head())
    before = names_in(models)
    fields: dict[str, dict[str, Any]] = {
        "wake_words/list": {},
        "wake_words/remove": {"file": "house.onnx"},
        "wake_words/choose": {"satellite_id": KITCHEN, "wake_words": ["house"]},
        "wake_words/test": {"satellite_id": KITCHEN, "file": "house.onnx"},
    }
    assert fields.keys() == {name for name in COMMANDS if name.startswith("wake_words/")}
    for name in PEOPLE:
        if name == ADMIN or name not in people:
            continue
        for command, what in fields.items():
            assert await people[name].desk.code_of(command, **what) == "unauthorized", (name, command)
        status, answer = await upload(client, people[name], form("other.onnx", ow.linear_head()))
        assert status in (401, 403), name
    status, answer = await upload(client, None, form("other.onnx", ow.linear_head()))
    assert (status, answer["code"]) == (403, "unauthorized")
    assert names_in(models) == before
    assert people[KITCHEN_MEMBER].desk.events() == []
