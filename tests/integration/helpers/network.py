"""A local network on which anybody announces anything (mDNS)."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from custom_components.voice_privacy.satellites.announcements import SERVICE_TYPE


@dataclass
class Network:
    """Home Assistant's shared instance of zeroconf, with a network of its own."""

    servers: dict[str, Any] = field(default_factory=dict)
    """Announcements that can be looked up, by full name."""

    asked: list[str] = field(default_factory=list)
    listeners: list[Any] = field(default_factory=list)

    async def async_add_service_listener(self, service_type: str, listener: Any) -> None:
        """Tell a new listener everything that is announced already, as zeroconf does."""
        assert service_type == SERVICE_TYPE
        self.listeners.append(listener)
        for name in self.servers:
            listener.add_service(self, SERVICE_TYPE, name)

    async def async_remove_service_listener(self, listener: Any) -> None:
        """Forget a listener."""
        self.listeners.remove(listener)

    async def async_get_service_info(self, service_type: str, name: str, timeout: int) -> Any:
        """Look an announcement up."""
        assert (service_type, timeout) == (SERVICE_TYPE, 3_000)
        self.asked.append(name)
        return self.servers.get(name)

    def announce(self, label: str, port: Any, *addresses: Any, again: bool = False) -> None:
        """Let somebody announce a server."""
        name = f"{label}.{SERVICE_TYPE}"
        self.servers[name] = SimpleNamespace(
            port=port, server=f"{label}.local.", parsed_addresses=lambda: [*addresses]
        )
        for listener in [*self.listeners]:
            (listener.update_service if again else listener.add_service)(self, SERVICE_TYPE, name)

    def withdraw(self, label: str) -> None:
        """Let a server go away."""
        name = f"{label}.{SERVICE_TYPE}"
        del self.servers[name]
        for listener in [*self.listeners]:
            listener.remove_service(self, SERVICE_TYPE, name)
