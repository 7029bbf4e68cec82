"""Search bytes for what must not be in them, however it may have been written down.

Looks for plaintext as it is, as hex, base64 in its three alignments, UTF-16 and JSON, and inside gzip,
tar and zip; in files, in folders and in images of whole disks.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
import gzip
import io
import json
from pathlib import Path
import tarfile
from typing import Final
import zipfile
import zlib

import numpy as np
from numpy.typing import NDArray

STRIDE: Final = 32
"""Bytes between the places of a needle that are looked for."""

WINDOW: Final = 32
"""Bytes that must agree: a piece of STRIDE + WINDOW bytes is found wherever it was cut."""

_WORD: Final = 8
_HASH_BITS: Final = 24
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_BLOCK: Final = 1 << 24
_DEPTH: Final = 6


def _json_text(data: bytes) -> bytes:
    """Return text, or bytes taken for Latin-1, as JSON escapes it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return json.dumps(text)[1:-1].encode()


def _utf_16(encoding: str) -> Callable[[bytes], bytes]:
    def encode(data: bytes) -> bytes:
        try:
            return data.decode().encode(encoding)
        except UnicodeDecodeError:
            return data.decode("latin-1").encode(encoding)

    return encode


def _base64(skip: int) -> Callable[[bytes], bytes]:
    """Return base64 as it looks when `skip` other bytes come first, without what they influence."""

    def encode(data: bytes) -> bytes:
        coded = base64.b64encode(bytes(skip) + data).rstrip(b"=")
        return coded[-(-skip * 4 // 3) + (skip > 0) : -1]

    return encode


ENCODINGS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "raw": bytes,
    "hex": lambda data: data.hex().encode(),
    "upper hex": lambda data: data.hex().upper().encode(),
    "base64": _base64(0),
    "base64, one byte later": _base64(1),
    "base64, two bytes later": _base64(2),
    "utf-16-le": _utf_16("utf-16-le"),
    "utf-16-be": _utf_16("utf-16-be"),
    "json": _json_text,
}


class Searcher:
    """A set of secrets to look for; each at least WINDOW bytes long."""

    def __init__(self, secrets: Mapping[str, bytes]) -> None:
        """Take secrets by name."""
        self._texts: list[tuple[str, str, bytes]] = []
        words: list[NDArray[np.uint64]] = []
        places: list[NDArray[np.int64]] = []
        for name, secret in secrets.items():
            for encoding, encode in ENCODINGS.items():
                coded = encode(secret)
                if encoding != "raw" and coded == secret:
                    continue
                offsets = np.arange(0, len(coded) - WINDOW + 1, STRIDE)
                if not len(offsets):
                    raise ValueError("a secret is too short to be told from chance")
                windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(coded, np.uint8), _WORD)
                words.append(np.ascontiguousarray(windows[offsets]).view("<u8")[:, 0])
                places.append(offsets + (len(self._texts) << 32))
                self._texts.append((name, encoding, coded))
        joined = np.concatenate(words)
        order = np.argsort(joined, kind="stable")
        self._words = joined[order]
        self._places = np.concatenate(places)[order]
        self._sieve = np.zeros(1 << _HASH_BITS, np.bool_)
        self._sieve[_hashed(self._words)] = True

    def search(self, data: bytes) -> set[tuple[str, str]]:
        """Return (name, encoding) of what is found in some bytes, and in what is packed in them."""
        return {hit for content in _contents(data, _DEPTH) for hit in self._hits(content)}

    def search_folder(self, folder: Path) -> set[tuple[str, str]]:
        """Search every file below a folder, and the names of all."""
        found: set[tuple[str, str]] = set()
        for path in sorted(folder.rglob("*")):
            found |= self.search(str(path.relative_to(folder)).encode("utf-8", "surrogateescape"))
            if path.is_file() and not path.is_symlink():
                found |= self.search(path.read_bytes())
        return found

    def search_image(self, image: Path) -> set[tuple[str, str]]:
        """Search every byte of a disk, of files that are there and of those that were."""
        return set(self._hits(image.read_bytes()))

    def places(self, data: bytes) -> dict[str, int]:
        """Return how often the beginning of each secret is found as it is."""
        return {name: data.count(text) for name, encoding, text in self._texts if encoding == "raw"}

    def _hits(self, data: bytes) -> Iterator[tuple[str, str]]:
        for start in range(0, len(data), _BLOCK):
            # Blocks overlap, so that nothing is missed where they meet.
            yield from self._hits_in_block(data[start : start + _BLOCK + WINDOW])

    def _hits_in_block(self, data: bytes) -> Iterator[tuple[str, str]]:
        for shift in range(_WORD):
            count = (len(data) - shift) // _WORD
            if count <= 0:
                return
            words = np.frombuffer(data, "<u8", count, shift)
            likely = np.flatnonzero(self._sieve[_hashed(words)])
            values = words[likely]
            first = np.searchsorted(self._words, values, "left")
            last = np.searchsorted(self._words, values, "right")
            for index in np.flatnonzero(last > first):
                position = int(likely[index]) * _WORD + shift
                yield from self._confirmed(data, position, range(int(first[index]), int(last[index])))

    def _confirmed(self, data: bytes, position: int, candidates: Iterable[int]) -> Iterator[tuple[str, str]]:
        for candidate in candidates:
            text, offset = divmod(int(self._places[candidate]), 1 << 32)
            name, encoding, coded = self._texts[text]
            if data[position : position + WINDOW] == coded[offset : offset + WINDOW]:
                yield name, encoding


def _hashed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (words * _MULTIPLIER) >> np.uint64(64 - _HASH_BITS)


def _contents(data: bytes, depth: int) -> Iterator[bytes]:
    """Yield some bytes, and what is packed in them, and in that."""
    yield data
    if depth == 0:
        return
    for inner in _unpacked(data):
        yield from _contents(inner, depth - 1)


def _unpacked(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"\x1f\x8b":
        try:
            yield gzip.decompress(data)
        except OSError, EOFError, zlib.error:
            return
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                yield member.filename.encode()
                yield archive.read(member)
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for entry in tar:
                yield entry.name.encode("utf-8", "surrogateescape")
                if entry.isfile() and (file := tar.extractfile(entry)) is not None:
                    yield file.read()
