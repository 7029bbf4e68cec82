"""Sealed file of a taught wake word: a plaintext header that identifies it, and everything else encrypted.

It is AES-256-GCM with the word's own key and the header as additional authenticated data. The header has a random id,
not the word: neither the name of a file nor its content tells what a household calls its satellites.
"""

from dataclasses import dataclass
import json
import os
import struct
from typing import Final, Self

from ..core.errors import RecordingUnreadable, StoreError
from ..core.foreign_json import parse_json_object
from ..core.taught_words import SavedWord
from .cipher import Cipher, NotAuthentic

MAX_BYTES: Final = 2 * 1024 * 1024
"""Maximum size of a file, several times that of the longest word."""

_MAGIC: Final = b"VPTAUGHT"
_VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sH6x16s16s")
_NONCE_BYTES: Final = 12
_LENGTH: Final = struct.Struct("<I")
_MAX_ABOUT_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class TaughtHeader:
    """Plaintext header of a file."""

    store_id: str
    key_id: str

    def packed(self) -> bytes:
        """Return the header as bytes."""
        return _HEADER.pack(_MAGIC, _VERSION, bytes.fromhex(self.store_id), bytes.fromhex(self.key_id))

    @classmethod
    def unpacked(cls, raw: bytes) -> Self | None:
        """Return the header of a file, or None if it is not a file of this version."""
        if len(raw) < _HEADER.size:
            return None
        magic, version, store_id, key_id = _HEADER.unpack_from(raw)
        return cls(store_id.hex(), key_id.hex()) if (magic, version) == (_MAGIC, _VERSION) else None


HEADER_BYTES: Final = _HEADER.size


def seal_word(key: bytes, header: TaughtHeader, word: SavedWord) -> bytes:
    """Return the sealed file of a word. Raises StoreError if it is too long, and EncryptionUnavailable."""
    about = json.dumps(word.about(), ensure_ascii=False, separators=(",", ":")).encode()
    plain = _LENGTH.pack(len(about)) + about + word.model
    packed, nonce = header.packed(), os.urandom(_NONCE_BYTES)
    sealed = packed + nonce + Cipher(key).encrypt(nonce, plain, packed)
    if len(about) > _MAX_ABOUT_BYTES or len(sealed) > MAX_BYTES:
        raise StoreError("a taught wake word is too long")
    return sealed


def open_word(key: bytes, header: TaughtHeader, raw: bytes) -> SavedWord:
    """Return the word in a sealed file.

    Raises:
        RecordingUnreadable: The file belongs to another word, or is damaged.
        EncryptionUnavailable: The cryptography package does not work.
    """
    if TaughtHeader.unpacked(raw) != header:
        raise RecordingUnreadable
    end = HEADER_BYTES + _NONCE_BYTES
    try:
        plain = Cipher(key).decrypt(raw[HEADER_BYTES:end], raw[end:], raw[:HEADER_BYTES])
        (length,) = _LENGTH.unpack_from(plain)
        about = parse_json_object(plain[_LENGTH.size : _LENGTH.size + length], max_bytes=_MAX_ABOUT_BYTES)
        return SavedWord.read(about, plain[_LENGTH.size + length :])
    except (KeyError, NotAuthentic, OverflowError, TypeError, ValueError, struct.error) as err:
        raise RecordingUnreadable from err
