"""Which files of a folder are wake word models, and which of several for a wake word is used."""

from collections.abc import Callable
import hashlib
import os
from pathlib import Path
import re

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.voice_privacy.core.errors import (
    InvalidRequest,
    ModelDamaged,
    ModelExists,
    ModelFileInvalid,
    ModelFileMissing,
    ModelFileTooLarge,
    ModelIsArchive,
    ModelNameInvalid,
    ModelNotRemoved,
    ModelNotWritten,
    ModelOperationUnknown,
    WakeModelError,
)
from custom_components.voice_privacy.wake import (
    engines,
    model_files,
    model_folder,
    model_listing,
    model_store,
    model_trial,
    second_ear,
)
from custom_components.voice_privacy.wake.classifiers import Head
from custom_components.voice_privacy.wake.micro.engine import MicroModel
from custom_components.voice_privacy.wake.model_content import MAX_FILE_SIZE
from custom_components.voice_privacy.wake.model_files import (
    base_paths,
    install,
    installed_models,
    missing_files,
    models_of,
)
from custom_components.voice_privacy.wake.model_folder import scan, wake_word_of, word_key
from custom_components.voice_privacy.wake.model_listing import ModelStatus, list_files
from custom_components.voice_privacy.wake.model_store import add_model, checked_name, remove_model
from custom_components.voice_privacy.wake.published_models import (
    EMBEDDING,
    MELSPECTROGRAM,
    WAKE_WORDS,
    PublishedFile,
)
from tests.core.test_regular_file import NOT_FILES

from . import micro_writer as mw, onnx_writer as ow

OWN = ow.linear_head()
UNKNOWN = ow.head([ow.node("Einsum", ["x"], ["y"])])


def put(folder: Path, **files: bytes) -> None:
    """Write files whose names are given without ending, as .onnx."""
    for name, content in files.items():
        (folder / f"{name}.onnx").write_bytes(content)


def used(folder: Path) -> dict[str, str]:
    """Return the file that is used for each wake word."""
    return {model.wake_word: model.path.relative_to(folder).as_posix() for model in installed_models(folder)}


@pytest.fixture
def published(models: Path, tmp_path: Path) -> Path:
    """A folder with openWakeWord's files, as they were fetched."""
    folder = tmp_path / "models"
    for file in (MELSPECTROGRAM, EMBEDDING, WAKE_WORDS["alexa"], WAKE_WORDS["hey_jarvis"]):
        install(folder, file, (models / file.file_name).read_bytes())
    return folder


# --- what is there -------------------------------------------------------------------------------


def test_subfolders(tmp_path: Path) -> None:
    deep = tmp_path / "en" / "a" / "alexa"
    deep.mkdir(parents=True)
    put(deep, alexa_v2=OWN)
    put(tmp_path / "en", nabu=OWN)
    too_deep = deep / "x" / "y"
    too_deep.mkdir(parents=True)
    put(deep / "x", four=OWN)
    put(too_deep, five=OWN)
    (tmp_path / ".git").mkdir()
    put(tmp_path / ".git", hidden=OWN)
    assert used(tmp_path) == {
        "alexa": "en/a/alexa/alexa_v2.onnx",
        "four": "en/a/alexa/x/four.onnx",
        "nabu": "en/nabu.onnx",
    }


def test_links(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "models", tmp_path / "elsewhere"
    (folder / "sub").mkdir(parents=True)
    elsewhere.mkdir()
    put(elsewhere, theirs=OWN, linked=OWN)
    (folder / "loop").symlink_to(folder)
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "out").symlink_to(elsewhere)
    (folder / "linked.onnx").symlink_to(elsewhere / "linked.onnx")
    assert used(folder) == {"linked": "linked.onnx"}
    # The folder itself may be a link.
    (tmp_path / "link").symlink_to(folder)
    assert used(tmp_path / "link") == {"linked": "linked.onnx"}


@pytest.mark.parametrize("kind", sorted(NOT_FILES.keys() - {"link"}))
def test_what_is_no_file(tmp_path: Path, kind: str) -> None:
    put(tmp_path, good=OWN)
    (tmp_path / "sub").mkdir()
    NOT_FILES[kind](tmp_path / "sub" / "bad.onnx")
    (tmp_path / os.fsdecode(b"\xff\xfe.onnx")).write_bytes(OWN)
    (tmp_path / "sub" / "line\nbreak.onnx").write_bytes(OWN)
    (tmp_path / os.fsdecode(b"\xff")).mkdir()
    assert [file.file for file in list_files(tmp_path).files] == ["good.onnx"]


def test_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        put(tmp_path, **{f"word{number:02}": b"x"})
    monkeypatch.setattr(model_folder, "MAX_FILES", 5)
    files, complete = scan(tmp_path)
    assert ([file.name for file in files], complete) == (
        [f"word{number:02}.onnx" for number in range(5)],
        False,
    )
    monkeypatch.setattr(model_folder, "MAX_FILES", 50)
    assert scan(tmp_path)[1]
    monkeypatch.setattr(model_folder, "_MAX_ENTRIES", 10)
    files, complete = scan(tmp_path)
    assert (len(files), complete) == (10, False)
    assert not list_files(tmp_path).complete


# --- which file is used --------------------------------------------------------------------------


@given(
    versions=st.lists(
        st.lists(st.integers(0, 10**30), min_size=1, max_size=4).map(tuple),
        min_size=1,
        max_size=6,
        unique=True,
    )
)
@settings(max_examples=60, deadline=None)
def test_versions_are_numbers(
    tmp_path_factory: pytest.TempPathFactory, versions: list[tuple[int, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("versions")
    for version in versions:
        (folder / f"word_v{'.'.join(map(str, version))}.onnx").write_bytes(b"x")
    newest = ".".join(map(str, max(versions)))
    assert used(folder) == {"word": f"word_v{newest}.onnx"}


@given(name=st.text(min_size=1, max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_name_has_a_key_and_is_refused_or_stays_in_the_folder(name: str) -> None:
    for ending in (".onnx", ".TFLITE"):
        try:
            checked = checked_name(name + ending)
        except ModelNameInvalid:
            continue
        assert Path(checked).name == checked
        assert checked.isprintable()
        assert not checked.startswith(".")
        assert not re.search(r"[/\\]", checked)
        assert word_key(wake_word_of(checked)) == word_key(wake_word_of(checked).upper().lower())


def test_words_that_are_the_same_to_a_person_are_one(tmp_path: Path) -> None:
    put(tmp_path, Hey_House=OWN, **{"hey-house_v2": OWN, "hey house_v3": UNKNOWN})
    assert used(tmp_path) == {"hey-house": "hey-house_v2.onnx"}
    assert {
        word: model.path.name for word, model in models_of(tmp_path, ["hey_house", "HEY HOUSE", "x"]).items()
    } == {
        "hey_house": "hey-house_v2.onnx",
        "HEY HOUSE": "hey-house_v2.onnx",
    }


def test_own_models_come_before_published_ones(published: Path) -> None:
    put(published, alexa_v2=UNKNOWN)
    assert used(published)["alexa"] == "alexa_v0.1.onnx"
    put(published, Alexa_v0=OWN)
    assert used(published) == {"Alexa": "Alexa_v0.onnx", "hey_jarvis": "hey_jarvis_v0.1.onnx"}
    statuses = {file.file: (file.status, file.used_file) for file in list_files(published).files}
    assert statuses == {
        "Alexa_v0.onnx": (ModelStatus.READY, None),
        "alexa_v0.1.onnx": (ModelStatus.HIDDEN, "Alexa_v0.onnx"),
        "alexa_v2.onnx": (ModelStatus.REFUSED, None),
        "hey_jarvis_v0.1.onnx": (ModelStatus.READY, None),
    }


@pytest.mark.parametrize(
    "content",
    [OWN, UNKNOWN, b"PK\x03\x04 a model in an archive", b"a model for another engine" * 500],
    ids=["ready", "unknown operation", "archive", "no model"],
)
def test_an_own_file_with_a_published_name_is_never_replaced(
    published: Path, models: Path, content: bytes
) -> None:
    jarvis = WAKE_WORDS["hey_jarvis"]
    original = (models / jarvis.file_name).read_bytes()
    own = published / jarvis.file_name
    own.write_bytes(content)
    wanted = () if content is OWN else (jarvis,)
    assert missing_files(published, ["hey_jarvis"], usable=True) == wanted
    path = install(published, jarvis, original)
    assert own.read_bytes() == content
    assert path.name == "hey_jarvis_v0.1.published.onnx"
    assert used(published)["hey_jarvis"] == (path.name if wanted else own.name)
    # What was fetched is repaired where it is.
    assert missing_files(published, ["hey_jarvis"], usable=True) == ()
    path.write_bytes(original[:-1])
    assert missing_files(published, ["hey_jarvis"], usable=True) == wanted
    assert install(published, jarvis, original) == path
    assert path.read_bytes() == original


@pytest.mark.parametrize(
    "content", [b"", b"damaged", b"<html>", bytes(1_271_370), b"version https://git-lfs.github.com/spec/v1"]
)
def test_what_is_worth_nothing_is_replaced(published: Path, models: Path, content: bytes) -> None:
    jarvis = WAKE_WORDS["hey_jarvis"]
    path = published / jarvis.file_name
    path.write_bytes(content)
    assert missing_files(published, ["hey_jarvis"]) == (jarvis,)
    assert install(published, jarvis, (models / jarvis.file_name).read_bytes()) == path


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("size", [1, 4_096, 200_000])
def test_a_damaged_copy_is_repaired(published: Path, models: Path, part: int, size: int) -> None:
    alexa = WAKE_WORDS["alexa"]
    path = published / alexa.file_name
    content = bytearray(path.read_bytes())
    at = part * (len(content) - size) // 3
    content[at : at + size] = bytes(byte ^ 0x5A for byte in content[at : at + size])
    path.write_bytes(content)
    assert "alexa" not in used(published)
    assert missing_files(published, ["alexa"]) == (alexa,)
    file = next(file for file in list_files(published).files if file.file == alexa.file_name)
    assert (type(file.error), file.own) == (ModelDamaged, False)
    assert install(published, alexa, (models / alexa.file_name).read_bytes()) == path
    assert missing_files(published, ["alexa"]) == ()


# --- trials --------------------------------------------------------------------------------------


def test_a_file_is_tried_again_only_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    origin = model_trial.try_content

    def try_content(load: Callable[[], Head | MicroModel]) -> model_trial.Trial:
        tried.append(load)
        return origin(load)

    monkeypatch.setattr(model_trial, "try_content", try_content)
    (tmp_path / "word.tflite").write_bytes(mw.streaming_model())
    (tmp_path / "word.json").write_bytes(mw.manifest())
    put(tmp_path, page=b"<html>")

    def statuses() -> dict[str, type[Exception] | None]:
        return {file.file: type(file.error) if file.error else None for file in list_files(tmp_path).files}

    first = statuses()
    assert first["word.tflite"] is None
    assert statuses() == first
    assert len(tried) == 2
    (tmp_path / "word.json").write_bytes(b"no JSON")
    assert statuses()["word.tflite"] is ModelFileInvalid
    assert len(tried) == 3
    put(tmp_path, page=OWN)
    (tmp_path / "word.json").unlink()
    assert statuses()["word.tflite"] is None
    assert len(tried) == 5


def test_a_listing_is_bounded_in_time_and_goes_on_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, a=OWN, b=OWN, c=OWN)
    now = 0.0

    class Clock:
        @staticmethod
        def monotonic() -> float:
            nonlocal now
            now += 1.0
            return now

    monkeypatch.setattr(model_listing, "time", Clock)

    def untried() -> list[str]:
        return [
            file.file
            for file in list_files(tmp_path, 2).files
            if getattr(file.error, "code", "").endswith("not_tried")
        ]

    assert untried() == ["c.onnx"]
    assert untried() == []


@pytest.mark.parametrize("error", [MemoryError, RecursionError, KeyError])
def test_whatever_a_trial_raises_costs_that_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    put(tmp_path, bad=OWN + b"", good=OWN)
    origin = engines.load_model

    def load(path: Path) -> object:
        if path.stem == "bad":
            raise error
        return origin(path)

    monkeypatch.setattr(engines, "load_model", load)
    files = {file.file: file for file in list_files(tmp_path).files}
    assert isinstance(files["bad.onnx"].error, ModelFileInvalid)
    assert files["good.onnx"].engine == "openwakeword"


# --- adding and removing -------------------------------------------------------------------------


def test_what_is_added_is_listed_and_loads(published: Path) -> None:
    assert add_model(published, "word_v2.TFLITE", mw.streaming_model(), mw.manifest()) == "word_v2.TFLITE"
    assert add_model(published, "house.onnx", OWN, None) == "house.onnx"
    ready = list_files(published).ready
    assert {"word", "house"} <= set(ready)
    assert base_paths(published)
    for name in ("word_v2.TFLITE", "house.onnx"):
        remove_model(published, name)
    assert sorted(path.name for path in published.iterdir()) == [
        "alexa_v0.1.onnx",
        "embedding_model.onnx",
        "hey_jarvis_v0.1.onnx",
        "melspectrogram.onnx",
    ]


@pytest.mark.parametrize(
    ("name", "content", "manifest", "error"),
    [
        ("a.onnx", b"", None, ModelFileInvalid),
        ("a.onnx", b"PK\x03\x04", None, ModelIsArchive),
        ("a.onnx", UNKNOWN, None, ModelOperationUnknown),
        ("a.onnx", bytes(MAX_FILE_SIZE + 1), None, ModelFileTooLarge),
        ("a.onnx", OWN, b"{}", InvalidRequest),
        ("a.tflite", mw.streaming_model(), b"{}", ModelFileInvalid),
        ("a.tflite", mw.streaming_model(), bytes(1 << 17), ModelFileTooLarge),
        ("there.onnx", OWN, None, ModelExists),
        ("folder.onnx", OWN, None, ModelExists),
        ("dangling.onnx", OWN, None, ModelExists),
    ],
)
def test_what_is_not_added(
    tmp_path: Path, name: str, content: bytes, manifest: bytes | None, error: type[Exception]
) -> None:
    (tmp_path / "there.onnx").write_bytes(b"theirs")
    (tmp_path / "folder.onnx").mkdir()
    (tmp_path / "dangling.onnx").symlink_to("nowhere")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(error):
        add_model(tmp_path, name, content, manifest)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "there.onnx").read_bytes() == b"theirs"
    with pytest.raises(error):
        add_model(tmp_path / "new", name, content, manifest) if error is not ModelExists else add_model(
            tmp_path, name, content, manifest
        )
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("step", ["fsync", "replace", "read_back"])
def test_a_failed_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "no disk")

    before = [] if step == "fsync" else ["word.json"]
    with monkeypatch.context() as patch:
        if step == "fsync":
            patch.setattr(os, "fsync", fail)
        elif step == "replace":
            origin = Path.replace
            patch.setattr(
                Path, "replace", lambda path, to: fail() if Path(to).suffix == ".tflite" else origin(path, to)
            )
        else:
            patch.setattr(model_store, "read_regular", lambda *_, **__: b"other")
        with pytest.raises((ModelNotWritten, ModelExists)):
            add_model(tmp_path, "word.tflite", mw.streaming_model(), mw.manifest())
    assert before is not None
    assert list(tmp_path.iterdir()) == []
    add_model(tmp_path, "word.tflite", mw.streaming_model(), mw.manifest())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["word.json", "word.tflite"]


@pytest.mark.parametrize("left", [("word.json",), ("word.tflite",), ("word.json", "word.tflite")])
def test_what_a_power_cut_leaves_of_an_upload_is_in_nobodys_way(
    tmp_path: Path, left: tuple[str, ...]
) -> None:
    """A name that was taken, without a content."""
    for name in left:
        (tmp_path / name).touch()
    add_model(tmp_path, "word.tflite", mw.streaming_model(), mw.manifest())
    assert (tmp_path / "word.tflite").read_bytes() == mw.streaming_model()
    assert (tmp_path / "word.json").read_bytes() == mw.manifest()


def test_an_empty_manifest_is_none(tmp_path: Path) -> None:
    (tmp_path / "word.json").touch()
    add_model(tmp_path, "word.tflite", mw.streaming_model(), None)
    assert [file.file for file in list_files(tmp_path).refused] == []


@pytest.mark.parametrize("fails", [".json", ".tflite"])
def test_a_removal_that_fails_halfway_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    add_model(tmp_path, "word.tflite", mw.streaming_model(), mw.manifest())
    unlink = Path.unlink

    def fail(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == fails:
            raise OSError(5, "no disk")
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", fail)
        with pytest.raises(ModelNotRemoved):
            remove_model(tmp_path, "word.tflite")
    remove_model(tmp_path, "word.tflite")
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_that_is_there_is_tried_with_the_model(tmp_path: Path) -> None:
    (tmp_path / "word.json").write_bytes(b"{}")
    with pytest.raises(ModelFileInvalid):
        add_model(tmp_path, "word.tflite", mw.streaming_model(), None)
    with pytest.raises(ModelExists):
        add_model(tmp_path, "word.tflite", mw.streaming_model(), mw.manifest())


def test_a_damaged_copy_is_not_added(tmp_path: Path, models: Path) -> None:
    content = bytearray((models / "alexa_v0.1.onnx").read_bytes())
    content[-5_000:-4_990] = bytes(10)
    with pytest.raises((ModelDamaged, WakeModelError)):
        add_model(tmp_path, "alexa_v0.1.onnx", bytes(content), None)
    assert add_model(tmp_path, "alexa_v0.1.onnx", (models / "alexa_v0.1.onnx").read_bytes(), None)


def test_a_manifest_goes_with_its_last_model(tmp_path: Path) -> None:
    for name in ("word.tflite", "word.TFLITE"):
        (tmp_path / name).write_bytes(mw.streaming_model())
    (tmp_path / "word.json").write_bytes(mw.manifest())
    remove_model(tmp_path, "word.tflite")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["word.TFLITE", "word.json"]
    remove_model(tmp_path, "word.TFLITE")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, word=OWN)

    def fail(*_: object, **__: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", fail)
        with pytest.raises(ModelNotRemoved):
            remove_model(tmp_path, "word.onnx")
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(ModelNotRemoved):
            remove_model(tmp_path, "word.onnx")
    for name in ("../word.onnx", "./word.onnx", "word", str(tmp_path / "word.onnx"), ""):
        with pytest.raises(ModelFileMissing):
            remove_model(tmp_path, name)
    remove_model(tmp_path, "word.onnx")


def test_both_models_that_hear_a_word_together_are_used(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {"alexa.micro.tflite": mw.streaming_model(), "alexa.micro.json": mw.manifest()}
    files = tuple(
        PublishedFile(file_name=name, sha256=hashlib.sha256(what).hexdigest(), size=len(what), free=True)
        for name, what in contents.items()
    )
    for module in (model_files, second_ear):
        monkeypatch.setattr(module, "MICRO_WAKE_WORDS", {"alexa": files})
    for file in files:
        install(published, file, contents[file.file_name])

    def heard_by() -> set[str]:
        heard = (ModelStatus.READY, ModelStatus.TOGETHER)
        return {file.file for file in list_files(published).files if file.status in heard}

    assert heard_by() == {"alexa.micro.tflite", "alexa_v0.1.onnx", "hey_jarvis_v0.1.onnx"}
    assert list_files(published).ready == ["alexa", "hey_jarvis"]
    put(published, alexa=OWN)
    assert heard_by() == {"alexa.onnx", "hey_jarvis_v0.1.onnx"}
