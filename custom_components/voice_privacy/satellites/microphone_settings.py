"""Microphone settings of a Wyoming satellite: volume, noise suppression and automatic gain.

They apply to the audio that a pipeline hears. Wake word detection and recordings get what the satellite sent.
"""

from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Final

from homeassistant.components.assist_pipeline.audio_enhancer import MicroVadSpeexEnhancer

from ..core.audio import amplified, bytes_of

MAX_AUTO_GAIN: Final = 31
"""Strongest automatic gain in dBFS; 0 turns it off."""

MIN_VOLUME: Final = 0.1
MAX_VOLUME: Final = 10.0

NOISE_SUPPRESSION: Final = ("off", "low", "medium", "high", "max")
"""Options of the select; Assist's level is the position."""

_PIECE_BYTES: Final = bytes_of(0.01)
"""Assist's enhancer takes 10 ms at a time."""


@dataclass(slots=True, kw_only=True)
class MicrophoneSettings:
    """Settings with the same names and ranges as in core's Wyoming integration."""

    auto_gain: int = 0
    """0 to MAX_AUTO_GAIN."""

    noise_suppression_level: int = 0
    """Position in NOISE_SUPPRESSION."""

    volume_multiplier: float = 1.0
    """MIN_VOLUME to MAX_VOLUME."""


async def enhanced(audio: AsyncIterable[bytes], settings: MicrophoneSettings) -> AsyncIterable[bytes]:
    """Yield 16 kHz, 16-bit, mono PCM with the settings applied, in the order in which Assist applies them.

    The settings are those at the start; a later change applies to the next utterance.
    """
    volume = settings.volume_multiplier
    if not (settings.auto_gain or settings.noise_suppression_level):
        async for pcm in audio:
            yield amplified(pcm, volume)
        return
    enhancer = MicroVadSpeexEnhancer(
        settings.auto_gain, settings.noise_suppression_level, is_vad_enabled=False
    )
    rest = b""
    async for pcm in audio:
        rest += amplified(pcm, volume)
        whole = len(rest) // _PIECE_BYTES * _PIECE_BYTES
        pieces = [
            enhancer.enhance_chunk(rest[start : start + _PIECE_BYTES], 0).audio
            for start in range(0, whole, _PIECE_BYTES)
        ]
        rest = rest[whole:]
        if pieces:
            yield b"".join(pieces)
    if rest:
        yield rest
