"""States that the entity of a rule can have, as far as they are known: a rule with another one would never hold."""

from collections.abc import Collection, Mapping
from typing import Any, Final

_ON_OFF: Final = ("on", "off")

_FIXED: Final[Mapping[str, tuple[str, ...]]] = {
    "binary_sensor": _ON_OFF,
    "calendar": _ON_OFF,
    "input_boolean": _ON_OFF,
    "media_player": ("playing", "paused", "buffering", "idle", "on", "off", "standby"),
    "schedule": _ON_OFF,
    "switch": _ON_OFF,
}
"""All states of the entities of these domains, apart from those that are not known."""

_ABSENT: Final = ("unknown", "unavailable")


def impossible(
    domain: str, attributes: Mapping[str, Any], now: str, states: Collection[str]
) -> frozenset[str]:
    """Return those of some states that an entity never has; empty where its states are not known.

    Args:
        domain: Domain of the entity.
        attributes: Its attributes; `options` lists the states of a select.
        now: Its current state.
        states: States of a rule.
    """
    options = attributes.get("options") if domain in ("input_select", "select") else _FIXED.get(domain)
    if not isinstance(options, list | tuple):
        return frozenset()
    possible = {str(option).casefold() for option in (*options, *_ABSENT, now)}
    return frozenset(state for state in states if state.casefold() not in possible)
