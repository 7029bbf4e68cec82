"""Prove that the property tests catch what they are for: plant faults in a copy and see each one found.

Run it with `python tests/storage/plant_faults.py [examples]`. Exit code 1 when a fault goes unnoticed.
"""

from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
from typing import Final

ROOT: Final = Path(__file__).parents[2]
STORAGE: Final = Path("custom_components/voice_privacy/storage")
DEFAULT_EXAMPLES: Final = 1_500


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of the store that is made wrong."""

    name: str
    file: str
    right: str
    wrong: str


FAULTS: Final = (
    Fault(
        "the key is not synchronized",
        "key_file.py",
        "self._disk.write(handle, header.packed(), 0)\n                self._disk.sync(handle)",
        "self._disk.write(handle, header.packed(), 0)",
    ),
    Fault(
        "the sealed file is not synchronized",
        "disk.py",
        "disk.write(handle, data, 0)\n            disk.sync(handle)",
        "disk.write(handle, data, 0)",
    ),
    Fault(
        "the sealed file's name is not synchronized",
        "disk.py",
        "        disk.sync_folder(path.parent)\n    except OSError:",
        "    except OSError:",
    ),
    Fault(
        "first mirror wins",
        "key_file.py",
        "key=lambda pair: (pair[1].epoch, pair[0].consistent)",
        "key=lambda pair: 0",
    ),
    Fault(
        "second mirror is never written",
        "key_file.py",
        "with self._distrust():\n            for handle in self._handles:",
        "with self._distrust():\n            for handle in self._handles[:1]:",
    ),
    Fault(
        "no epoch",
        "key_file.py",
        "epoch=self._header.epoch + 1,\n            live=live,",
        "epoch=self._header.epoch,\n            live=live,",
    ),
    Fault(
        "a stale mirror heals",
        "key_file_format.py",
        "if primary.header == healer.header and primary.body",
        "if primary.body",
    ),
    Fault(
        "slots of both mirrors are joined",
        "key_file_format.py",
        "if slot != EMPTY_SLOT and parsed_slot(slot) is None:",
        "if parsed_slot(slot) is None:",
    ),
    Fault(
        "no check of a slot's CRC",
        "key_file_format.py",
        "if crc != zlib.crc32(raw[: _SLOT.size]) or",
        "if not crc or",
    ),
    Fault(
        "zeroed block counts as deletion",
        "key_file.py",
        "mirror.consistent = (header.live, header.checksum) == (len(crcs), sum(crcs))",
        "mirror.consistent = True",
    ),
    Fault(
        "a repaired mirror is not synchronized before its header",
        "key_file.py",
        "self._write_differences(mirror, body, everything=rewrite)\n                self._disk.sync(mirror.handle)",
        "self._write_differences(mirror, body, everything=rewrite)",
    ),
    Fault(
        "no repair of the other mirror", "key_file.py", "for mirror in (other, primary):", "for mirror in ():"
    ),
    Fault(
        "keys are marked, not overwritten",
        "key_file.py",
        "bytes(count * SLOT_BYTES)) for start",
        "b'\\0' * 16) for start",
    ),
    Fault(
        "everything at once destroys nothing",
        "key_file.py",
        "self._write([(0, bytes(self._capacity * SLOT_BYTES))], header)",
        "self._write([], header)",
    ),
    Fault(
        "everything at once leaves the last block",
        "key_file.py",
        "self._write([(0, bytes(self._capacity * SLOT_BYTES))], header)\n        self._slots.clear()\n        self.damaged.clear()\n        self._free = list(range(self._capacity))\n        self._verify_zeros([(0, self._capacity)])",
        "self._write([(0, bytes(self._capacity * SLOT_BYTES - 4_096))], header)\n        self._slots.clear()\n        self.damaged.clear()\n        self._free = list(range(self._capacity))",
    ),
    Fault(
        "counter is not kept",
        "key_file.py",
        "issued=max(self._header.issued, sequence)",
        "issued=self._header.issued",
    ),
    Fault(
        "plaintext first",
        "vault.py",
        "write_new_file(self._disk, unfinished, sealed)",
        "write_new_file(self._disk, unfinished, utterance.audio)\n            self._disk.write(h := self._disk.open(unfinished), sealed, 0)\n            self._disk.sync(h)\n            self._disk.close(h)",
    ),
    Fault(
        "key before file",
        "vault.py",
        "write_new_file(self._disk, unfinished, sealed)\n            try:\n                self._keys.add(recording_id, sequence, key)",
        "self._keys.add(recording_id, sequence, key)\n            write_new_file(self._disk, unfinished, sealed)\n            try:\n                pass",
    ),
    Fault(
        "the new key before the new file",
        "vault.py",
        "write_new_file(self._disk, renewed, sealed)\n            try:\n                self._keys.replace(recording_id, key)",
        "self._keys.replace(recording_id, key)\n            write_new_file(self._disk, renewed, sealed)\n            try:\n                pass",
    ),
    Fault(
        "text is forgotten under the old key",
        "vault.py",
        "note = self._notes.read(recording_id)\n        key = secrets.token_bytes(KEY_BYTES)",
        "note = self._notes.read(recording_id)\n        key = self._keys.key_of(recording_id) or b''",
    ),
    Fault(
        "a resealed file is forgotten at a crash",
        "folder_check.py",
        "                renewed.append((match[2], int(match[1], 16)))",
        "                self._pending_removal.append(match[0])",
    ),
    Fault(
        "the replaced key stays in the second mirror",
        "key_file.py",
        "self._write([(old.index, slot)], header)",
        "self._handles, kept = self._handles[:1], self._handles\n        self._write([(old.index, slot)], header)\n        self._handles = kept",
    ),
    Fault(
        "the row is believed",
        "vault.py",
        "for recording_id, sequence in sorted(self._keys.sequences().items(), key=lambda item: item[1]):",
        "for recording_id, sequence in sorted({one: info.sequence for one, info in known.items()}.items(), key=lambda item: item[1]):",
    ),
    Fault(
        "unfinished files stay unfinished",
        "folder_check.py",
        "            elif unfinished:\n                rename_over(self._disk, path, self._audio / name_of(recording_id, sequence))\n",
        "",
    ),
    Fault(
        "files of deleted recordings stay",
        "folder_check.py",
        "never became durable.\n            self._pending_removal.append(path.name)",
        "never became durable.\n            pass",
    ),
    Fault(
        "missing rows are not noticed",
        "vault.py",
        "                        missing_rows.append(info)",
        "                        pass",
    ),
    Fault(
        "rows of deleted recordings stay",
        "vault.py",
        "if info.recording_id not in ahead and",
        "if info.recording_id in ahead and",
    ),
)


def caught(fault: Fault, examples: int) -> bool | None:
    """Plant one fault in a copy and return whether the property tests fail; None when it has no place."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("custom_components", "tests", "setup.cfg"):
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "e2e", "integration")
                )
            else:
                shutil.copy(source, copy / name)
        path = copy / STORAGE / fault.file
        text = path.read_text("utf-8")
        if text.count(fault.right) != 1:
            return None
        path.write_text(text.replace(fault.right, fault.wrong), "utf-8")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-x",
                "-p",
                "no:cacheprovider",
                "--timeout=600",
                "tests/storage/test_properties.py",
            ],
            cwd=copy,
            env=os.environ
            | {"STORE_EXAMPLES": str(examples), "STORE_SHRINKING": "0", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in {0, 1}:
            sys.exit(done.stdout + done.stderr)
        return done.returncode == 1


def main() -> int:
    """Plant every fault in turn."""
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_EXAMPLES
    missed = 0
    for fault in FAULTS:
        result = caught(fault, examples)
        missed += result is not True
        verdict = {True: "caught", False: "NOT CAUGHT", None: "has no place any more"}[result]
        sys.stdout.write(f"{fault.name}: {verdict}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(FAULTS) - missed} of {len(FAULTS)} faults caught with {examples} examples\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
