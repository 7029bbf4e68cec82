"""System health: figures without names and without content."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .coordinator import loaded_entry
from .core.retention_policy import whole_megabytes
from .core.stream_health import SatelliteState


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register the figures."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the figures, or only that nothing is loaded."""
    if (entry := loaded_entry(hass)) is None:
        return {"loaded": False}
    hub, house = entry.runtime_data.hub, entry.runtime_data.coordinator.data
    states = [satellite.state for satellite in house.satellites.values()]
    load = hub.listening.load
    lost = sum(hub.listening.statistics(satellite_id).chunks_dropped for satellite_id in hub.satellites)
    error = hub.kept.error
    return {
        "loaded": True,
        "satellites": len(states),
        "listening": sum(state in (SatelliteState.LISTENING, SatelliteState.RECORDING) for state in states),
        "muted": states.count(SatelliteState.MUTED),
        "unprotected": len(entry.runtime_data.coordinator.unprotected),
        "engine_load": None if load is None else f"{load:.1%}",
        "lost_chunks": lost,
        "store": "ok" if error is None else {"type": "failed", "error": error.code},
        "recordings": house.summary.recordings,
        "size": f"{whole_megabytes(house.summary.size)} MB",
        "deletions_pending": hub.deletion.pending,
    }
