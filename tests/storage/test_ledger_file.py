"""The ledger on disk: appended durably, repaired after a torn write, and set aside when it was tampered with."""

import os
from pathlib import Path
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.voice_privacy.core.ledger import Head, LedgerEntry, verify
from custom_components.voice_privacy.storage.ledger_file import KEY, LEDGER, LedgerFile

from .simulated_disk import PowerCut, SimulatedDisk

FOLDER = Path("/store")
NOW = "2026-11-29T03Z"


def entry(event: str, hour: str = NOW) -> LedgerEntry:
    return LedgerEntry(hour=hour, event=event)


def events(file: LedgerFile) -> list[str]:
    """Return the events of a ledger, which is valid."""
    lines = file.export(NOW).split("\n")[:-2]
    verify(lines)
    return [line.split(" ")[2] for line in lines[1:]]


def test_what_was_appended_is_there_after_a_restart(tmp_path: Path) -> None:
    file = LedgerFile(tmp_path)
    file.append([entry("kept"), entry("deleted")], NOW)
    file.append([entry("muted_on")], NOW)
    assert events(file) == events(LedgerFile(tmp_path)) == ["kept", "deleted", "muted_on"]
    assert all((tmp_path / name).stat().st_mode & 0o077 == 0 for name in (LEDGER,))


def test_subjects_stay_the_same_and_tell_nothing(tmp_path: Path) -> None:
    recording = "a" * 32
    subject = LedgerFile(tmp_path).subject_of("recording", recording)
    assert LedgerFile(tmp_path).subject_of("recording", recording) == subject
    assert LedgerFile(tmp_path).subject_of("satellite", recording) != subject
    assert LedgerFile(tmp_path / "other").subject_of("recording", recording) != subject
    (tmp_path / KEY).write_bytes(b"short")
    assert len(LedgerFile(tmp_path).subject_of("recording", recording)) == 16


def test_expiry_keeps_the_last_hash_as_anchor(tmp_path: Path) -> None:
    file = LedgerFile(tmp_path)
    file.append([entry("kept", "2026-01-01T00Z"), entry("played", "2026-02-01T00Z"), entry("deleted")], NOW)
    head = file.export(NOW).split("\n")[-2]
    file.expire("2026-02-02T00Z", 100, NOW)
    assert events(file) == ["deleted"]
    assert file.export(NOW).split("\n")[-2] == head
    file.expire("2027-01-01T00Z", 100, NOW)
    assert events(LedgerFile(tmp_path)) == []
    file.append([entry("kept")], NOW)
    assert file.export(NOW).split("\n")[1].startswith("4 ")


@settings(max_examples=60)
@given(st.integers(0, 400), st.binary(max_size=200).filter(lambda tail: b"\n" not in tail))
def test_a_torn_last_line_is_repaired(
    tmp_path_factory: pytest.TempPathFactory, cut: int, garbage: bytes
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    file = LedgerFile(folder)
    file.append([entry("kept"), entry("played")], NOW)
    whole = (folder / LEDGER).read_bytes()
    file.append([entry("deleted"), entry("muted_on")], NOW)
    torn = (folder / LEDGER).read_bytes()[len(whole) :][:cut]
    (folder / LEDGER).write_bytes(whole + torn + (garbage if cut < 90 else b""))
    found = events(LedgerFile(folder))
    assert found[:2] == ["kept", "played"]
    complete = ["deleted", "muted_on"][: torn.count(b"\n")]
    expected = [*complete, *(["repaired"] if not (torn == b"" and not garbage) else [])]
    assert found[2:] in (expected, complete)
    assert events(LedgerFile(folder)) == found


@pytest.mark.parametrize("line", [0, 1, 2, 3])
def test_what_was_tampered_with_is_set_aside(tmp_path: Path, line: int) -> None:
    LedgerFile(tmp_path).append([entry("kept"), entry("played"), entry("deleted")], NOW)
    lines = (tmp_path / LEDGER).read_text().split("\n")
    lines[line] = lines[line].replace("0", "1", 1)
    (tmp_path / LEDGER).write_text("\n".join(lines))
    assert events(LedgerFile(tmp_path)) == ["damaged"]
    assert (tmp_path / "ledger.damaged").read_text() == "\n".join(lines)


def test_a_change_while_it_runs_is_noticed(tmp_path: Path) -> None:
    file = LedgerFile(tmp_path)
    file.append([entry("kept"), entry("played"), entry("deleted")], NOW)
    lines = (tmp_path / LEDGER).read_text().split("\n")
    (tmp_path / LEDGER).write_text("\n".join([*lines[:1], *lines[2:]]))
    file.append([entry("muted_on")], NOW)
    assert events(file) == ["damaged", "muted_on"]


@pytest.mark.parametrize("kept", [0, 1, 2])
@pytest.mark.parametrize("restarted", [False, True])
def test_lines_that_go_missing_while_it_runs_are_noticed(tmp_path: Path, kept: int, restarted: bool) -> None:
    """An older copy of the file is what is left if lines are cut off at the end."""
    file = LedgerFile(tmp_path)
    file.subject_of("recording", "a")
    file.append([entry("kept"), entry("played")], NOW)
    file.append([entry("deleted")], NOW)
    if restarted:
        file = LedgerFile(tmp_path)
        file.append([entry("muted_on")], NOW)
    lines = (tmp_path / LEDGER).read_text().split("\n")
    (tmp_path / LEDGER).write_text("\n".join([*lines[: 1 + kept], ""]))
    file.append([entry("muted_off")], NOW)
    assert events(file) == events(LedgerFile(tmp_path)) == ["damaged", "muted_off"]
    assert (tmp_path / "ledger.damaged").read_text() == "\n".join([*lines[: 1 + kept], ""])


@pytest.mark.parametrize("running", [True, False])
def test_a_ledger_that_was_taken_away_is_noticed(tmp_path: Path, running: bool) -> None:
    file = LedgerFile(tmp_path)
    file.subject_of("recording", "a")
    file.append([entry("kept")], NOW)
    (tmp_path / LEDGER).unlink()
    file = file if running else LedgerFile(tmp_path)
    file.append([entry("muted_on")], NOW)
    assert events(file) == ["damaged", "muted_on"]


def test_one_that_was_turned_off_is_not_missed(tmp_path: Path) -> None:
    file = LedgerFile(tmp_path)
    for _ in range(2):
        file.subject_of("recording", "a")
        file.append([entry("kept")], NOW)
        assert events(file) == ["kept"]
        file.remove()
    assert list(tmp_path.iterdir()) == []


def test_entries_behind_a_bad_block_are_kept_aside(tmp_path: Path) -> None:
    """Zeros in the middle are no torn write: the entries after them are evidence."""
    file = LedgerFile(tmp_path)
    for _ in range(20):
        file.append([entry("kept")], NOW)
    broken = bytearray((tmp_path / LEDGER).read_bytes())
    broken[700:720] = bytes(20)
    (tmp_path / LEDGER).write_bytes(broken)
    found = events(LedgerFile(tmp_path))
    assert found[-1] == "damaged"
    assert found[:-1] == ["kept"] * (len(found) - 1)
    assert len(found) > 3
    assert (tmp_path / "ledger.damaged").read_bytes() == broken


@pytest.mark.parametrize("sequence", [10**15 - 1, 10**15 - 2])
def test_a_sequence_that_cannot_be_continued_blocks_nothing(tmp_path: Path, sequence: int) -> None:
    (tmp_path / LEDGER).write_text(Head(sequence=sequence, hash="a" * 64).anchor() + "\n")
    file = LedgerFile(tmp_path)
    file.expire("2000-01-01T00Z", 100, NOW)
    file.append([entry("kept"), entry("played")], NOW)
    assert events(file) == ["damaged", "kept", "played"]


def test_obstacles_of_every_kind_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / LEDGER
    for kind in ("text", "folder", "fifo", "folder", "text"):
        path.unlink(missing_ok=True)
        match kind:
            case "text":
                path.write_text("no ledger\n")
            case "folder":
                path.mkdir()
            case "fifo":
                os.mkfifo(path)
        ledger = LedgerFile(tmp_path)
        ledger.append([entry("kept")], NOW)
        assert events(ledger) == ["damaged", "kept"]


@pytest.mark.parametrize("kind", ["folder", "link", "huge", "binary"])
def test_what_is_no_ledger_is_no_obstacle(tmp_path: Path, kind: str) -> None:
    path = tmp_path / LEDGER
    match kind:
        case "folder":
            path.mkdir()
        case "link":
            (tmp_path / "elsewhere").write_text("theirs")
            path.symlink_to(tmp_path / "elsewhere")
        case "huge":
            path.touch()
            with path.open("r+b") as file:
                file.truncate(1 << 30)
        case "binary":
            path.write_bytes(bytes(range(256)))
    ledger = LedgerFile(tmp_path)
    ledger.append([entry("kept")], NOW)
    assert events(ledger) == ["damaged", "kept"]
    if kind == "link":
        assert (tmp_path / "elsewhere").read_text() == "theirs"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 40))
def test_no_acknowledged_entry_is_lost_by_a_power_cut(seed: int, steps: int) -> None:
    random, disk = Random(seed), SimulatedDisk()
    file = LedgerFile(FOLDER, disk)
    file.append([entry("kept")], NOW)
    acknowledged = ["kept"]
    disk.steps_left = steps
    try:
        for number in range(12):
            batch = [f"event_{'x' * number}"] * random.randint(1, 9)
            file.append([entry(event) for event in batch], NOW)
            acknowledged += batch
            if number == 6:
                file.expire("2000-01-01T00Z", 1_000, NOW)
    except PowerCut:
        disk.cut_power(random)
    else:
        disk.kill()
    found = [event for event in events(LedgerFile(FOLDER, disk)) if event != "repaired"]
    assert found[: len(acknowledged)] == acknowledged
