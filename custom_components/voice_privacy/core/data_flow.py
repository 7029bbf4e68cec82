"""How far sound and text go in each stage of a pipeline, from what is known of its engine."""

from collections.abc import Iterator, Mapping
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


class Link(StrEnum):
    """How the sound of a satellite reaches Home Assistant."""

    THIS_MACHINE = "this_machine"
    """It does not leave this machine."""

    ENCRYPTED = "encrypted"
    NOT_ENCRYPTED = "not_encrypted"
    """Whoever can listen on the network hears it."""

    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineFlow:
    """Reach of each stage of a pipeline that has an engine."""

    name: str
    stages: Mapping[Stage, Reach]


_HOST: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?(?:[^@/?#]*@)?(?P<host>\[[^\]]*\]|[^:/?#]*)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NAME: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.IGNORECASE)
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+", re.IGNORECASE)
_NO_PORT: Final = re.compile(r":(?![0-9]*(?:[/?#]|$))|:/")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_ADD_ON: Final = re.compile(r"(?:core|local|[0-9a-f]{8})-[a-z0-9-]+")
"""Name of an add-on in Supervisor's network, on this machine."""

_HOST_WORDS: Final = frozenset(
    {"address", "addr", "api_base", "endpoint", "host", "hostname", "ip", "server", "uri", "url"}
)
"""Words in the names of settings that name a server."""

_DEPTH: Final = 6

_TUNNELS: Final = tuple(ipaddress.ip_network(text) for text in ("2001::/32", "2002::/16"))
"""Teredo and 6to4: ranges that are not global by themselves, and lead to the internet."""

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
    address = address.strip()
    if not address.isprintable() or set(address) & set("\\ "):
        return Reach.UNKNOWN
    try:
        # Without brackets.
        return _reach_of_ip(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        pass
    match = _HOST.fullmatch(address)
    host = "" if match is None else match["host"].rstrip(".").lower()
    literal = host.startswith("[") and host.endswith("]")
    if literal:
        host = host[1:-1].partition("%")[0]
    elif match is None or not _NAME.fullmatch(host) or _NO_PORT.match(match["rest"]):
        # Nothing, or what one library reads as this host and another one as that.
        return Reach.UNKNOWN
    try:
        return _reach_of_ip(ipaddress.ip_address(host))
    except ValueError:
        return Reach.UNKNOWN if literal else _reach_of_name(host, supervised=supervised)


def _reach_of_ip(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Reach:
    inner = getattr(ip, "ipv4_mapped", None) or ip
    if inner.is_loopback:
        return Reach.THIS_MACHINE
    if any(inner in tunnel for tunnel in _TUNNELS if tunnel.version == inner.version):
        return Reach.CLOUD
    # Unspecified and documentation addresses lead nowhere; carrier-grade ranges are of private networks, too.
    return Reach.CLOUD if inner.is_global else Reach.THIS_NETWORK


def _reach_of_name(host: str, *, supervised: bool) -> Reach:
    if host == "localhost" or host.endswith(".localhost"):
        return Reach.THIS_MACHINE
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        # An address in a notation that not every library reads alike, such as 127.1 or 134744072.
        return Reach.UNKNOWN
    if "." not in host:
        is_here = supervised and _ADD_ON.fullmatch(host) is not None
        return Reach.THIS_MACHINE if is_here else Reach.THIS_NETWORK
    return Reach.THIS_NETWORK if host.endswith(_NETWORK_SUFFIXES) else Reach.CLOUD


def hosts_in(settings: object) -> Iterator[str]:
    """Yield what names a server in the settings of an integration, at any depth.

    That is any URL, and the value of every setting whose name says so.
    """
    yield from _hosts_in("", settings, _DEPTH)


def _hosts_in(name: str, value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        words = name.lower().replace("-", "_")
        if value.strip() and (
            _URL.fullmatch(value.strip()) or words in _HOST_WORDS or words.split("_")[-1] in _HOST_WORDS
        ):
            yield value
    elif depth and isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _hosts_in(str(key), inner, depth - 1)
    elif depth and isinstance(value, list | tuple):
        for inner in value:
            yield from _hosts_in(name, inner, depth - 1)


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
