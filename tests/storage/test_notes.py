"""Notes live exactly as long as the keys of their recordings."""

from pathlib import Path

import pytest

from custom_components.voice_privacy.core.errors import RecordingNotFound
from custom_components.voice_privacy.storage.vault import NOTES_FOLDER, Vault

from .utterances import DAY, make_utterance


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """An open store with nothing in it."""
    vault = Vault(tmp_path)
    vault.open()
    vault.reconcile(None)
    return vault


def keep(vault: Vault, number: int = 1) -> str:
    """Keep one recording; return its id."""
    return vault.keep(make_utterance(number), DAY).recording_id


def files(tmp_path: Path) -> list[Path]:
    """Return the notes on disk, unfinished ones too."""
    folder = tmp_path / NOTES_FOLDER
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_note_is_sealed_and_replaced(vault: Vault, tmp_path: Path) -> None:
    first, second = keep(vault), keep(vault, 2)
    vault.write_note(first, b"what was really said")
    vault.write_note(first, b"what was said after all")
    vault.write_note(second, b"something else")
    assert vault.read_notes() == {first: b"what was said after all", second: b"something else"}
    assert len(files(tmp_path)) == 2
    for path in files(tmp_path):
        assert b"said" not in path.read_bytes()
    # Whoever swaps two files opens neither.
    one, other = (path.read_bytes() for path in files(tmp_path))
    files(tmp_path)[0].write_bytes(other)
    files(tmp_path)[1].write_bytes(one)
    assert vault.read_notes() == {}


def test_a_deleted_recording_takes_its_note_with_it(vault: Vault, tmp_path: Path) -> None:
    first, second = keep(vault), keep(vault, 2)
    for note in (first, second):
        vault.write_note(note, b"a note")
    copies = {path: path.read_bytes() for path in files(tmp_path)}
    vault.destroy([first])
    assert vault.read_notes() == {second: b"a note"}
    assert len(files(tmp_path)) == 1
    # A copy that comes back, with a backup or after a crash, opens no more and is swept.
    for path, raw in copies.items():
        path.write_bytes(raw)
    (tmp_path / NOTES_FOLDER / f"{second}.note.tmp").write_bytes(b"unfinished")
    vault.close()
    again = Vault(tmp_path)
    again.open()
    again.reconcile(None)
    assert again.read_notes() == {second: b"a note"}
    assert len(files(tmp_path)) == 1
    with pytest.raises(RecordingNotFound):
        again.write_note(first, b"too late")


def test_removing_tells_what_is_left(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keep(vault)
    vault.write_note(kept, b"a note")
    assert vault.remove_notes([kept, "0" * 32]) == 0
    assert files(tmp_path) == []
    vault.write_note(kept, b"a note")
    monkeypatch.setattr("custom_components.voice_privacy.storage.notes.remove_if_there", lambda *_: None)
    assert vault.remove_notes([kept]) == 1


def test_uninstalling_removes_the_folder(vault: Vault, tmp_path: Path) -> None:
    vault.write_note(keep(vault), b"a note")
    vault.remove()
    assert not (tmp_path / NOTES_FOLDER).exists()
