"""Consent to review: which satellites' recordings may be heard by reviewers and learned from."""

from ..const import CONF_CHILD_SAFE
from ..core.review import NotProposed, may_be_proposed
from ..satellites.registry import SatelliteRegistry
from .settings import HouseToggle, SatelliteToggle, SettingsStore


class ReviewConsent:
    """Answers from the toggles of the house and of each satellite. It belongs to the event loop."""

    def __init__(self, settings: SettingsStore, satellites: SatelliteRegistry) -> None:
        """Prepare."""
        self._settings = settings
        self._satellites = satellites

    def refuses_new(self, satellite_id: str) -> NotProposed | None:
        """Return why nothing that is said to a satellite now may be reviewed, or None."""
        return self._refuses(satellite_id, guest_mode=self._settings.house(HouseToggle.GUEST_MODE))

    def refuses_waiting(self, satellite_id: str) -> NotProposed | None:
        """Return why nothing of a satellite may wait for review, or None; guest mode does not empty the pool."""
        return self._refuses(satellite_id, guest_mode=False)

    @property
    def satellites(self) -> frozenset[str]:
        """Ids of satellites whose recordings may wait for review."""
        return frozenset(one for one in self._satellites if self.refuses_waiting(one) is None)

    @property
    def uses_verifiers(self) -> bool:
        """Whether the wake engine may use what was learned."""
        return self._settings.house(HouseToggle.VERIFIER)

    def _refuses(self, satellite_id: str, *, guest_mode: bool) -> NotProposed | None:
        satellite = self._satellites.get(satellite_id)
        return may_be_proposed(
            house_on=self._settings.house(HouseToggle.HELP_IMPROVE),
            satellite_on=self._settings.satellite(satellite_id, SatelliteToggle.HELP_IMPROVE),
            guest_mode=guest_mode,
            child_safe=satellite is None
            or satellite.config.child_safe
            or self._settings.is_withheld(CONF_CHILD_SAFE, satellite_id),
        )
