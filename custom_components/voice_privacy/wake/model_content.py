"""Content of a model file, and what else a file with the name of a model may be."""

from pathlib import Path
from typing import Final

from ..core.errors import (
    ModelFileInvalid,
    ModelFileMissing,
    ModelFileTooLarge,
    ModelIsArchive,
    ModelIsPointer,
    ModelIsWebPage,
)
from ..core.regular_file import FileTooLarge, read_regular

MAX_FILE_SIZE: Final = 16 * 1024 * 1024
"""Maximum size of a model file in bytes; the largest published file has 1.8 MB."""

_ARCHIVES: Final = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"BZh",
    b"\xfd7zXZ",
)
_POINTER: Final = b"version https://git-lfs"
_PAGES: Final = (b"<!doctype", b"<html", b"<?xml", b"<head")
_BEGINNING: Final = 256


def read_model_file(path: Path, limit: int) -> bytes:
    """Return the content of a model file; blocks.

    Raises:
        ModelFileMissing: The file does not exist.
        ModelFileTooLarge: The file has more than `limit` bytes.
        ModelFileInvalid: It cannot be read, or is evidently not a model; a subclass says what it is.
    """
    try:
        content = read_regular(path, limit, follow=True)
    except FileNotFoundError as error:
        raise ModelFileMissing("the model file does not exist") from error
    except FileTooLarge as error:
        raise ModelFileTooLarge("the file is too large for a wake word model") from error
    except (OSError, ValueError, MemoryError) as error:
        raise ModelFileInvalid("the model file cannot be read") from error
    refuse_other_files(content)
    return content


def refuse_other_files(content: bytes) -> None:
    """Refuse a file that is known not to be a model. Raises a subclass of ModelFileInvalid."""
    beginning = content[:_BEGINNING].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if beginning.startswith(_PAGES):
        raise ModelIsWebPage("the file is a web page, not a model")
    if beginning.startswith(_POINTER):
        raise ModelIsPointer("the file is a Git LFS pointer, not the model itself")
    if content.startswith(_ARCHIVES):
        raise ModelIsArchive("the file is an archive, not a model")
