"""A house whose satellite finds its wake word itself."""

from collections.abc import AsyncGenerator
import contextlib

from dev.rig.satellite import Mode

from .house import KITCHEN, House
from .talker import Talker, talker


@contextlib.asynccontextmanager
async def set_up_with_self_waking_satellite(house: House) -> AsyncGenerator[Talker]:
    """Set up a house that is not loaded yet, with such a satellite in the kitchen; yield it once it listens."""
    async with talker(KITCHEN, Mode.LOCAL_WAKE) as satellite:
        house.satellites[KITCHEN] = satellite
        (subentry,) = house.entry.subentries.values()
        house.hass.config_entries.async_update_subentry(
            house.entry, subentry, data={**subentry.data, "port": satellite.port}
        )
        assert await house.hass.config_entries.async_setup(house.entry.entry_id)
        await house.until_state("sensor", "microphone_state", "listening")
        yield satellite
