"""A file that has the name of a model, and is something else, is refused by what it is."""

import gzip
import io
from pathlib import Path
import zipfile

import pytest

from custom_components.voice_privacy.core.errors import (
    ModelFileInvalid,
    ModelFileMissing,
    ModelFileTooLarge,
    ModelIsArchive,
    ModelIsPointer,
    ModelIsWebPage,
    WakeModelError,
)
from custom_components.voice_privacy.wake.classifiers import Head

from . import onnx_writer as ow


def zipped(content: bytes) -> bytes:
    """Return an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model.onnx", content)
    return file.getvalue()


FILES: dict[str, tuple[bytes, type[WakeModelError]]] = {
    "web page": (b"<!DOCTYPE html>\n<html><body>not found</body></html>", ModelIsWebPage),
    "web page with a mark and space": (b"\xef\xbb\xbf\r\n  <HTML lang='en'>", ModelIsWebPage),
    "web page in XML": (b"<?xml version='1.0'?><html/>", ModelIsWebPage),
    "LFS pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n",
        ModelIsPointer,
    ),
    "zip": (zipped(ow.linear_head()), ModelIsArchive),
    "empty zip": (b"PK\x05\x06" + bytes(18), ModelIsArchive),
    "gzip": (gzip.compress(ow.linear_head()), ModelIsArchive),
    "text": (b"404: Not Found", ModelFileInvalid),
    "nothing": (b"", ModelFileInvalid),
    "zeros": (bytes(10_000), ModelFileInvalid),
    "JSON": (b'{"wake_word": "alexa"}', ModelFileInvalid),
    "too large": (bytes(17 << 20), ModelFileTooLarge),
}


@pytest.mark.parametrize("suffix", [".onnx", ".tflite"])
@pytest.mark.parametrize(("content", "error"), FILES.values(), ids=FILES)
def test_other_files(tmp_path: Path, content: bytes, error: type[WakeModelError], suffix: str) -> None:
    path = tmp_path / f"alexa{suffix}"
    path.write_bytes(content)
    with pytest.raises(error) as raised:
        Head.load(path)
    assert type(raised.value) is error


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelFileMissing):
        Head.load(tmp_path / "alexa.onnx")
    with pytest.raises(ModelFileInvalid):
        Head.load(Path("nul\0.onnx"))
