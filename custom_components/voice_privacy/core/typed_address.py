"""Parser for the address of a device as people type or paste it."""

from dataclasses import dataclass
from ipaddress import IPv6Address
import re
from typing import Final

from .cleaning import clean_text, whole_number

MAX_HOST: Final = 253
"""Maximum length of a host name in DNS."""

_SCHEMES: Final = ("tcp", "wyoming")
"""Schemes that mean a plain TCP connection; any other one belongs to another kind of server."""

_MAX_LABEL: Final = 63
_MAX_TYPED: Final = 2 * MAX_HOST
_BLANKS_AROUND: Final = re.compile(r" *([:/\[\]]) *")
_BRACKETED: Final = re.compile(r"\[([^\[\]]+)\](?::(.*))?")
_LABEL: Final = re.compile(r"[\w-]+")
_PORT: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedAddress:
    """Host name or IP address, and the port if one was typed with it."""

    host: str
    port: int | None = None


def read_address(typed: object) -> TypedAddress | None:
    """Return the address that was typed, or None if it is not clear which one is meant.

    Understood are a host name or an IP address, each with or without a port, `tcp://` before it and a slash
    behind it. IPv6 addresses may be in brackets, and must be if a port follows.
    """
    text = _BLANKS_AROUND.sub(r"\1", clean_text(typed, _MAX_TYPED))
    scheme, mark, rest = text.rpartition("://")
    if mark and scheme.lower() not in _SCHEMES:
        return None
    rest = rest.rstrip("/")
    if bracketed := _BRACKETED.fullmatch(rest):
        host, port = bracketed.groups()
        return _address(host, port) if _is_ipv6(host) else None
    if rest.count(":") > 1:
        return _address(rest, None) if _is_ipv6(rest) else None
    host, _, port = rest.partition(":")
    return _address(host, port) if _is_name(host) else None


def _address(host: str, port: str | None) -> TypedAddress | None:
    """Return a valid host with its port, or None if the port is invalid; an empty port is none."""
    if not port:
        return TypedAddress(host=host)
    number = whole_number(port, 1, 65_535) if _PORT.fullmatch(port) else None
    return None if number is None else TypedAddress(host=host, port=number)


def _is_ipv6(host: str) -> bool:
    """Return whether a text is an IPv6 address, with or without a zone."""
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return not re.search(r"\s", host)


def _is_name(host: str) -> bool:
    """Return whether a text can be a host name or an IPv4 address."""
    if not 0 < len(host) <= MAX_HOST:
        return False
    labels = host.removesuffix(".").split(".")
    return all(_LABEL.fullmatch(label) is not None and len(label) <= _MAX_LABEL for label in labels)
