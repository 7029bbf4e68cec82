"""Strange things in our folders, seen through Home Assistant: the store stays open, and nobody waits for a pipe."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
import json
import os
from pathlib import Path
import sys
from typing import Any

import numpy as np
import pytest

from custom_components.voice_privacy.const import DOMAIN
from custom_components.voice_privacy.core.errors import RecordingUnreadable
from custom_components.voice_privacy.core.models import DeletionRequest, DeletionScope, Requester
from custom_components.voice_privacy.review import weight_files
from custom_components.voice_privacy.review.pool import _from_note, _to_note
from custom_components.voice_privacy.storage.key_file_format import MIRRORS
from custom_components.voice_privacy.wake.verifier import Verifier
from custom_components.voice_privacy.wake.verifier_training import Evaluation
from tests.core.test_regular_file import NOT_FILES

from .helpers.house import ENTRY_ID, House
from .helpers.recordings import record
from .test_durable import _REAL
from .test_review_pool import consent, waiting

_ROOT = Path(__file__).parents[2]

EVERY_KIND = pytest.mark.parametrize("make", NOT_FILES.values(), ids=NOT_FILES)


def cache(house: House) -> Path:
    """Return the folder of the store."""
    return Path(house.hass.config.cache_path(DOMAIN))


@EVERY_KIND
async def test_strange_things_in_every_folder_close_nothing(
    house: House, make: Callable[[Path], None]
) -> None:
    lost, kept = await record(house), await record(house, "and tomorrow")
    folder = cache(house)
    [path] = [path for path in house.sealed_files() if lost in path.name]
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    path.unlink()
    strange = [
        path,
        folder / "audio" / f"{(1 << 64) - 1:016x}-{'ab' * 16}.sealed",
        folder / "audio" / f"{1:016x}-{'cd' * 16}.sealed",
        folder / "not-restored" / f"{9:016x}-{'ef' * 16}.sealed",
        folder / "notes" / f"{kept}.note",
        folder / "learned" / "alexa.verifier",
        folder / "learned" / "alexa.json",
        folder / MIRRORS[1],
        Path(house.hass.config.path("openwakeword")) / "strange.onnx",
    ]
    (folder / MIRRORS[1]).unlink()
    for place in strange:
        place.parent.mkdir(exist_ok=True)
        make(place)
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.until_listening()
    assert house.issue("store_not_ready") is None
    assert (await house.read(kept))[1].transcript == "and tomorrow"
    with pytest.raises(RecordingUnreadable):
        await house.read(lost)
    assert await record(house, "still kept")
    request = DeletionRequest(scope=DeletionScope.IDS, recording_ids=frozenset((lost, kept)))
    receipt = await house.hub.deletion.async_delete(request, Requester())
    assert receipt.deleted == 2
    await house.hub.kept.store.async_flush()
    assert not path.exists(follow_symlinks=False)
    assert house.hub.kept.store.pending_deletions == 0


@pytest.mark.parametrize("name", ["settings", "access_log", "clock"])
async def test_a_pipe_in_the_place_of_a_file_blocks_no_thread(
    quiet_house: House, models: None, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    house = quiet_house
    for method, real in _REAL.items():
        monkeypatch.setattr(
            "custom_components.voice_privacy.recordings.durable_store.DurableStore." + method,
            real,
            raising=False,
        )
    path = Path(house.hass.config.path(".storage", f"{DOMAIN}.{name}"))
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    assert await house.hass.config_entries.async_setup(ENTRY_ID)
    await house.until_state("sensor", "microphone_state", "muted" if name == "settings" else "listening")


async def test_mutated_files_below_storage() -> None:
    """A thousand of them are for people to run: python -m tests.fuzz.stores 1000."""
    fuzzing = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fuzz.stores", "60", cwd=_ROOT, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await fuzzing.communicate()
    assert fuzzing.returncode == 0, told.decode()


# --- what was learned --------------------------------------------------------------------------------

WEIGHTS = Verifier(wake_word="alexa", weights=np.full(1_536, 0.5, np.float32), bias=0.25)
EVALUATION = Evaluation(
    wakes=8,
    wakes_before=8,
    wakes_after=8,
    noisy_wakes=32,
    noisy_before=30,
    noisy_after=30,
    false_wakes=4,
    false_before=4,
    false_after=0,
)
ABOUT: dict[str, Any] = {"basis": "x", "evaluation": asdict(EVALUATION)}
WRONG_ABOUT: list[Any] = [
    None,
    [],
    7,
    {},
    {"basis": "x"},
    {"basis": "x", "evaluation": []},
    {"basis": "x", "evaluation": {"wakes": 8}},
    *(
        {"basis": "x", "evaluation": ABOUT["evaluation"] | {"wakes": value}}
        for value in (float("inf"), float("nan"), -1, 1e308, 10**30, "8", None, True, [8])
    ),
    {"basis": "x", "evaluation": ABOUT["evaluation"] | {"more": 1}},
]


def learn(folder: Path, about: bytes = b"", weights: bytes = b"", word: str = "alexa") -> None:
    """Write what was learned of a word."""
    folder.mkdir(exist_ok=True)
    (folder / f"{word}.json").write_bytes(about or json.dumps(ABOUT).encode())
    (folder / f"{word}.verifier").write_bytes(weights or WEIGHTS.to_bytes())


@pytest.mark.parametrize(
    "about", [*(json.dumps(content).encode() for content in WRONG_ABOUT), b"\xff", b"[" * 9_000]
)
def test_figures_of_a_wrong_shape_cost_themselves(tmp_path: Path, about: bytes) -> None:
    learn(tmp_path, about)
    other = Verifier(wake_word="other", weights=WEIGHTS.weights, bias=0.0)
    learn(tmp_path, weights=other.to_bytes(), word="other")
    assert list(weight_files.read_weights(tmp_path)) == ["other"]


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 3e38, -1e30])
@pytest.mark.parametrize("at", [0, 1_536])
def test_weights_that_cannot_be_cost_themselves(tmp_path: Path, value: float, at: int) -> None:
    weights = WEIGHTS.weights.copy()
    bias = 0.0
    if at < len(weights):
        weights[at] = value
    else:
        bias = value
    forged = Verifier(wake_word="alexa", weights=weights, bias=bias)
    learn(tmp_path, weights=forged.to_bytes())
    assert weight_files.read_weights(tmp_path) == {}
    learn(tmp_path)
    assert list(weight_files.read_weights(tmp_path)) == ["alexa"]


@EVERY_KIND
@pytest.mark.parametrize("suffix", [".json", ".verifier"])
def test_what_is_no_file_is_neither_read_nor_followed(
    tmp_path: Path, make: Callable[[Path], None], suffix: str
) -> None:
    folder = tmp_path / "learned"
    learn(folder)
    path = folder / f"alexa{suffix}"
    path.unlink()
    make(path)
    assert weight_files.read_weights(folder) == {}
    gone, left = weight_files.erase(folder)
    assert (gone, left) == (2, 0)
    assert not path.exists(follow_symlinks=False)
    # A link's target is somebody else's; before, it was overwritten with zeros.
    if (outside := folder / "outside").exists():
        assert outside.read_bytes() == b"somebody else's"
    else:
        assert not folder.exists()


def test_a_huge_file_is_neither_read_nor_written_whole(tmp_path: Path) -> None:
    folder = tmp_path / "learned"
    learn(folder)
    for suffix in (".json", ".verifier"):
        os.truncate(folder / f"alexa{suffix}", 1 << 40)
    assert weight_files.read_weights(folder) == {}
    assert weight_files.erase(folder) == (2, 0)
    assert not folder.exists()


def test_other_peoples_files_stay(tmp_path: Path) -> None:
    folder = tmp_path / "learned"
    learn(folder)
    (folder / "notes.txt").write_bytes(b"theirs")
    (folder / "theirs.json").mkdir()
    (folder / "theirs.json" / "more").write_bytes(b"theirs")
    assert weight_files.erase(folder) == (2, 0)
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt", "theirs.json"]
    assert weight_files.erase(folder) == (0, 0)
    file = tmp_path / "file"
    file.write_bytes(b"theirs")
    assert weight_files.erase(file) == (0, 0)


# --- notes -------------------------------------------------------------------------------------------


async def test_a_note_of_a_wrong_shape_costs_that_clip(house: House) -> None:
    await consent(house)
    ids = [await record(house, f"number {number}") for number in range(3)]
    items = waiting(house)
    good = json.loads(_to_note(items[ids[0]]))
    times: list[Any] = [7, "", "2026-01-01", "9999-12-31T23:59:59+00:00", None]
    names: list[Any] = [7, None, "", "..", [], "z" * 32]
    findings: list[Any] = [7, None, "text", [7], {"a": 1}]
    labels: list[Any] = [7, "unknown", [1], {"a": 1}]
    corrections: list[Any] = [7, [], {}]
    strange: list[Any] = [
        [],
        7,
        None,
        "text",
        {},
        *(good | {"proposed_at": value} for value in times),
        *(good | {"review_id": value} for value in names),
        *(good | {"findings": value} for value in findings),
        *(good | {"label": value} for value in labels),
        *(good | {"correction": value} for value in corrections),
    ]
    info = house.hub.recordings[ids[0]]
    assert _from_note(info, json.dumps(good).encode()) == items[ids[0]]
    for raw in (b"", b"\xff", b"[" * 20_000, *(json.dumps(content).encode() for content in strange)):
        assert _from_note(info, raw) is None, raw[:80]
    # Two notes with one id: either would speak for the other.
    await house.hub.kept.store.async_write_note(ids[1], _to_note(items[ids[0]]))
    await house.hub.kept.store.async_write_note(ids[2], b"[7]")
    await house.reload()
    assert len(waiting(house)) == 1
    assert len(house.ids()) == 3
