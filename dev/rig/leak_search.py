"""Look for speech and its words in every file of a folder."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import os
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = 64
"""Bytes of audio that count as a find."""

_KEY: Final = 8
"""Bytes that are compared before the rest of a window is."""

_HASH_BITS: Final = 24
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Something that should not be there."""

    file: Path
    offset: int
    what: str


class LeakSearch:
    """A search for everything that was said: its sound, in plain and in base64, and its words."""

    def __init__(self, *, audio: bytes, texts: list[str]) -> None:
        """Prepare the windows: one every 64 bytes, so that no 128 bytes of audio go unnoticed."""
        windows = [audio[start : start + WINDOW] for start in range(0, len(audio) - WINDOW, WINDOW)]
        needles = [window for window in windows if len(set(window)) > WINDOW // 8]
        for shift in range(3):
            needles += [
                base64.b64encode(window[shift : shift + 3 * (WINDOW // 3 - 1)])[:WINDOW] for window in windows
            ]
        self._needles: dict[bytes, list[bytes]] = {}
        for needle in needles:
            self._needles.setdefault(needle[:_KEY], []).append(needle)
        self._sieve = np.zeros(1 << _HASH_BITS, np.bool_)
        self._sieve[_hashed(np.frombuffer(b"".join(self._needles), "<u8"))] = True
        self._texts = [
            encoded for text in texts for encoded in (text.lower().encode(), text.lower().encode("utf-16-le"))
        ]

    def run(self, folder: Path) -> list[Find]:
        """Return what is found below a folder; symbolic links are not followed."""
        finds: list[Find] = []
        for parent, _, names in os.walk(folder):
            for name in names:
                file = Path(parent) / name
                if file.is_file() and not file.is_symlink():
                    finds += self._search_file(file)
        return finds

    def _search_file(self, file: Path) -> Iterator[Find]:
        content = file.read_bytes()
        for shift in range(_KEY):
            usable = (len(content) - shift) // _KEY * _KEY
            if usable <= 0:
                break
            keys = np.frombuffer(content, "<u8", count=usable // _KEY, offset=shift)
            # Nearly nothing passes the sieve, and what does need not be known.
            for index in np.flatnonzero(self._sieve[_hashed(keys)]):
                offset = int(index) * _KEY + shift
                candidates = self._needles.get(content[offset : offset + _KEY], ())
                if any(content.startswith(needle, offset) for needle in candidates):
                    yield Find(file=file, offset=offset, what="audio")
        lowered = content.lower()
        for text in self._texts:
            if (offset := lowered.find(text)) >= 0:
                yield Find(file=file, offset=offset, what="text")


def in_log(log: str, texts: Iterable[str]) -> list[str]:
    """Return those of some texts that are in a log, however they are written; single words are left out.

    A word of what was said may be a name: the kitchen is in every other line.
    """
    squeezed = " ".join(log.casefold().split())
    phrases = {" ".join(text.casefold().rstrip(".!?").split()) for text in texts}
    return sorted(phrase for phrase in phrases if " " in phrase and phrase in squeezed)


def _hashed(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (keys * _MULTIPLIER) >> np.uint64(64 - _HASH_BITS)
