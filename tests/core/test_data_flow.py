"""How far a host is, and which facts decide."""

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.data_flow import (
    Reach,
    Stage,
    hosts_in,
    reach_of_engine,
    reach_of_host,
    wider,
)


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("127.0.0.1", Reach.THIS_MACHINE),
        ("127.8.9.1:10300", Reach.THIS_MACHINE),
        ("localhost", Reach.THIS_MACHINE),
        ("http://LOCALHOST:11434/v1", Reach.THIS_MACHINE),
        ("[::1]:80", Reach.THIS_MACHINE),
        ("192.168.1.5", Reach.THIS_NETWORK),
        ("tcp://10.0.0.3:10200", Reach.THIS_NETWORK),
        ("https://user:secret@172.16.4.4/path?host=example.com", Reach.THIS_NETWORK),
        ("http://[fd00::5]:8080", Reach.THIS_NETWORK),
        ("http://[fe80::1%25eth0]/", Reach.THIS_NETWORK),
        ("100.64.3.2", Reach.THIS_NETWORK),
        ("nas.local", Reach.THIS_NETWORK),
        ("ollama.fritz.box:11434", Reach.THIS_NETWORK),
        ("whisper", Reach.THIS_NETWORK),
        ("8.8.8.8", Reach.CLOUD),
        ("[2606:4700::1111]", Reach.CLOUD),
        ("https://api.example.com/v1", Reach.CLOUD),
        ("example.com.", Reach.CLOUD),
        ("local.example.com", Reach.CLOUD),
        ("2606:4700:4700::1111", Reach.CLOUD),
        ("fd00::5", Reach.THIS_NETWORK),
        ("fe80::1%eth0", Reach.THIS_NETWORK),
        ("::1", Reach.THIS_MACHINE),
        ("[::ffff:127.0.0.1]:80", Reach.THIS_MACHINE),
        ("[::ffff:8.8.8.8]:80", Reach.CLOUD),
        ("http://[2002:808:808::1]/", Reach.CLOUD),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", Reach.CLOUD),
        ("http://192.168.1.1@example.com/", Reach.CLOUD),
        ("http://localhost.example.com", Reach.CLOUD),
        # Which host is meant depends on who reads it.
        ("134744072", Reach.UNKNOWN),
        ("http://0x08080808/", Reach.UNKNOWN),
        ("127.1", Reach.UNKNOWN),
        ("0177.0.0.1", Reach.UNKNOWN),
        ("api\u3002example\u3002com", Reach.UNKNOWN),
        ("api\uff0eexample\uff0ecom", Reach.UNKNOWN),
        ("api%2eexample%2ecom", Reach.UNKNOWN),
        ("http://example.com\\@192.168.1.1/", Reach.UNKNOWN),
        ("http://example.com;.local", Reach.UNKNOWN),
        ("http://example.com\n.local", Reach.UNKNOWN),
        ("example.com,nas.local", Reach.UNKNOWN),
        ("https:/example.com", Reach.UNKNOWN),
        ("https:example.com", Reach.UNKNOWN),
        ("http://[::1", Reach.UNKNOWN),
        ("http://[example]/", Reach.UNKNOWN),
        ("", Reach.UNKNOWN),
        ("https://", Reach.UNKNOWN),
    ],
)
def test_hosts(address: str, reach: Reach) -> None:
    assert reach_of_host(address) is reach


def test_add_ons_are_on_this_machine() -> None:
    assert reach_of_host("core-whisper", supervised=True) is Reach.THIS_MACHINE
    assert reach_of_host("tcp://a0d7b954-piper:10200", supervised=True) is Reach.THIS_MACHINE
    assert reach_of_host("nas.local", supervised=True) is Reach.THIS_NETWORK
    # No add-on is called like that: the router knows it.
    assert reach_of_host("nas", supervised=True) is Reach.THIS_NETWORK


@pytest.mark.parametrize(
    ("settings", "hosts"),
    [
        ({"host": "a", "port": 1, "name": "b", "language": "en"}, ["a"]),
        (
            {"Hostname": "a", "api-endpoint": "b", "azure_endpoint": "c", "server": "d", "stt_uri": "e"},
            list("abcde"),
        ),
        (
            {"model": "https://a.example", "prompt": "Look at https://b.example for more"},
            ["https://a.example"],
        ),
        ({"connection": {"servers": [{"url": "a"}, {"url": "b"}]}}, ["a", "b"]),
        ({"hosts": "a", "ghost": "b", "host": "", "url": None, "ip": 5}, []),
    ],
)
def test_settings_name_servers(settings: dict[str, object], hosts: list[str]) -> None:
    assert list(hosts_in(settings)) == hosts


@given(st.text(max_size=60))
def test_any_text_has_a_reach(address: str) -> None:
    assert reach_of_host(address) in Reach


@pytest.mark.parametrize(
    ("iot_class", "host", "built_in", "reach"),
    [
        ("cloud_push", None, False, Reach.CLOUD),
        # Facts that contradict each other: the farther one.
        ("cloud_polling", Reach.THIS_MACHINE, False, Reach.CLOUD),
        ("local_push", Reach.CLOUD, False, Reach.CLOUD),
        ("local_push", Reach.THIS_NETWORK, False, Reach.THIS_NETWORK),
        ("local_push", None, False, Reach.UNKNOWN),
        (None, None, False, Reach.UNKNOWN),
        (None, None, True, Reach.THIS_MACHINE),
    ],
)
def test_engines(iot_class: str | None, host: Reach | None, built_in: bool, reach: Reach) -> None:
    assert reach_of_engine(iot_class, host, built_in=built_in) is reach


def test_only_what_reaches_farther_is_told() -> None:
    before = {Stage.SPEECH_TO_TEXT: Reach.THIS_NETWORK, Stage.CONVERSATION: Reach.CLOUD}
    assert wider(before, before) == {}
    assert wider(before, {Stage.SPEECH_TO_TEXT: Reach.THIS_MACHINE, Stage.CONVERSATION: Reach.UNKNOWN}) == {}
    assert wider(before, {Stage.SPEECH_TO_TEXT: Reach.UNKNOWN}) == {Stage.SPEECH_TO_TEXT: Reach.UNKNOWN}
    assert wider(before, {Stage.TEXT_TO_SPEECH: Reach.CLOUD}) == {Stage.TEXT_TO_SPEECH: Reach.CLOUD}
    assert wider(before, {Stage.TEXT_TO_SPEECH: Reach.THIS_MACHINE}) == {}
