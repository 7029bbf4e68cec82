"""Base entities: one device for each satellite and one for the hub."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ClassVar, Concatenate, Final, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import EntityPlatform
from homeassistant.helpers.restore_state import RestoreEntity
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_TAKEN_FROM, DOMAIN
from .coordinator import SatelliteSnapshot, VoicePrivacyCoordinator, runtime_of
from .core.models import Requester
from .core.stream_health import SatelliteState
from .hub.permissions import ENTITIES, Door, right_of
from .hub.requests import translated_errors
from .satellites.base import Satellite
from .satellites.devices import suggested_object_id

_ACTING: Final = (
    "async_press",
    "async_select_option",
    "async_set_native_value",
    "async_turn_off",
    "async_turn_on",
)
"""Entity methods that Home Assistant's actions call."""


class Acting(Entity):
    """Entity with actions; each action method checks the caller's right first."""

    acts_as: ClassVar[Platform]
    """Platform under which the table of rights lists the entity."""

    acts_for: VoicePrivacyCoordinator
    acts_on: frozenset[str] | None
    """Ids of the satellites that its actions concern; None for the whole house."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse entity classes whose action methods do not check the right first. Raises TypeError."""
        super().__init_subclass__(**kwargs)
        for name in _ACTING:
            method = getattr(cls, name, None)
            if method is not None and not hasattr(method, "asks_first"):
                raise TypeError(f"{cls.__name__}.{name} asks nobody for the right to it")

    @property
    def door(self) -> Door:
        """Door of its actions. Raises KeyError if the table of rights does not list the entity."""
        return ENTITIES[self.acts_as, self.entity_description.key]

    def asked(self, action: str, /, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
        """Return what an action asks for, as far as its door depends on that."""
        return {"on": action == "async_turn_on"}


def acts[E: Acting, **P](
    method: Callable[Concatenate[E, Requester, P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate[E, P], Coroutine[Any, Any, None]]:
    """Wrap a method that takes a requester into an entity method that checks the caller's right first."""

    @wraps(method)
    async def ask_first(entity: E, /, *args: P.args, **kwargs: P.kwargs) -> None:
        entry = entity.acts_for.config_entry
        right = right_of(entity.door, entity.asked(method.__name__, *args, **kwargs))
        with translated_errors():
            admitted = runtime_of(entry)
            by = await admitted.permissions.async_check_context(entity._context, right, entity.acts_on)  # noqa: SLF001
            runtime_of(entry, admitted)
            await method(entity, by, *args, **kwargs)

    ask_first.asks_first = True  # type: ignore[attr-defined]
    return ask_first


class WithShortId(Entity):
    """Entity that suggests an entity id of its own where Home Assistant's would be long or doubled.

    Only new registrations get it; whoever has the entity already keeps its id.
    """

    named_for: VoicePrivacyCoordinator
    satellite_id: str

    def short_object_id(self, hass: HomeAssistant) -> str | None:
        """Return the object id to suggest, or None to leave it to Home Assistant."""
        return suggested_object_id(
            hass, self.named_for.config_entry, self.satellite_id, self.suggested_object_id
        )

    @callback
    @override
    def add_to_platform_start(
        self, hass: HomeAssistant, platform: EntityPlatform, parallel_updates: asyncio.Semaphore | None
    ) -> None:
        """Suggest the entity id before the entity is registered."""
        super().add_to_platform_start(hass, platform, parallel_updates)
        if (object_id := self.short_object_id(hass)) is None:
            return
        entities = er.async_get(hass)
        registered = entities.async_get_entity_id(platform.domain, DOMAIN, self.unique_id or "")
        entry = None if registered is None else entities.async_get(registered)
        if entry is None or entry.suggested_object_id == object_id:
            self.entity_id = f"{platform.domain}.{object_id}"


class HubEntity(CoordinatorEntity[VoicePrivacyCoordinator]):
    """Base of entities of the hub's device."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: VoicePrivacyCoordinator, description: EntityDescription) -> None:
        """Attach the entity to the hub's device."""
        super().__init__(coordinator)
        self.entity_description = description
        entry_id = coordinator.config_entry.entry_id
        self._attr_unique_id = f"{entry_id}-{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry_id)},
            entry_type=DeviceEntryType.SERVICE,
            name=coordinator.config_entry.title,
        )


class SatelliteEntity(WithShortId, CoordinatorEntity[VoicePrivacyCoordinator]):
    """Base of entities of a satellite's device."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: VoicePrivacyCoordinator, satellite: Satellite, description: EntityDescription
    ) -> None:
        """Attach the entity to the satellite's device."""
        super().__init__(coordinator)
        self.entity_description = description
        self.satellite = satellite
        self.named_for, self.satellite_id = coordinator, satellite.satellite_id
        self._written: SatelliteSnapshot | None = None
        """Snapshot of which the state was last written."""

        self._attr_unique_id = f"{satellite.satellite_id}-{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, satellite.satellite_id)})

    @property
    def snapshot(self) -> SatelliteSnapshot:
        """Current snapshot of the satellite."""
        return self.coordinator.data.satellites[self.satellite.satellite_id]

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state if this satellite changed; a change of another one concerns hundreds of entities."""
        if (snapshot := self.snapshot) is not self._written:
            self._written = snapshot
            super()._handle_coordinator_update()


class ActingHubEntity(HubEntity, Acting):
    """Base of hub entities with actions."""

    def __init__(self, coordinator: VoicePrivacyCoordinator, description: EntityDescription) -> None:
        """Attach the entity to the hub's device and assert that the table of rights lists it."""
        super().__init__(coordinator, description)
        self.acts_for, self.acts_on = coordinator, None
        assert self.door


class ActingSatelliteEntity(SatelliteEntity, Acting):
    """Base of satellite entities with actions."""

    def __init__(
        self, coordinator: VoicePrivacyCoordinator, satellite: Satellite, description: EntityDescription
    ) -> None:
        """Attach the entity to the satellite's device and assert that the table of rights lists it."""
        super().__init__(coordinator, satellite, description)
        self.acts_for, self.acts_on = coordinator, frozenset({satellite.satellite_id})
        assert self.door


class ConnectedSatelliteEntity(SatelliteEntity):
    """Base of satellite entities that are only available while it is connected."""

    @property
    @override
    def available(self) -> bool:
        """True if the satellite is connected."""
        return super().available and self.snapshot.state is not SatelliteState.DISCONNECTED


async def async_setting_taken_over(entity: RestoreEntity) -> str | None:
    """Return the state that an entity had in core's integration before its satellite was taken over.

    None if it has had a state of its own since.
    """
    registered = entity.registry_entry
    if registered is None or entity.platform.config_entry is None:
        return None
    subentry = entity.platform.config_entry.subentries.get(registered.config_subentry_id or "")
    if subentry is None or (taken := subentry.data.get(CONF_TAKEN_FROM)) is None:
        return None
    # An earlier entity of the same id may have left a state, too.
    last = await entity.async_get_last_state()
    if last is not None and last.last_updated >= registered.created_at:
        return None
    setting = taken["settings"].get(entity.entity_description.key)
    return setting if isinstance(setting, str) else None
