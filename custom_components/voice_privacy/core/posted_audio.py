"""Audio as clients send it to the speech-to-text API: with or without the header of a WAV file."""

from collections.abc import Iterator
from typing import Final

from .audio import SAMPLE_RATE, SAMPLE_WIDTH

_WAVES: Final = (b"RIFF", b"RF64")
_OTHERS: Final = (
    b"RIFX",
    b"FORM",
    b".snd",
    b"caff",
    b"ID3\x03",
    b"ID3\x04",
    b"OggS",
    b"fLaC",
    b"\x1aE\xdf\xa3",
    b"#!AM",
)
"""First bytes of files of other formats: MP3 with tags, Ogg, FLAC, WebM and others, which samples hardly begin with."""

_PCM: Final = 1
_EXTENSIBLE: Final = 0xFFFE
_MAX_HEADER: Final = 65_536
"""Maximum bytes before the samples of a WAV file; a header that is longer is not read."""


class PostedAudio:
    """Converter of a stream to 16 kHz, 16-bit, mono PCM; what cannot be converted is left out."""

    def __init__(self, channels: int, width: int) -> None:
        """Start a stream of 16 kHz audio with this many channels and bytes per sample, as announced."""
        self.readable = width == SAMPLE_WIDTH
        """False once it turns out that the audio cannot be converted."""

        self._channels = channels
        self._head: bytearray | None = bytearray()
        self._rest = b""
        self._left: int | None = None

    def feed(self, chunk: bytes) -> bytes:
        """Return the samples in a chunk; the header of a WAV file and what follows its samples are left out."""
        if self._head is not None:
            self._head += chunk
            start = _samples_start(bytes(self._head))
            if bytes(self._head[:4]) in _OTHERS:
                self.readable = False
            if start is None:
                self.readable = self.readable and len(self._head) < _MAX_HEADER
                return b""
            head, self._head = bytes(self._head), None
            if start:
                self._read_header(head[:start])
            chunk = head[start:]
        if self._left is not None:
            chunk = chunk[: self._left]
            self._left -= len(chunk)
        return self._mono(chunk) if self.readable else b""

    def _read_header(self, head: bytes) -> None:
        """Take the format from a WAV header; a client may announce another."""
        form = next((head[start:end] for name, start, end in _chunks(head) if name == b"fmt "), b"")
        kind, channels, rate = (int.from_bytes(form[a:b], "little") for a, b in ((0, 2), (2, 4), (4, 8)))
        width = int.from_bytes(form[14:16], "little") // 8
        size = int.from_bytes(head[-4:], "little")
        self._channels = channels
        self.readable = (
            kind in (_PCM, _EXTENSIBLE) and rate == SAMPLE_RATE and width == SAMPLE_WIDTH and channels > 0
        )
        # A header that is written before the length is known holds 0 or the maximum.
        self._left = size if 0 < size < 0x7FFFFFFF else None

    def _mono(self, pcm: bytes) -> bytes:
        """Return the first channel of whole frames; a trailing partial frame waits for the next chunk."""
        frame = SAMPLE_WIDTH * self._channels
        pcm = self._rest + pcm
        whole = len(pcm) // frame * frame
        pcm, self._rest = pcm[:whole], pcm[whole:]
        if self._channels == 1:
            return pcm
        mono = bytearray(whole // self._channels)
        mono[0::2], mono[1::2] = pcm[0::frame], pcm[1::frame]
        return bytes(mono)


def _samples_start(head: bytes) -> int | None:
    """Return where the samples begin: 0 without a WAV header, None if more is needed to tell."""
    if len(head) < 4:
        return None
    if head[:4] not in _WAVES or (len(head) >= 12 and head[8:12] != b"WAVE"):
        return 0
    for name, start, _ in _chunks(head):
        if name == b"data":
            return start
    return None


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of the chunks of a WAV file, the last of which may be incomplete."""
    at = 12
    while len(head) >= at + 8:
        size = int.from_bytes(head[at + 4 : at + 8], "little")
        yield head[at : at + 4], at + 8, at + 8 + size
        at += 8 + size + size % 2
