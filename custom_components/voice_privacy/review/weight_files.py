"""Files of verifier weights below the cache folder, which backups never contain.

All functions except async_erase_learned block.
"""

from collections.abc import Mapping
import contextlib
from dataclasses import asdict, dataclass
import json
import logging
import os
from pathlib import Path
import re
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..core.foreign_json import parse_json_object
from ..core.regular_file import NotARegularFile, open_regular, read_regular, remove_entry
from ..wake.evaluation import Evaluation

if TYPE_CHECKING:
    from ..wake.verifier import Verifier

_LOGGER = logging.getLogger(__name__)

FOLDER: Final = "learned"


_WEIGHTS: Final = ".verifier"


_ABOUT: Final = ".json"


_OURS: Final = re.compile(r"(\.verifier-.*|.*\.verifier|.*\.json)", re.DOTALL)
"""File names written by this module, including those of unfinished files."""


_MOST_ABOUT_BYTES: Final = 16_384


_MOST_CLIPS: Final = 1_000_000
"""Upper bound for the counts of an evaluation."""


_MOST_ERASED_BYTES: Final = 1_048_576
"""Maximum number of bytes overwritten per file; no file of this module is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Verifier of one wake word, with its evaluation."""

    verifier: Verifier
    evaluation: Evaluation
    """Evaluation on held-out clips."""

    basis: str
    """Digest of the clips and labels used for training."""


async def async_erase_learned(hass: HomeAssistant) -> None:
    """Erase the weights when the integration is removed."""
    await hass.async_add_executor_job(erase, Path(hass.config.cache_path(DOMAIN)) / FOLDER)


def read_bases(folder: Path) -> set[str]:
    """Return the digests of the clips that weights were trained on; "" for weights without a digest."""
    bases = set()
    for path in _weights_in(folder):
        try:
            bases.add(str(_about(path)["basis"]))
        except KeyError, OSError, ValueError:
            bases.add("")
    return bases


def _about(weights: Path) -> dict[str, Any]:
    """Return the metadata of a weights file. Raises OSError or ValueError."""
    raw = read_regular(weights.with_suffix(_ABOUT), _MOST_ABOUT_BYTES)
    return parse_json_object(raw, max_bytes=_MOST_ABOUT_BYTES)


def read_weights(folder: Path) -> dict[str, Learned]:
    """Return all readable verifiers; unreadable files stay until the next erasure. Needs numpy."""
    from ..wake.verifier import Verifier  # noqa: PLC0415

    learned = {}
    for path in _weights_in(folder):
        try:
            verifier = Verifier.load(path)
            about = _about(path)
            learned[verifier.wake_word] = Learned(
                verifier=verifier,
                evaluation=Evaluation(
                    **{name: _count_from(value) for name, value in about["evaluation"].items()}
                ),
                basis=str(about["basis"]),
            )
        except Exception:  # noqa: BLE001
            # A malformed file costs only its own verifier.
            _LOGGER.warning("A verifier cannot be read and will be trained again")
    return learned


def _weights_in(folder: Path) -> list[Path]:
    """Return the weights files sorted by name; none if the folder cannot be read."""
    try:
        return [folder / name for name in sorted(_names_of_ours(folder)) if name.endswith(_WEIGHTS)]
    except OSError:
        return []


def _count_from(value: object) -> int:
    """Return a stored count. Raises ValueError if it is not an integer in range."""
    if type(value) is not int or not 0 <= value <= _MOST_CLIPS:
        raise ValueError
    return value


def replace_weights(folder: Path, learned: Mapping[str, Learned]) -> None:
    """Erase the old weights, then write the new ones. Raises OSError."""
    erase(folder)
    for word, result in learned.items():
        about = {"basis": result.basis, "evaluation": asdict(result.evaluation)}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / f"{word}{_ABOUT}").write_text(json.dumps(about))
        result.verifier.save(folder / f"{word}{_WEIGHTS}")


def erase(folder: Path) -> tuple[int, int]:
    """Overwrite this module's files with zeros and remove them; return the numbers erased and remaining.

    Links are removed, not followed. Other files and their folder are left. Copy-on-write file systems and
    wear-leveling disks may keep old blocks; no clip can be reconstructed from the weights.
    """
    try:
        names = _names_of_ours(folder)
    except FileNotFoundError, NotADirectoryError:
        return 0, 0
    except OSError:
        return 0, 1
    for name in names:
        with contextlib.suppress(OSError):
            _erase_file(folder / name)
    try:
        left = len(_names_of_ours(folder))
    except OSError:
        left = len(names)
    with contextlib.suppress(OSError):
        folder.rmdir()
    return len(names) - left, left


def _names_of_ours(folder: Path) -> list[str]:
    """Return the names of this module's files; non-empty folders are excluded. Raises OSError."""
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if _OURS.fullmatch(entry.name) and not _has_content(entry)]


def _has_content(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a non-empty folder."""
    try:
        if not entry.is_dir(follow_symlinks=False):
            return False
        with os.scandir(entry.path) as content:
            return next(content, None) is not None
    except OSError:
        return True


def _erase_file(path: Path) -> None:
    """Overwrite a file with zeros, then remove it. Raises OSError."""
    with contextlib.suppress(NotARegularFile), os.fdopen(open_regular(path, os.O_RDWR), "r+b") as file:
        file.write(bytes(min(os.fstat(file.fileno()).st_size, _MOST_ERASED_BYTES)))
        file.flush()
        os.fsync(file.fileno())
    remove_entry(path)
