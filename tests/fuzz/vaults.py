"""Open vaults whose folder somebody or something has changed, list, read, delete and close them.

Nothing may raise anything but an error of ours, nothing that was deleted may come back, and whatever is listed
can be deleted, after which neither its key nor its content is on the disk.

By hand: python -m tests.fuzz.vaults 900
"""

import argparse
from collections import Counter
from collections.abc import Callable
import contextlib
from dataclasses import asdict, dataclass, field
import json
import os
from pathlib import Path
from random import Random
import resource
import shutil
import socket
import struct
import sys
import tempfile
import time
from typing import Final
import zlib

from custom_components.voice_privacy.core.errors import (
    KeyFileLost,
    RecordingNotFound,
    RecordingUnreadable,
    StoreError,
)
from custom_components.voice_privacy.core.models import RecordingInfo
from custom_components.voice_privacy.storage.key_file_format import HEADER_BYTES, MIRRORS
from custom_components.voice_privacy.storage.vault import ASIDE_FOLDER, AUDIO_FOLDER, NOTES_FOLDER, Vault
from tests.storage.utterances import DAY, make_utterance

from .mutations import ENDS_OF_RANGES, mutate_bytes

KEPT: Final = range(1, 6)
DELETED: Final = range(6, 9)
MOST_SECONDS: Final = 5.0
MOST_BYTES: Final = 64 << 20


@dataclass(slots=True)
class Report:
    """What came of it."""

    tried: int = 0
    lost_keys: int = 0
    """Vaults that opened for nothing, since neither mirror of the key file could be read."""

    without_folder: int = 0
    """Vaults that opened for deleting only."""

    read: int = 0
    unreadable: int = 0
    slowest_ms: float = 0.0
    largest_mib: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    seeds: list[int] = field(default_factory=list)
    """Of what went wrong."""

    @property
    def passed(self) -> bool:
        """Whether every vault kept its promises."""
        return not self.seeds


class PromiseBroken(AssertionError):
    """A vault did what it must not."""


def make_template(folder: Path) -> None:
    """Make a small vault: some recordings with notes, one without its words, some deleted."""
    vault = Vault(folder)
    vault.open()
    vault.reconcile({})
    for number in (*KEPT, *DELETED):
        vault.keep(make_utterance(number, samples=400), DAY)
    for number in (*KEPT[:3], *DELETED):
        vault.write_note(make_utterance(number).utterance_id, b"a note")
    vault.forget_text(make_utterance(KEPT[0]).utterance_id)
    vault.destroy([make_utterance(number).utterance_id for number in DELETED])
    # One of their files waits for the next opening.
    vault.sweep(2)
    vault.close()


# --- faults ------------------------------------------------------------------------------------------


def _is_small(path: Path) -> bool:
    """Return whether a name is a file that an earlier fault has not made huge."""
    return path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 20


def _some_file(folder: Path, random: Random) -> Path:
    files = sorted(path for path in folder.rglob("*") if _is_small(path))
    return random.choice(files) if files else folder / AUDIO_FOLDER / "store-id"


def _some_name(folder: Path, random: Random) -> Path:
    """Return a name that has a meaning, whether it is in use or not."""
    some = _some_file(folder, random)
    number = random.choice((*KEPT, *DELETED, 99))
    recording_id = make_utterance(number).utterance_id
    sequence = random.choice((number, *ENDS_OF_RANGES))
    return random.choice(
        (
            some,
            some,
            some.with_name(some.name + random.choice((".tmp", ".new"))),
            folder / AUDIO_FOLDER / f"{sequence:016x}-{recording_id}.sealed",
            folder / ASIDE_FOLDER / f"{sequence:016x}-{recording_id}.sealed",
            folder / NOTES_FOLDER / f"{recording_id}.note",
            folder / random.choice((ASIDE_FOLDER, NOTES_FOLDER, AUDIO_FOLDER)),
            folder / random.choice(MIRRORS),
            folder / AUDIO_FOLDER / "store-id",
        )
    )


def _clear(path: Path) -> bool:
    """Remove what has a name, and make its folder; return whether that was possible."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        return True
    return False


def _damage(folder: Path, random: Random) -> None:
    path = _some_file(folder, random)
    if not _is_small(path):
        return
    with contextlib.suppress(OSError):
        path.write_bytes(mutate_bytes(path.read_bytes(), random))


def _forge_mirror(folder: Path, random: Random) -> None:
    """Write a header that is sound but for what it says, into one mirror."""
    path = folder / random.choice(MIRRORS)
    if not _is_small(path):
        return
    with contextlib.suppress(OSError, struct.error):
        raw = bytearray(path.read_bytes())
        values = list(struct.unpack_from("<8sHxxxxxx16sQQQQ", raw))
        for _ in range(random.randrange(1, 4)):
            values[random.randrange(3, 7)] = random.choice((*ENDS_OF_RANGES, 2**40, 1_000))
        header = struct.pack("<8sHxxxxxx16sQQQQ", *values)
        raw[: len(header) + 4] = header + struct.pack("<I", zlib.crc32(header))
        path.write_bytes(raw)


def _forge_slot(folder: Path, random: Random) -> None:
    """Give slots sequences at the ends of the range, or the content of another one, in both mirrors."""
    at = HEADER_BYTES + 64 * random.randrange(len(KEPT))
    other = HEADER_BYTES + 64 * random.randrange(8)
    copies, sequence = random.random() < 0.5, random.choice(ENDS_OF_RANGES)
    for name in (name for name in MIRRORS if _is_small(folder / name)):
        with contextlib.suppress(OSError, struct.error):
            raw = bytearray((folder / name).read_bytes())
            if copies:
                raw[at : at + 64] = raw[other : other + 64]
            else:
                slot = struct.pack("<Q", sequence)
                body = raw[at : at + 16] + slot + raw[at + 24 : at + 56]
                raw[at : at + 60] = body + struct.pack("<I", zlib.crc32(body))
            (folder / name).write_bytes(raw)


def _forge_sealed(folder: Path, random: Random) -> None:
    """Change numbers of a sealed file's header."""
    files = sorted(path for path in (folder / AUDIO_FOLDER).glob("*.sealed") if _is_small(path))
    with contextlib.suppress(OSError, IndexError, struct.error):
        path = random.choice(files)
        raw = bytearray(path.read_bytes())
        at, form = random.choice(((8, "<H"), (44, "<Q"), (52, "<I"), (56, "<I"), (60, "<I")))
        struct.pack_into(
            form, raw, at, random.choice(ENDS_OF_RANGES) & ((1 << 8 * struct.calcsize(form)) - 1)
        )
        path.write_bytes(raw)


def _link(folder: Path, random: Random) -> None:
    path = _some_name(folder, random)
    target = random.choice(
        (
            folder / "nowhere",
            path,
            folder,
            folder.parent / "outside",
            Path("/dev/zero"),
            _some_file(folder, random),
        )
    )
    if _clear(path):
        path.symlink_to(target)


def _fifo(folder: Path, random: Random) -> None:
    if _clear(path := _some_name(folder, random)):
        os.mkfifo(path)


def _socket(folder: Path, random: Random) -> None:
    if _clear(path := _some_name(folder, random)):
        # Paths of sockets are short.
        with (
            socket.socket(socket.AF_UNIX) as listener,
            tempfile.TemporaryDirectory(prefix="vp") as place,
            contextlib.suppress(OSError),
        ):
            listener.bind(f"{place}/s")
            Path(place, "s").rename(path)


def _subfolder(folder: Path, random: Random) -> None:
    if _clear(path := _some_name(folder, random)):
        path.mkdir()
        if random.random() < 0.5:
            (path / "theirs").write_bytes(b"somebody else's")


def _device(folder: Path, random: Random) -> None:
    if _clear(path := _some_name(folder, random)):
        with contextlib.suppress(PermissionError):
            os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))


def _huge(folder: Path, random: Random) -> None:
    path = _some_name(folder, random)
    if _clear(path):
        with path.open("wb") as file:
            file.truncate(1 << random.choice((27, 33, 40)))


def _lengthen(folder: Path, random: Random) -> None:
    with contextlib.suppress(OSError):
        os.truncate(_some_file(folder, random), 1 << random.choice((27, 33, 40)))


def _empty(folder: Path, random: Random) -> None:
    with contextlib.suppress(OSError):
        os.truncate(_some_file(folder, random), 0)


def _remove(folder: Path, random: Random) -> None:
    _clear(_some_name(folder, random))


def _rename(folder: Path, random: Random) -> None:
    source, target = _some_file(folder, random), _some_name(folder, random)
    if source != target and _is_small(source) and _clear(target):
        with contextlib.suppress(OSError):
            source.rename(target)


def _copy(folder: Path, random: Random) -> None:
    source, target = _some_file(folder, random), _some_name(folder, random)
    if source != target and _is_small(source) and _clear(target):
        with contextlib.suppress(OSError):
            shutil.copyfile(source, target)


def _strange_name(folder: Path, random: Random) -> None:
    name = random.choice((b"\xff\xfe.sealed", b"\x01\x02", "\u202eü.note".encode(), b"x" * 255, b"-.sealed"))
    place = random.choice((AUDIO_FOLDER, ASIDE_FOLDER, NOTES_FOLDER, ""))
    with contextlib.suppress(OSError):
        Path(os.fsdecode(os.path.join(os.fsencode(folder / place), name))).write_bytes(b"strange")  # noqa: PTH118


FAULTS: Final[tuple[Callable[[Path, Random], None], ...]] = (
    _damage,
    _damage,
    _damage,
    _forge_mirror,
    _forge_slot,
    _forge_sealed,
    _link,
    _link,
    _fifo,
    _socket,
    _subfolder,
    _device,
    _huge,
    _lengthen,
    _empty,
    _remove,
    _rename,
    _copy,
    _strange_name,
)


# --- promises ----------------------------------------------------------------------------------------


def use(folder: Path, rows: dict[str, RecordingInfo] | None, keys: dict[str, bytes], report: Report) -> None:
    """Open a vault and do everything with it. Raises PromiseBroken, or whatever it raises."""
    deleted = {make_utterance(number).utterance_id for number in DELETED}
    originals = {
        make_utterance(number, samples=400).utterance_id: make_utterance(number, samples=400)
        for number in KEPT
    }
    vault = Vault(folder)
    try:
        vault.open()
    except KeyFileLost:
        report.lost_keys += 1
        return
    try:
        state = vault.reconcile(rows)
        report.without_folder += not vault.audio_available
        listed = {info.recording_id for info in state.recordings} | state.unreadable
        if listed & deleted:
            raise PromiseBroken("what was deleted is back")
        for recording_id in sorted(listed):
            try:
                _, content = vault.read(recording_id)
            except RecordingNotFound, RecordingUnreadable:
                report.unreadable += 1
                continue
            if content.audio != originals[recording_id].audio:
                raise PromiseBroken("a recording is another one")
            report.read += 1
        vault.read_notes()
        with contextlib.suppress(StoreError):
            vault.sweep(1_000)
        with contextlib.suppress(StoreError):
            vault.keep(make_utterance(50, samples=400), DAY)
        gone = set(vault.destroy([*listed, make_utterance(50).utterance_id]))
        if not listed <= gone:
            raise PromiseBroken("something that is listed cannot be deleted")
        vault.remove_notes(listed)
        with contextlib.suppress(StoreError):
            vault.sweep(1_000)
    finally:
        vault.close()
    left = b"".join((folder / name).read_bytes() for name in MIRRORS)
    if any(key in left for recording_id, key in keys.items() if recording_id in listed):
        raise PromiseBroken("a destroyed key is left")
    again = Vault(folder)
    again.open()
    try:
        state = again.reconcile(rows)
        if {info.recording_id for info in state.recordings} | state.unreadable:
            raise PromiseBroken("what was deleted is back after another opening")
        with contextlib.suppress(StoreError):
            again.sweep(1_000)
        if again.audio_available and again.pending_removal:
            raise PromiseBroken("files of deleted recordings are left")
        again.remove()
    finally:
        again.close()


def _keys_in(folder: Path) -> dict[str, bytes]:
    """Return the keys of a vault that is whole."""
    raw = (folder / MIRRORS[0]).read_bytes()[HEADER_BYTES:]
    slots = (raw[at : at + 64] for at in range(0, len(raw), 64))
    return {slot[:16].hex(): slot[24:56] for slot in slots if slot.strip(b"\0")}


def _rows_of(folder: Path) -> dict[str, RecordingInfo]:
    vault = Vault(folder)
    vault.open()
    try:
        return {info.recording_id: info for info in vault.reconcile(None).recordings}
    finally:
        vault.close()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run(count: int, seed: int = 1) -> Report:
    """Try so many vaults."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="vaults-") as name:
        place = Path(name)
        template, outside = place / "template", place / "outside"
        make_template(template)
        shutil.copytree(template, place / "rows")
        rows, keys = _rows_of(place / "rows"), _keys_in(template)
        for number in range(seed, seed + count):
            random = Random(number)
            folder = place / f"{number}"
            shutil.copytree(template, folder)
            outside.write_bytes(b"nobody's business")
            for _ in range(random.choice((1, 1, 2, 3, 6))):
                random.choice(FAULTS)(folder, random)
            before, started = _peak(), time.thread_time()
            try:
                use(folder, random.choice((None, rows)), keys, report)
                if outside.read_bytes() != b"nobody's business":
                    raise PromiseBroken("a link led out of the folder")  # noqa: TRY301
            except Exception as error:  # noqa: BLE001  # that none comes is what is tried
                report.faults[f"{type(error).__name__}: {error}"[:200]] += 1
                report.seeds.append(number)
            seconds, grown = time.thread_time() - started, _peak() - before
            report.slowest_ms = max(report.slowest_ms, round(seconds * 1_000, 1))
            report.largest_mib = max(report.largest_mib, round(grown / (1 << 20), 1))
            if seconds > MOST_SECONDS or grown > MOST_BYTES:
                report.seeds.append(number)
            report.tried += 1
            shutil.rmtree(folder, ignore_errors=True)
    return report


def main() -> int:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=100)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    arguments = parser.parse_args()
    # What allocates the size that a file claims to have fails here, not the machine.
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    report = run(arguments.count, arguments.seed)
    report.seeds = report.seeds[:20]
    sys.stdout.write(
        json.dumps(asdict(report) | {"faults": dict(report.faults), "passed": report.passed}, indent=2) + "\n"
    )
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
