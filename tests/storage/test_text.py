"""Forgetting what was said: the text is gone for good, the audio stays, whatever fails on the way."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
import pytest

from custom_components.voice_privacy.core.errors import RecordingNotFound, StoreError
from custom_components.voice_privacy.storage.disk import RealDisk
from custom_components.voice_privacy.storage.key_file_format import MIRRORS
from custom_components.voice_privacy.storage.sealed_file import SealedFile
from custom_components.voice_privacy.storage.vault import AUDIO_FOLDER, MARKER, Vault

from .utterances import DAY, contents_below, make_utterance


class Failing(RealDisk):
    """A disk one of whose next synchronizations fails."""

    failing_sync = -1

    def sync(self, handle: int) -> None:
        self.failing_sync -= 1
        if self.failing_sync == 0:
            raise OSError(5, "injected")
        super().sync(handle)


def opened(folder: Path, disk: RealDisk | None = None) -> Vault:
    vault = Vault(folder, disk=disk)
    vault.open()
    vault.reconcile(None)
    vault.sweep(1_000)
    return vault


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = opened(tmp_path)
    yield vault
    vault.close()


def files(folder: Path) -> list[str]:
    return sorted({path.name for path in (folder / AUDIO_FOLDER).iterdir()} - {MARKER})


def test_text_is_gone_and_audio_stays(vault: Vault, tmp_path: Path) -> None:
    utterance, other = make_utterance(1), make_utterance(2)
    before = vault.keep(utterance, DAY)
    vault.keep(other, DAY)
    assert before.has_text
    key = vault._keys.key_of(before.recording_id)
    assert key is not None
    (path,) = (tmp_path / AUDIO_FOLDER).glob(f"*{before.recording_id}*")
    old_file = path.read_bytes()
    # Nobody who kept a copy of the old file could open it with anything but the old key.
    assert (
        SealedFile(old_file, key, vault.store_id, before.recording_id, 1).content().transcript
        == utterance.transcript
    )

    after = vault.forget_text(before.recording_id)
    assert after == replace(before, started_monotonic=None, has_text=False, size=after.size)
    assert after.size == path.stat().st_size < before.size
    info, content = vault.read(before.recording_id)
    assert info == after
    assert content.audio == utterance.audio
    assert (content.transcript, content.reply) == (None, None)
    assert (content.wake_word, content.score, content.language) == ("alexa", 0.91, "en-GB")
    assert not any(key in raw for raw in contents_below(tmp_path))
    assert vault.read(other.utterance_id)[1].transcript == other.transcript
    assert len(files(tmp_path)) == 2

    # A second time changes nothing, and over a restart it stays as it is.
    assert vault.forget_text(before.recording_id) == after
    vault.close()
    vault = opened(tmp_path)
    assert vault.read(before.recording_id) == (after, content)
    vault.destroy([before.recording_id])
    with pytest.raises(RecordingNotFound):
        vault.forget_text(before.recording_id)
    vault.close()


def test_what_was_never_said_need_not_be_forgotten(vault: Vault) -> None:
    info = vault.keep(make_utterance(1, transcript=None, reply=None), DAY)
    assert not info.has_text
    assert vault.forget_text(info.recording_id).size == info.size


def test_a_note_stays(vault: Vault) -> None:
    info = vault.keep(make_utterance(1), DAY)
    vault.write_note(info.recording_id, b"meant for us")
    vault.forget_text(info.recording_id)
    assert vault.read_notes() == {info.recording_id: b"meant for us"}


@pytest.mark.parametrize("failing", range(1, 5))
def test_a_failing_disk_loses_nothing(tmp_path: Path, failing: int) -> None:
    """Not the file and not the key: one pair that fits is always there, and the next attempt succeeds."""
    disk = Failing()
    vault = opened(tmp_path, disk)
    utterance = make_utterance(1)
    info = vault.keep(utterance, DAY)
    old_key = vault._keys.key_of(info.recording_id)
    assert old_key is not None
    disk.failing_sync = failing
    try:
        vault.forget_text(info.recording_id)
    except StoreError:
        pass
    else:
        assert disk.failing_sync > 0, "no synchronization is left that could fail"
    assert vault.read(info.recording_id)[1].audio == utterance.audio
    vault.forget_text(info.recording_id)
    content = vault.read(info.recording_id)[1]
    assert (content.audio, content.transcript) == (utterance.audio, None)
    assert not any(old_key in (tmp_path / mirror).read_bytes() for mirror in MIRRORS)
    vault.close()
    vault = opened(tmp_path)
    assert vault.read(info.recording_id)[1] == content
    assert len(files(tmp_path)) == 1
    vault.close()


def test_what_is_sealed_anew_does_not_count_before_its_key(vault: Vault, tmp_path: Path) -> None:
    """Torn, or of a key that was never written: it is thrown away, and the recording is as it was."""
    utterance = make_utterance(1)
    info = vault.keep(utterance, DAY)
    (name,) = files(tmp_path)
    old = (tmp_path / AUDIO_FOLDER / name).read_bytes()
    vault.close()
    for content in (b"", old[:200], old[:64] + AESGCM.generate_key(256) * 30):
        (tmp_path / AUDIO_FOLDER / f"{name}.new").write_bytes(content)
        vault = opened(tmp_path)
        assert vault.read(info.recording_id)[1].transcript == utterance.transcript
        assert files(tmp_path) == [name]
        vault.close()
