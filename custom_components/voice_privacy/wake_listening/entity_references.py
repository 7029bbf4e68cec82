"""References to entities of other integrations that stay valid when an entity is renamed.

A reference is the id of the entity's registry entry, or the entity id if it has none.
"""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er


@callback
def reference_of(hass: HomeAssistant, entity_id: str) -> str:
    """Return the reference under which an entity is stored."""
    entity = er.async_get(hass).async_get(entity_id)
    return entity.id if entity else entity_id


@callback
def entity_id_of(hass: HomeAssistant, reference: str) -> str:
    """Return the current entity id of a reference; the reference itself if it has no registry entry."""
    entity = er.async_get(hass).entities.get_entry(reference)
    return entity.entity_id if entity else reference
