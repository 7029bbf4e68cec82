"""AES-256-GCM from the cryptography package, which may fail to load (broken wheel, missing library).

No other module imports that package. Destroying keys, sweeping files and removing notes work without it.
"""

from collections.abc import Iterator
import contextlib
from typing import Final

from ..core.errors import EncryptionUnavailable
from ..core.import_fault import cause_of
from .key_file_format import KEY_BYTES

_KNOWN_TAG: Final = bytes.fromhex("530f8afbc74536b9a963b4f1c4cb738b")
"""Tag of empty input with an all-zero key and nonce: test case 13 of McGrew and Viega's GCM specification."""

_FIRST_CAUSE: Final[list[str]] = []
"""Cause of the first failure: later attempts in the process may only report that an earlier one failed."""


class NotAuthentic(ValueError):
    """Authentication failed: wrong key, wrong header, or damaged data."""


@contextlib.contextmanager
def _unavailable() -> Iterator[None]:
    """Convert any exception from a broken package into EncryptionUnavailable with its cause."""
    try:
        yield
    except NotAuthentic, KeyboardInterrupt, MemoryError, SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  # a Rust panic does not derive from Exception
        if not _FIRST_CAUSE:
            _FIRST_CAUSE.append(cause_of(error))
        raise EncryptionUnavailable(_FIRST_CAUSE[0]) from None


class Cipher:
    """AES-256-GCM with one key. Every method raises EncryptionUnavailable if the package does not work."""

    def __init__(self, key: bytes) -> None:
        """Create a cipher for a key of KEY_BYTES bytes."""
        with _unavailable():
            # Imported lazily: the store must open without the package. Later imports are a dict look-up.
            from cryptography.exceptions import InvalidTag  # noqa: PLC0415
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

            self._aes = AESGCM(key)
            self._invalid_tag = InvalidTag

    def encrypt(self, nonce: bytes, plain: bytes, header: bytes) -> bytes:
        """Return ciphertext and tag; the header is authenticated as additional data."""
        with _unavailable():
            return self._aes.encrypt(nonce, plain, header)

    def decrypt(self, nonce: bytes, sealed: bytes, header: bytes) -> bytes:
        """Return the plaintext. Raises NotAuthentic."""
        with _unavailable():
            try:
                return self._aes.decrypt(nonce, sealed, header)
            except (self._invalid_tag, ValueError) as error:
                raise NotAuthentic from error


def encryption_fault() -> EncryptionUnavailable | None:
    """Test encryption; return the error that it fails with, or None. The first call blocks."""
    try:
        if Cipher(bytes(KEY_BYTES)).encrypt(bytes(12), b"", b"") != _KNOWN_TAG:
            return EncryptionUnavailable("AES-GCM gives a wrong result")
    except EncryptionUnavailable as fault:
        return fault.with_traceback(None)
    _FIRST_CAUSE.clear()
    return None


def derived_key(key: bytes, purpose: bytes) -> bytes:
    """Derive a key of KEY_BYTES bytes for a purpose (HKDF-SHA256 without salt).

    Raises EncryptionUnavailable.
    """
    with _unavailable():
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(key)
