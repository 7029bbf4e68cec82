"""Criteria for training and enabling a verifier. Independent of numpy."""

from dataclasses import dataclass
from typing import Final

ACCEPT_SCORE: Final = 0.5
"""Minimum score of a verifier that confirms a wake word."""

MIN_WAKES: Final = 5
"""Minimum number of clips with the wake word for training."""

MIN_FALSE_WAKES: Final = 3
"""Minimum number of false wakes for an evaluation: without false wakes nothing can improve."""

FOLDS: Final = 5
"""Folds of the cross-validation."""

MAY_LOSE: Final = 0.05
"""Fraction of noisy copies of wakes that a better verifier may lose. It may lose no original clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Effect of a verifier on clips that it was not trained with: before is without it, after is with it."""

    wakes: int
    """Number of clips with the wake word."""

    wakes_before: int
    wakes_after: int
    noisy_wakes: int
    """Number of their noisy copies."""

    noisy_before: int
    noisy_after: int
    false_wakes: int
    """Number of clips that should not have caused a wake."""

    false_before: int
    false_after: int

    @property
    def enough(self) -> bool:
        """True if there are enough clips for a meaningful result."""
        return self.wakes >= MIN_WAKES and self.false_wakes >= MIN_FALSE_WAKES

    @property
    def better(self) -> bool:
        """True if the verifier may be enabled: no original clip's wake is lost, and false wakes decrease."""
        return (
            self.enough
            and self.wakes_after >= self.wakes_before
            and self.noisy_after >= self.noisy_before - MAY_LOSE * self.noisy_wakes
            and self.false_after < self.false_before
        )
