"""Manifest of a microWakeWord model: how its probabilities become detections."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...core.errors import ModelFileInvalid, UnsupportedModel
from ...core.foreign_json import parse_json_object
from ...core.regular_file import read_regular

SUFFIX: Final = ".json"
MAX_WINDOW: Final = 100
"""Maximum number of probabilities that are averaged."""

_MAX_BYTES: Final = 64 * 1024
_STEPS: Final = (10, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """How the probabilities of a model become detections."""

    cutoff: float = 0.9
    """Mean probability that must be exceeded, between 0 and 1."""

    window: int = 5
    """Number of probabilities that are averaged."""

    step: int = 10
    """Milliseconds from one row of features to the next: 10 or 20."""


def read_manifest(model: Path) -> Manifest:
    """Return the manifest beside a model, with the same name; the usual values without one. Blocks.

    Raises ModelFileInvalid if the manifest is damaged, and UnsupportedModel for features in other steps.
    """
    try:
        raw = read_regular(model.with_suffix(SUFFIX), _MAX_BYTES, follow=True)
    except FileNotFoundError:
        return Manifest()
    except (OSError, ValueError) as error:
        raise ModelFileInvalid("the manifest of the model cannot be read") from error
    return parse_manifest(raw)


def parse_manifest(raw: bytes) -> Manifest:
    """Return a manifest of version 1 or 2. Raises ModelFileInvalid or UnsupportedModel."""
    try:
        manifest = parse_json_object(raw, max_bytes=_MAX_BYTES)
    except ValueError as error:
        raise ModelFileInvalid("the manifest of the model is not JSON") from error
    micro = manifest.get("micro")
    if not isinstance(micro, dict):
        raise ModelFileInvalid("the manifest of the model describes no wake word")
    usual = Manifest()
    cutoff = micro.get("probability_cutoff", usual.cutoff)
    window = micro.get("sliding_window_size", micro.get("sliding_window_average_size", usual.window))
    # Manifests of version 1 do not say so, but their models take features every 20 ms.
    step = micro.get("feature_step_size", usual.step if manifest.get("version") != 1 else 20)
    if isinstance(cutoff, bool) or not isinstance(cutoff, int | float) or not 0 < cutoff < 1:
        raise ModelFileInvalid("the manifest of the model has no probability between 0 and 1")
    if isinstance(window, bool) or not isinstance(window, int) or not 1 <= window <= MAX_WINDOW:
        raise ModelFileInvalid("the manifest of the model has no usual sliding window")
    if step not in _STEPS:
        raise UnsupportedModel("this engine computes features every 10 or 20 ms")
    return Manifest(cutoff=float(cutoff), window=window, step=int(step))
