"""Stored form of a taught wake word: lengths, 16-bit floats and a checksum. Nothing in it is executed."""

import hashlib
import re
import struct
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ModelFileInvalid
from .embedding import EMBEDDING_SIZE

type Floats = NDArray[np.float32]

MOST_TEMPLATES: Final = 64
MOST_ANTI_EXAMPLES: Final = 64
MOST_FRAMES: Final = 40
"""Embeddings (80 ms each) of a template: 3.2 s, more than the longest word has."""

MOST_BYTES: Final = 2 * (MOST_TEMPLATES + MOST_ANTI_EXAMPLES) * MOST_FRAMES * EMBEDDING_SIZE + 4_096

_MAGIC: Final = b"VPWORD\r\n"
_VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sHHHHf")
"""Magic, version, bytes of the id, number of templates, number of anti-examples, threshold."""

_LENGTH: Final = struct.Struct("<H")
_CHECKSUM_BYTES: Final = 32
_WAKE_WORD: Final = re.compile(r"[a-z0-9_]{1,64}")
_LARGEST_DISTANCE: Final = 2.0
"""Largest cosine distance."""


class TaughtContent(NamedTuple):
    """Content of a stored taught word."""

    wake_word: str
    threshold: float
    templates: tuple[Floats, ...]
    anti_examples: tuple[Floats, ...]


def write_content(content: TaughtContent) -> bytes:
    """Return the stored form. Raises ModelFileInvalid for what could not be read again."""
    name = content.wake_word.encode()
    arrays = (*content.templates, *content.anti_examples)
    parts = [
        _HEADER.pack(
            _MAGIC,
            _VERSION,
            len(name),
            len(content.templates),
            len(content.anti_examples),
            content.threshold,
        ),
        name,
        *(_LENGTH.pack(len(array)) for array in arrays),
        *(array.astype("<f2").tobytes() for array in arrays),
    ]
    body = b"".join(parts)
    stored = body + hashlib.sha256(body).digest()
    read_content(stored)
    return stored


def read_content(stored: bytes) -> TaughtContent:
    """Return the content of a stored word. Raises ModelFileInvalid if it is not one, whatever it is."""
    body, checksum = stored[:-_CHECKSUM_BYTES], stored[-_CHECKSUM_BYTES:]
    if not _HEADER.size + _CHECKSUM_BYTES <= len(stored) <= MOST_BYTES:
        raise ModelFileInvalid("the file is not a taught wake word")
    magic, version, name_bytes, templates, anti_examples, threshold = _HEADER.unpack_from(body)
    if magic != _MAGIC or version != _VERSION:
        raise ModelFileInvalid("the file is not a taught wake word")
    if hashlib.sha256(body).digest() != checksum:
        raise ModelFileInvalid("the taught wake word is damaged")
    count = templates + anti_examples
    start = _HEADER.size + name_bytes
    lengths_end = start + count * _LENGTH.size
    # Comparisons with NaN are false, so this refuses NaN as well.
    if (
        not 1 <= templates <= MOST_TEMPLATES
        or anti_examples > MOST_ANTI_EXAMPLES
        or not 0 < threshold <= _LARGEST_DISTANCE
        or lengths_end > len(body)
    ):
        raise ModelFileInvalid("the taught wake word is damaged")
    lengths = [_LENGTH.unpack_from(body, start + at * _LENGTH.size)[0] for at in range(count)]
    if (
        any(not 1 <= length <= MOST_FRAMES for length in lengths)
        or lengths_end + 2 * EMBEDDING_SIZE * sum(lengths) != len(body)
        or not (wake_word := _WAKE_WORD.fullmatch(body[_HEADER.size : start].decode("latin-1")))
    ):
        raise ModelFileInvalid("the taught wake word is damaged")
    values = np.frombuffer(body, "<f2", offset=lengths_end).astype(np.float32).reshape(-1, EMBEDDING_SIZE)
    if not bool(np.isfinite(values).all()):
        raise ModelFileInvalid("the taught wake word is damaged")
    ends = np.cumsum(lengths).tolist()
    arrays = tuple(values[end - length : end].copy() for end, length in zip(ends, lengths, strict=True))
    return TaughtContent(wake_word.group(), threshold, arrays[:templates], arrays[templates:])
