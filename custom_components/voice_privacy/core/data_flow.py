"""How far sound and text go in each stage of a pipeline, from what is known of its engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import ipaddress
import re
from typing import Final


class Reach(StrEnum):
    """Places that may receive what a stage handles, from near to far."""

    THIS_MACHINE = "this_machine"
    THIS_NETWORK = "this_network"
    UNKNOWN = "unknown"
    """Nothing is known; for comparisons that is farther than anything in the house."""

    CLOUD = "cloud"

    @property
    def distance(self) -> int:
        """Number that is greater the farther it is."""
        return list(Reach).index(self)


class Stage(StrEnum):
    """Stages of a pipeline."""

    SPEECH_TO_TEXT = "speech_to_text"
    CONVERSATION = "conversation"
    TEXT_TO_SPEECH = "text_to_speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineFlow:
    """Reach of each stage of a pipeline that has an engine."""

    name: str
    stages: Mapping[Stage, Reach]


_HOST: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^@/]*@)?(\[[^\]]*\]|[^:/?#]*)", re.IGNORECASE)
_NETWORK_SUFFIXES: Final = (
    ".local",
    ".lan",
    ".home",
    ".internal",
    ".home.arpa",
    ".localdomain",
    ".fritz.box",
)


def reach_of_host(address: str, *, supervised: bool = False) -> Reach:
    """Return how far away a host is, by its address or name alone; nothing is looked up.

    Args:
        address: Host, host and port, or URL.
        supervised: True if names without a dot are add-ons on this machine.
    """
    match = _HOST.match(address.strip())
    host = "" if match is None else match[1].strip("[]").rstrip(".").lower()
    if not host:
        return Reach.UNKNOWN
    if host == "localhost" or host.endswith(".localhost"):
        return Reach.THIS_MACHINE
    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if "." not in host:
            return Reach.THIS_MACHINE if supervised else Reach.THIS_NETWORK
        return Reach.THIS_NETWORK if host.endswith(_NETWORK_SUFFIXES) else Reach.CLOUD
    if ip.is_loopback:
        return Reach.THIS_MACHINE
    # Unspecified and documentation addresses lead nowhere; carrier-grade ranges are of private networks, too.
    return Reach.CLOUD if ip.is_global else Reach.THIS_NETWORK


def reach_of_engine(iot_class: str | None, host: Reach | None, *, built_in: bool) -> Reach:
    """Return the reach of an engine; where facts contradict each other, the farther one.

    Args:
        iot_class: What the engine's integration declares.
        host: Reach of the host in its configuration, if there is one.
        built_in: True if it is a part of Home Assistant that runs in it.
    """
    if (iot_class or "").startswith("cloud"):
        return Reach.CLOUD
    if host is not None:
        return host
    return Reach.THIS_MACHINE if built_in else Reach.UNKNOWN


def wider(before: Mapping[Stage, Reach], now: Mapping[Stage, Reach]) -> dict[Stage, Reach]:
    """Return the stages that reach farther than before; a stage that is new counts from this machine."""
    return {
        stage: reach
        for stage, reach in now.items()
        if reach.distance > before.get(stage, Reach.THIS_MACHINE).distance
    }
