"""Training of a verifier with labeled clips, and evaluation of its benefit by cross-validation.

Folds consist of clips, not windows: a clip and its noisy copies are never split between training and test.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
import math
from typing import Final

import numpy as np

from .augmentation import ClipWindows, Windows
from .evaluation import ACCEPT_SCORE, FOLDS, MIN_FALSE_WAKES, MIN_WAKES, Evaluation
from .verifier import Verifier, train

__all__ = ["MIN_FALSE_WAKES", "MIN_WAKES", "Evaluation", "LabeledClip", "evaluate", "learn"]

CALIBRATION_FOLDS: Final = 3
"""Folds for calibrating the bias."""

_MARGIN: Final = 0.25
"""Margin in logits by which the bias is shifted beyond the least certain wake."""

_NOISY_LOST: Final = 0.05
"""Fraction of noisy copies of wakes that may be rejected."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabeledClip:
    """Clip labeled by a listener."""

    meant: bool
    """True if it contains the wake word, meant for the assistant; False for a false wake."""

    windows: ClipWindows


def learn(wake_word: str, clips: Sequence[LabeledClip], background: Windows, *, seed: int = 0) -> Verifier:
    """Train and calibrate a verifier; blocks for about a second with 20 clips.

    The bias is shifted so that the verifier also accepts wakes like the least certain wake in
    cross-validation, in which each clip is scored by a verifier that was trained without it.

    Args:
        wake_word: Id of the wake word.
        clips: Labeled clips.
        background: Result of `background_windows`.
        seed: Seed of the split into folds.

    Raises:
        ValueError: There are fewer than MIN_WAKES wakes.
    """
    wakes = [clip for clip in clips if clip.meant and len(clip.windows.windows)]
    if len(wakes) < MIN_WAKES:
        raise ValueError("there are too few clips for training")
    surest: list[float] = []
    surest_in_noise: list[float] = []
    for trained, held_out in _folds(clips, min(CALIBRATION_FOLDS, len(wakes)), seed):
        verifier = _train(wake_word, trained, background)
        for clip in held_out:
            if clip.meant:
                sure = [
                    _logit(verifier.scores(copy).max()) if len(copy) else None for copy in clip.windows.copies
                ]
                surest += [logit for logit in sure[:1] if logit is not None]
                surest_in_noise += [logit for logit in sure[1:] if logit is not None]
    least = min(surest, default=0.0)
    if surest_in_noise:
        least = min(least, float(np.quantile(surest_in_noise, _NOISY_LOST)))
    verifier = _train(wake_word, clips, background)
    return replace(verifier, bias=verifier.bias + max(0.0, _MARGIN - least))


def evaluate(
    wake_word: str,
    clips: Sequence[LabeledClip],
    background: Windows,
    *,
    threshold_before: float,
    threshold_after: float,
    seed: int = 0,
) -> Evaluation:
    """Evaluate the effect of a verifier by cross-validation; blocks.

    Each clip is tested with a verifier that was trained without it.

    Args:
        wake_word: Id of the wake word.
        clips: Labeled clips.
        background: Result of `background_windows`.
        threshold_before: Threshold of the wake word without a verifier, 0 to 1.
        threshold_after: Threshold of the wake word with a verifier, 0 to 1.
        seed: Seed of the split into folds.
    """
    counts = dict.fromkeys(("wakes_before", "wakes_after", "noisy_before", "noisy_after"), 0)
    counts |= {"wakes": 0, "noisy_wakes": 0, "false_wakes": 0, "false_before": 0, "false_after": 0}
    for trained, held_out in _folds(clips, FOLDS, seed):
        try:
            verifier = learn(wake_word, trained, background, seed=seed)
        except ValueError:
            # Too few clips remain: no verifier would be trained, so nothing changes.
            verifier = None
        for clip in held_out:
            before = _woken(clip.windows, threshold_before, None)
            after = _woken(clip.windows, threshold_before if verifier is None else threshold_after, verifier)
            name = "wakes" if clip.meant else "false"
            counts["wakes" if clip.meant else "false_wakes"] += 1
            counts[f"{name}_before"] += before[0]
            counts[f"{name}_after"] += after[0]
            if clip.meant:
                counts["noisy_wakes"] += len(before) - 1
                counts["noisy_before"] += sum(before[1:])
                counts["noisy_after"] += sum(after[1:])
    return Evaluation(**counts)


def _woken(windows: ClipWindows, threshold: float, verifier: Verifier | None) -> list[bool]:
    """Return for each copy of a clip whether it causes a wake."""
    woken = []
    for copy, scores in zip(windows.copies, windows.scores, strict=True):
        asked = copy[scores >= threshold]
        woken.append(
            bool(len(asked) and (verifier is None or (verifier.scores(asked) >= ACCEPT_SCORE).any()))
        )
    return woken


def _train(wake_word: str, clips: Sequence[LabeledClip], background: Windows) -> Verifier:
    positives = [clip.windows.windows for clip in clips if clip.meant]
    negatives = [clip.windows.windows for clip in clips if not clip.meant]
    negatives += [clip.windows.rest for clip in clips]
    return train(wake_word, np.concatenate(positives), np.concatenate((background, *negatives)))


def _folds(
    clips: Sequence[LabeledClip], count: int, seed: int
) -> list[tuple[list[LabeledClip], list[LabeledClip]]]:
    """Split clips into folds, stratified by label; return (training clips, test clips) of each fold."""
    random = np.random.default_rng(seed)
    fold_of = np.zeros(len(clips), np.intp)
    dealt = 0
    for meant in (True, False):
        members = [at for at, clip in enumerate(clips) if clip.meant is meant]
        for at in random.permutation(members):
            fold_of[int(at)] = dealt % count
            dealt += 1
    return [
        (
            [clip for clip, at in zip(clips, fold_of, strict=True) if at != fold],
            [clip for clip, at in zip(clips, fold_of, strict=True) if at == fold],
        )
        for fold in range(count)
    ]


def _logit(score: float) -> float:
    score = min(max(float(score), 1e-9), 1 - 1e-9)
    return math.log(score / (1 - score))
