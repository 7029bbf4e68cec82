"""Where cryptography does not work nothing is kept, opened or thrown away, and keys can be destroyed."""

from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InternalError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.errors import EncryptionUnavailable
from custom_components.voice_privacy.storage import cipher
from custom_components.voice_privacy.storage.audio_folder import RENEWED
from custom_components.voice_privacy.storage.cipher import Cipher, NotAuthentic, derived_key, encryption_fault
from custom_components.voice_privacy.storage.vault import AUDIO_FOLDER, NOTES_FOLDER, Vault
from tests.broken_imports import FAULTS, Panic, broken_import

from .utterances import DAY, make_utterance

KEY = bytes(range(32))
NONCE = bytes(12)
KINDS: dict[str, Callable[[], BaseException]] = {**FAULTS, "panic": lambda: Panic("Python API call failed")}


@pytest.fixture(autouse=True)
def no_cause_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget why cryptography did not work in an earlier test."""
    monkeypatch.setattr(cipher, "_FIRST_CAUSE", [])


def opened(folder: Path) -> Vault:
    """Open a store and list it from its files."""
    vault = Vault(folder)
    vault.open()
    vault.reconcile(None)
    return vault


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a store but its keys."""
    return {
        path.name: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("keys.")
    }


# --- the cipher -----------------------------------------------------------------------------------------


@given(st.binary(), st.binary(max_size=64))
def test_what_is_sealed_opens_with_its_key_and_header_only(plain: bytes, header: bytes) -> None:
    sealed = Cipher(KEY).encrypt(NONCE, plain, header)
    assert sealed == AESGCM(KEY).encrypt(NONCE, plain, header)
    assert Cipher(KEY).decrypt(NONCE, sealed, header) == plain
    for other, nonce, raw, said in (
        (bytes(32), NONCE, sealed, header),
        (KEY, bytes([1]) * 12, sealed, header),
        (KEY, NONCE, sealed[:-1], header),
        (KEY, NONCE, b"", header),
        (KEY, NONCE, sealed, header + b"!"),
    ):
        with pytest.raises(NotAuthentic):
            Cipher(other).decrypt(nonce, raw, said)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64))
def test_derived_keys_are_those_of_hkdf(key: bytes, purpose: bytes) -> None:
    assert derived_key(key, purpose) == HKDF(SHA256(), 32, salt=None, info=purpose).derive(key)


@pytest.mark.parametrize("kind", KINDS)
def test_any_fault_is_told_and_forgotten_once_it_is_mended(kind: str) -> None:
    assert encryption_fault() is None
    with broken_import("cryptography", KINDS[kind]):
        fault = encryption_fault()
        assert str(fault) == str(encryption_fault()) != "None"
        with pytest.raises(EncryptionUnavailable):
            Cipher(KEY)
    assert encryption_fault() is None


def test_a_package_that_loads_and_fails_or_gives_something_else_does_not_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Failing:
        def __init__(self, key: bytes) -> None:
            pass

        def encrypt(self, *_: bytes) -> bytes:
            raise InternalError("Unknown OpenSSL error", [])

    class Wrong(Failing):
        def encrypt(self, *_: bytes) -> bytes:
            return bytes(16)

    for broken in (Failing, Wrong):
        with monkeypatch.context() as patch:
            patch.setattr("cryptography.hazmat.primitives.ciphers.aead.AESGCM", broken)
            assert encryption_fault() is not None
    assert encryption_fault() is None


def test_stopping_is_no_fault() -> None:
    with broken_import("cryptography", KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        Cipher(KEY)


# --- the store ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_kept_or_opened_or_lost(tmp_path: Path, kind: str) -> None:
    vault = opened(tmp_path)
    kept = [vault.keep(make_utterance(number), DAY) for number in (1, 2, 3)]
    vault.write_note(kept[0].recording_id, b"a note")
    vault.close()
    before = contents(tmp_path)

    with broken_import("cryptography", KINDS[kind]):
        vault = opened(tmp_path)
        assert vault.encryption_fault is not None
        attempts: list[Callable[[], object]] = [
            lambda: vault.keep(make_utterance(4), DAY),
            lambda: vault.keep(make_utterance(1), DAY),
            lambda: vault.read(kept[0].recording_id),
            lambda: vault.forget_text(kept[0].recording_id),
            lambda: vault.write_note(kept[1].recording_id, b"another"),
            vault.read_notes,
        ]
        for attempt in attempts:
            with pytest.raises(EncryptionUnavailable):
                attempt()
        assert vault.note_ids() == {kept[0].recording_id}
        vault.sweep(100)
        vault.close()
        assert contents(tmp_path) == before

    vault = opened(tmp_path)
    assert vault.encryption_fault is None
    for info in kept:
        vault.read(info.recording_id)
    assert vault.read_notes() == {kept[0].recording_id: b"a note"}
    vault.close()


def test_one_that_stops_working_while_open_keeps_nothing_half(tmp_path: Path) -> None:
    vault = opened(tmp_path)
    first = vault.keep(make_utterance(1), DAY).recording_id
    before = contents(tmp_path)
    with broken_import("cryptography", FAULTS["missing library"]):
        with pytest.raises(EncryptionUnavailable):
            vault.keep(make_utterance(2), DAY)
        with pytest.raises(EncryptionUnavailable):
            vault.forget_text(first)
    assert contents(tmp_path) == before
    vault.keep(make_utterance(2), DAY)
    vault.close()


def test_keys_are_destroyed_and_files_swept(tmp_path: Path) -> None:
    vault = opened(tmp_path)
    kept = [vault.keep(make_utterance(number), DAY).recording_id for number in (1, 2)]
    for recording_id in kept:
        vault.write_note(recording_id, b"a note")
    vault.close()
    with broken_import("cryptography", FAULTS["missing"]):
        vault = opened(tmp_path)
        assert vault.destroy(kept[:1]) == kept[:1]
        assert vault.sweep(100) == 0
        assert vault.remove_notes(kept) == 0
        vault.close()
    assert [path.name[17:49] for path in (tmp_path / AUDIO_FOLDER).glob("*.sealed")] == kept[1:]
    assert not list((tmp_path / NOTES_FOLDER).iterdir())
    vault = opened(tmp_path)
    assert [info.recording_id for info in vault.reconcile(None).recordings] == kept[1:]
    vault.close()


def test_a_crash_while_text_was_forgotten_waits_for_an_opening_that_can_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files of one recording, one key: nobody knows which file it opens."""
    vault = opened(tmp_path)
    recording_id = vault.keep(make_utterance(1), DAY).recording_id
    (path,) = (tmp_path / AUDIO_FOLDER).glob("*.sealed")
    with monkeypatch.context() as crash:
        crash.setattr(Vault, "_settle_renewed", lambda *_: False)
        vault.forget_text(recording_id)
    vault.close()
    renewed = path.with_name(f"{path.name}{RENEWED}")
    assert renewed.exists()
    before = contents(tmp_path)

    with broken_import("cryptography", FAULTS["missing"]):
        vault = opened(tmp_path)
        vault.sweep(100)
        vault.close()
        assert contents(tmp_path) == before

    vault = opened(tmp_path)
    assert vault.read(recording_id)[1].transcript is None
    assert not renewed.exists()
    vault.close()


def test_unlisted_recordings_are_named_so_that_everything_can_be_deleted(tmp_path: Path) -> None:
    vault = opened(tmp_path)
    kept = vault.keep(make_utterance(1), DAY).recording_id
    vault.close()
    with broken_import("cryptography", FAULTS["missing"]):
        vault = Vault(tmp_path)
        vault.open()
        state = vault.reconcile(None)
        assert (state.recordings, state.files_set_aside) == ([], 0)
        assert state.unreadable == {kept}
        assert vault.destroy(state.unreadable) == [kept]
        vault.close()
