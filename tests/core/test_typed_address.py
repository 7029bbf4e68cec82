"""Addresses as people type them."""

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.typed_address import MAX_HOST, TypedAddress, read_address


@pytest.mark.parametrize(
    ("typed", "host", "port"),
    [
        ("kitchen", "kitchen", None),
        ("kitchen.local", "kitchen.local", None),
        ("kitchen.local.", "kitchen.local.", None),
        ("my_kitchen-2.lan", "my_kitchen-2.lan", None),
        ("küche.fritz.box", "küche.fritz.box", None),
        ("192.168.1.5", "192.168.1.5", None),
        ("  192.168.1.5\t", "192.168.1.5", None),
        ("\u00a0192.168.1.5\u200b\n", "192.168.1.5", None),
        ("192.168.1.5:10700", "192.168.1.5", 10_700),
        ("192.168.1.5 : 10700", "192.168.1.5", 10_700),
        ("192.168.1.5:", "192.168.1.5", None),
        ("kitchen:1", "kitchen", 1),
        ("kitchen:65535", "kitchen", 65_535),
        ("tcp://192.168.1.5:10700", "192.168.1.5", 10_700),
        ("tcp://192.168.1.5:10700/", "192.168.1.5", 10_700),
        ("TCP://Kitchen.local", "Kitchen.local", None),
        (" Tcp:// kitchen:10700 ", "kitchen", 10_700),
        ("wyoming://kitchen:10700", "kitchen", 10_700),
        ("::1", "::1", None),
        ("[::1]", "::1", None),
        ("[::1]:10700", "::1", 10_700),
        ("tcp://[fe80::1%eth0]:10700", "fe80::1%eth0", 10_700),
        ("fd00::ba27:ebff:fe12:3456", "fd00::ba27:ebff:fe12:3456", None),
        ("::ffff:192.168.1.5", "::ffff:192.168.1.5", None),
    ],
)
def test_what_is_meant_is_clear(typed: str, host: str, port: int | None) -> None:
    assert read_address(typed) == TypedAddress(host=host, port=port)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\u200b",
        "tcp://",
        "://kitchen",
        ":10700",
        "http://kitchen:10700",
        "https://192.168.1.5",
        "unix:///run/wyoming.sock",
        "stdio://",
        "tcp:/kitchen",
        "kitchen:port",
        "kitchen:0",
        "kitchen:65536",
        "kitchen:-1",
        "kitchen:1.5",
        "kitchen:+1",
        "kitchen:99999999999999999999",
        "kitchen:\u0661\u0660",
        "kitchen:1:2",
        "kitchen/satellite",
        "kitchen:10700/path",
        "kitchen?x",
        "kitchen#x",
        "me@kitchen",
        "me:secret@kitchen:10700",
        "the kitchen",
        "kitchen, bedroom",
        "kitchen..local",
        ".local",
        "[::1",
        "::1]",
        "[kitchen]:10700",
        "[::1]10700",
        "[::1]:port",
        "[]:10700",
        "1::2::3",
        "a" * 64,
        "a." * 127 + "a",
        None,
        10_700,
    ],
)
def test_what_is_not_clear_is_refused(typed: object) -> None:
    assert read_address(typed) is None


@given(st.text())
def test_any_text_is_understood_or_refused(typed: str) -> None:
    """What is understood is a valid host, and is understood again in the same way."""
    if (address := read_address(typed)) is None:
        return
    assert 0 < len(address.host) <= MAX_HOST
    assert address.port is None or 1 <= address.port <= 65_535
    assert not set(address.host) & set(" /[]@?#\n\t")
    assert read_address(address.host) == TypedAddress(host=address.host)
