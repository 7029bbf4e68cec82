"""Size and CPU time of the store's audio compression, beside plain zlib and FLAC, on the same recordings."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
import resource
import shutil
import subprocess
import time
from typing import Final
import zlib

from custom_components.voice_privacy.storage.audio_codec import compress, decompress
from dev.rig.voices import BYTES_PER_SECOND, COMMANDS, Voice, command, synthesize, with_room_noise
from scripts.benchmarks._recordings import read_wav

_ROUNDS: Final = 3
"""The fastest counts."""

_PCM: Final = ("-f", "s16le", "-ar", str(BYTES_PER_SECOND // 2), "-ac", "1")
_FFMPEG_TIMEOUT: Final = 120
"""Seconds."""


def read_folder(folder: Path) -> list[bytes]:
    """Read all WAV files below a folder as the PCM that is stored."""
    read = (read_wav(path) for path in sorted(folder.rglob("*.wav")))
    recordings = [samples.astype("<i2").tobytes() for samples in read if samples is not None]
    if not recordings:
        raise SystemExit(f"scripts/bench: there is no WAV file below {folder}")
    return recordings


def spoken() -> list[bytes]:
    """Return commands in three voices of flite, in a quiet room; nothing without flite."""
    if shutil.which("flite") is None:
        return []

    async def speak() -> list[bytes]:
        return [
            with_room_noise((await synthesize(command(text), voice=voice)).pcm, seed=seed)
            for seed, text in enumerate(COMMANDS)
            for voice in Voice
        ]

    return asyncio.run(speak())


def measure(recordings: Sequence[bytes]) -> dict[str, dict[str, float]]:
    """Return size in percent of PCM and CPU milliseconds per second of audio, by codec."""
    result = {
        "store": _in_process(recordings, compress, decompress),
        "zlib": _in_process(recordings, zlib.compress, zlib.decompress),
    }
    if shutil.which("ffmpeg") is not None:
        result["FLAC"] = _flac(b"".join(recordings))
    return result


def _in_process(
    recordings: Sequence[bytes], pack: Callable[[bytes], bytes], unpack: Callable[[bytes], bytes]
) -> dict[str, float]:
    packing, unpacking = [], []
    for _ in range(_ROUNDS):
        begin = time.thread_time()
        packed = [pack(audio) for audio in recordings]
        middle = time.thread_time()
        unpacked = [unpack(data) for data in packed]
        unpacking.append(time.thread_time() - middle)
        packing.append(middle - begin)
        assert unpacked == list(recordings)
    return _costs(sum(map(len, recordings)), sum(map(len, packed)), min(packing), min(unpacking))


def _flac(audio: bytes) -> dict[str, float]:
    """Measure ffmpeg on all recordings at once: its start costs far more than coding one of them.

    What it needs to start, and the header of its file, are measured with silence and taken off.
    """
    encode = ("ffmpeg", "-loglevel", "error", *_PCM, "-i", "-", "-c:a", "flac", "-f", "flac", "-")
    decode = ("ffmpeg", "-loglevel", "error", "-f", "flac", "-i", "-", *_PCM, "-")
    silence, start = _run(encode, bytes(2))
    packed, packing = _run(encode, audio)
    unpacked, unpacking = _run(decode, packed)
    _, start_unpacking = _run(decode, silence)
    assert unpacked == audio
    return _costs(len(audio), len(packed) - len(silence), packing - start, unpacking - start_unpacking)


def _run(arguments: Sequence[str], data: bytes) -> tuple[bytes, float]:
    """Run a program on data; return its output and the CPU seconds of its fastest run."""
    seconds = []
    for _ in range(_ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            arguments, input=data, stdout=subprocess.PIPE, check=True, timeout=_FFMPEG_TIMEOUT
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return done.stdout, min(seconds)


def _costs(pcm_bytes: int, packed_bytes: int, packing: float, unpacking: float) -> dict[str, float]:
    per_second = 1_000 * BYTES_PER_SECOND / pcm_bytes
    return {
        "% of PCM": 100 * packed_bytes / pcm_bytes,
        "compress ms/s": packing * per_second,
        "decompress ms/s": unpacking * per_second,
    }
