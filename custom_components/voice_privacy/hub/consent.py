"""Consent to review: satellites whose recordings may be heard by reviewers and used for training."""

from ..const import CONF_CHILD_SAFE
from ..core.house_settings import HouseToggle, SatelliteToggle
from ..core.review import NotProposed, may_be_proposed
from ..satellites.registry import SatelliteRegistry
from .settings import SettingsStore


class ReviewConsent:
    """Consent derived from the toggles of the house and of each satellite. It belongs to the event loop."""

    def __init__(self, settings: SettingsStore, satellites: SatelliteRegistry) -> None:
        """Set up with the stores of toggles and satellites."""
        self._settings = settings
        self._satellites = satellites

    def refuses_new(self, satellite_id: str) -> NotProposed | None:
        """Return the reason why new recordings of a satellite may not be reviewed, or None if they may."""
        return self._refuses(satellite_id, guest_mode=self._settings.house(HouseToggle.GUEST_MODE))

    def refuses_waiting(self, satellite_id: str) -> NotProposed | None:
        """Return the reason why a satellite's clips may not stay in the review pool, or None if they may.

        Guest mode does not empty the pool.
        """
        return self._refuses(satellite_id, guest_mode=False)

    @property
    def satellites(self) -> frozenset[str]:
        """Ids of satellites whose recordings may wait for review."""
        return frozenset(
            satellite_id for satellite_id in self._satellites if self.refuses_waiting(satellite_id) is None
        )

    @property
    def uses_verifiers(self) -> bool:
        """True if the wake engine may use trained verifiers."""
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
