"""When a verifier can be learned, and when it may be switched on: plain numbers, without numpy."""

from dataclasses import dataclass
from typing import Final

ACCEPT_SCORE: Final = 0.5
"""Score of a verifier from which it agrees that this was the wake word."""

MIN_WAKES: Final = 5
"""Clips with the wake word from which something can be learned."""

MIN_FALSE_WAKES: Final = 3
"""False wakes from which it can be judged: where there are none, nothing can become better."""

FOLDS: Final = 5

MAY_LOSE: Final = 0.05
"""Share of the noisy copies of wakes that a verifier may lose and still be better; of the clips themselves none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a verifier does to clips that it was not trained with. Before is without it, after is with it."""

    wakes: int
    """Clips with the wake word."""

    wakes_before: int
    wakes_after: int
    noisy_wakes: int
    """Their copies with noise."""

    noisy_before: int
    noisy_after: int
    false_wakes: int
    """Clips that should not have woken anything."""

    false_before: int
    false_after: int

    @property
    def enough(self) -> bool:
        """Whether there are clips enough to say anything."""
        return self.wakes >= MIN_WAKES and self.false_wakes >= MIN_FALSE_WAKES

    @property
    def better(self) -> bool:
        """Whether it may be switched on: no clip's wake is lost, and there are fewer false wakes."""
        return (
            self.enough
            and self.wakes_after >= self.wakes_before
            and self.noisy_after >= self.noisy_before - MAY_LOSE * self.noisy_wakes
            and self.false_after < self.false_before
        )
