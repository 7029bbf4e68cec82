"""The ledger's chain: whatever is changed, removed or reordered breaks it, for us and for scripts/verify_ledger."""

from datetime import UTC, datetime
import os
from pathlib import Path
import subprocess
import sys
from types import ModuleType

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.voice_privacy.core.ledger import (
    BrokenLedger,
    Head,
    LedgerEntry,
    expired,
    extend,
    hour_of,
    parse_line,
    verify,
)

SCRIPT = Path(__file__).parents[2] / "scripts" / "verify_ledger"
START = Head(sequence=0, hash="ab" * 32)
ENTRIES = st.lists(
    st.builds(
        LedgerEntry,
        hour=st.integers(0, 200_000).map(lambda hour: hour_of(datetime.fromtimestamp(hour * 3_600, UTC))),
        event=st.sampled_from(["kept", "played", "deleted", "muted_on", "save_recordings_off"]),
        subject=st.sampled_from(["-", "*120", "0123456789abcdef", "fedcba9876543210"]),
    ),
    min_size=1,
    max_size=8,
)


def load_script() -> ModuleType:
    """Return the script as a module, as Python runs it without the package."""
    module = ModuleType("verify_ledger")
    exec(compile(SCRIPT.read_text("utf-8"), str(SCRIPT), "exec"), module.__dict__)
    return module


SCRIPT_MODULE = load_script()


def lines_of(entries: list[LedgerEntry], start: Head = START) -> tuple[list[str], Head]:
    """Return anchor and entries, and the end of the chain."""
    lines, head = extend(start, entries)
    return [start.anchor(), *lines], head


def export_of(entries: list[LedgerEntry]) -> bytes:
    """Return an exported ledger."""
    lines, head = lines_of(entries)
    return "\n".join([*lines, head.footer(), ""]).encode()


def is_valid(content: bytes, earlier: str | None = None) -> bool:
    """Return what the script says."""
    error, _, _ = SCRIPT_MODULE.verify(content, earlier)
    return error is None


@given(ENTRIES)
def test_a_ledger_is_valid(entries: list[LedgerEntry]) -> None:
    lines, head = lines_of(entries)
    assert verify(lines)[-1] == head
    assert [parse_line(line) for line in lines[1:]] == entries
    assert is_valid(export_of(entries))


@settings(max_examples=300)
@given(ENTRIES, st.data())
def test_no_byte_can_be_changed(entries: list[LedgerEntry], data: st.DataObject) -> None:
    content = bytearray(export_of(entries))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    assert not is_valid(bytes(content))


@given(ENTRIES, st.data())
def test_no_line_can_be_removed_repeated_or_moved(entries: list[LedgerEntry], data: st.DataObject) -> None:
    lines = export_of(entries).decode().split("\n")[:-1]
    place = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(st.integers(0, len(lines) - 1).filter(lambda index: index != place))
    without = [*lines[:place], *lines[place + 1 :]]
    moved = [*without[:other], lines[place], *without[other:]]
    swapped = list(lines)
    swapped[place], swapped[other] = lines[other], lines[place]
    for changed in (without, moved, swapped, [*lines[:place], lines[place], *lines[place:]]):
        assert not is_valid("\n".join([*changed, ""]).encode())


@given(ENTRIES, st.data())
def test_nothing_can_be_cut_off(entries: list[LedgerEntry], data: st.DataObject) -> None:
    content = export_of(entries)
    assert not is_valid(content[: data.draw(st.integers(0, len(content) - 1))])
    assert not is_valid(content[data.draw(st.integers(1, len(content))) :])
    assert not is_valid(content + b"\n")


@given(ENTRIES, st.data())
def test_our_own_check_refuses_the_same(entries: list[LedgerEntry], data: st.DataObject) -> None:
    lines, _ = lines_of(entries)
    place = data.draw(st.integers(1, len(lines) - 1))
    text = lines[place]
    at = data.draw(st.integers(0, len(text) - 1))
    lines[place] = text[:at] + chr(ord(text[at]) ^ data.draw(st.integers(1, 31))) + text[at + 1 :]
    with pytest.raises(BrokenLedger) as broken:
        verify(lines)
    assert broken.value.line == place + 1


@given(ENTRIES, st.integers(0, 8))
def test_the_chain_holds_after_its_beginning_has_expired(entries: list[LedgerEntry], gone: int) -> None:
    lines, head = lines_of(entries)
    gone = min(gone, len(entries))
    anchor = verify(lines[: gone + 1])[-1]
    rest = [anchor.anchor(), *lines[gone + 1 :]]
    assert verify(rest)[-1] == head
    assert is_valid("\n".join([*rest, head.footer(), ""]).encode())


def test_a_ledger_made_up_from_scratch_lacks_the_hash_that_was_noted() -> None:
    entries = [LedgerEntry(hour="2026-11-29T03Z", event="kept")] * 3
    noted = verify(lines_of(entries)[0])[2].hash
    assert is_valid(export_of(entries), noted)
    forged, head = lines_of(entries, Head(sequence=0, hash="cd" * 32))
    content = "\n".join([*forged, head.footer(), ""]).encode()
    assert is_valid(content)
    assert not is_valid(content, noted)


def test_what_is_old_or_too_much_expires() -> None:
    hours = ["2026-01-01T00Z", "2026-01-01T05Z", "2026-02-01T00Z", "2026-01-15T00Z"]
    lines, _ = lines_of([LedgerEntry(hour=hour, event="kept") for hour in hours])
    assert expired(lines, "2026-01-01T00Z", 10) == 0
    assert expired(lines, "2026-01-01T01Z", 10) == 1
    # A clock that was ahead for a while keeps what came after for longer.
    assert expired(lines, "2026-01-20T00Z", 10) == 2
    assert expired(lines, "2026-03-01T00Z", 10) == 4
    assert expired(lines, "2000-01-01T00Z", 3) == 1


def test_hours_are_in_utc_and_no_more_precise() -> None:
    assert hour_of(datetime.fromisoformat("2026-11-29T23:59:59+05:00")) == "2026-11-29T18Z"


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (lambda content: content, 0, "Valid: 2 entries"),
        (lambda content: content.replace(b"kept", b"lost", 1), 1, "BROKEN: line 2"),
        (lambda content: b"", 1, "BROKEN"),
    ],
)
def test_the_script_runs_by_itself(tmp_path: Path, change: object, code: int, told: str) -> None:
    assert callable(change)
    file = tmp_path / "ledger.txt"
    file.write_bytes(change(export_of([LedgerEntry(hour="2026-11-29T03Z", event="kept")] * 2)))
    # Isolated: neither the package nor anything that is installed.
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(file)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith(told)


def test_the_script_says_what_it_wants(tmp_path: Path) -> None:
    for arguments in ([], [str(tmp_path / "missing")]):
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(SCRIPT), *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert done.stderr

    for arguments in (["-h"], ["--help"]):
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(SCRIPT), *arguments], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "scripts/verify_ledger FILE [HASH]" in done.stdout


@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "huge"])
def test_the_script_refuses_what_is_no_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "ledger"
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "device":
            path = Path("/dev/zero")
        case "folder":
            path.mkdir()
        case "huge":
            path.touch()
            os.truncate(path, 1 << 40)
    done = subprocess.run(
        [sys.executable, SCRIPT, path], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("The file cannot be read: ")
    assert "Traceback" not in done.stderr


def test_the_hash_may_be_typed(tmp_path: Path) -> None:
    _, head = lines_of([LedgerEntry(hour="2026-11-29T03Z", event="kept")])
    path = tmp_path / "ledger"
    path.write_bytes(export_of([LedgerEntry(hour="2026-11-29T03Z", event="kept")]))
    done = subprocess.run(
        [sys.executable, SCRIPT, path, f" {head.hash.upper()} "], capture_output=True, check=False
    )
    assert done.returncode == 0
