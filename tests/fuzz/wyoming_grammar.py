"""Streams of a Wyoming satellite that begin well and end badly."""

from collections.abc import Callable
import json
from random import Random
from typing import Any, Final

type _Json = dict[str, Any]

INFO: Final[_Json] = {
    "wake": [],
    "satellite": {
        "name": "hostile",
        "attribution": {"name": "", "url": ""},
        "installed": True,
        "description": "hostile",
        "version": "1",
        "area": None,
        "has_vad": False,
        "active_wake_words": [],
        "max_active_wake_words": 0,
    },
}

_AUDIO: Final[_Json] = {"rate": 16_000, "width": 2, "channels": 1, "timestamp": 0}

_EVENTS: Final[tuple[tuple[str, _Json, int], ...]] = (
    ("audio-chunk", _AUDIO, 640),
    ("audio-chunk", {"rate": 48_000, "width": 4, "channels": 2, "timestamp": None}, 1_920),
    ("audio-chunk", {"rate": 8_000, "width": 1, "channels": 1}, 160),
    ("audio-start", _AUDIO, 0),
    ("audio-stop", {"timestamp": 5}, 0),
    ("detection", {"name": "alexa", "timestamp": 5, "speaker": None, "context": {"a": [1]}}, 0),
    ("run-pipeline", {"start_stage": "asr", "end_stage": "tts", "wake_word_name": "alexa"}, 0),
    ("run-pipeline", {"start_stage": "wake", "end_stage": "tts", "restart_on_end": True}, 0),
    ("ping", {"text": "hello"}, 0),
    ("pong", {"text": None}, 0),
    ("played", {}, 0),
    ("info", INFO, 0),
    ("transcript", {"text": "what time is it"}, 0),
    ("streaming-started", {}, 0),
)

_LONG: Final = ("x", "\u202e", "\u0301", "\ud800", "[", "\0", "👩\u200d")


def _nasty(random: Random) -> Any:
    """Return a value that nobody expects."""
    deep = "nested"
    return random.choice(
        [
            None,
            True,
            False,
            -1,
            0,
            1,
            3,
            10**9,
            10**12,
            10**30,
            0.5,
            1e308,
            float("nan"),
            float("inf"),
            16_000.0,
            "16000",
            "x",
            "",
            "\ud800",
            "\x00\x1b[2J\u202e",
            random.choice(_LONG) * random.randrange(1, 3_000),
            [],
            {},
            [[]] * 50,
            {"a": None},
            {deep: {deep: {deep: [deep]}}},
            _nested(random.choice((10, 40, 900))),
        ]
    )


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def _change_value(random: Random, data: Any) -> Any:
    """Return data with one value somewhere in it replaced, taken away or added."""
    if isinstance(data, dict) and data and random.random() < 0.8:
        key = random.choice(list(data))
        changed = dict(data)
        if random.random() < 0.1:
            del changed[key]
        else:
            changed[key] = _change_value(random, data[key])
        return changed
    if isinstance(data, dict) and random.random() < 0.3:
        return {**data, str(_nasty(random))[:50]: _nasty(random)}
    return _nasty(random)


def encode(event_type: Any, data: Any, payload: bytes = b"", /, **header: Any) -> bytes:
    """Write an event; header overrides what would be right."""
    raw = b"" if data is None else json.dumps(data).encode("utf-8", "surrogatepass")
    head = {"type": event_type, "version": "1.8.0", "data_length": len(raw), "payload_length": len(payload)}
    return json.dumps(head | header).encode("utf-8", "surrogatepass") + b"\n" + raw + payload


def _some_event(random: Random) -> bytes:
    """Return an event, often a wrong one."""
    event_type, data, length = random.choice(_EVENTS)
    payload = random.randbytes(length)
    kind = random.random()
    if kind < 0.35:
        return encode(event_type, data, payload)
    if kind < 0.75:
        changed = _change_value(random, data)
        if random.random() < 0.3:
            return encode(event_type, None, payload, data=changed)
        return encode(event_type, changed, payload)
    if kind < 0.85:
        key = random.choice(("data_length", "payload_length", "type", "data", "version"))
        return encode(event_type, data, payload, **{key: _nasty(random)})
    if kind < 0.93:
        return encode(event_type, data, random.randbytes(random.randrange(1, 5_000)))
    return encode(event_type, data, payload, payload_length=length + random.choice((-1, 1, 1_000)))


def _flipped(random: Random, stream: bytes) -> bytes:
    changed = bytearray(stream)
    for _ in range(random.randrange(1, 6)):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _wakes(random: Random) -> bytes:
    return (encode("detection", {"name": "alexa"}) + encode("audio-stop", {})) * random.randrange(50, 1_000)


def _speech(random: Random) -> bytes:
    audio = {"rate": 16_000, "width": 2, "channels": 1}
    said = encode("audio-chunk", audio, random.randbytes(9_600))
    return (encode("detection", {"name": "a"}) + said + encode("audio-stop", {})) * random.randrange(2, 100)


def _pings(random: Random) -> bytes:
    return encode("ping", {"text": "x" * random.choice((0, 200, 300, 16_000))}) * random.randrange(50, 500)


def _tiny(random: Random) -> bytes:
    return random.choice((b"\n", b"{}\n", encode("played", None), b'{"type":"x"}\n')) * random.randrange(
        100, 3_000
    )


def _million(random: Random) -> bytes:
    audio = {
        "rate": random.choice((4_000, 16_000, 192_000, 384_000)),
        "width": random.randrange(1, 5),
        "channels": random.choice((1, 2, 3, 16)),
    }
    return encode("audio-chunk", audio, random.randbytes(1 << 20))


def _large_json(random: Random) -> bytes:
    filling = random.choice((b"[],", b"{},", b'"a",', b"1e5,", b"[[[[[[]]]]]],"))
    raw = b'{"text":[' + filling * (random.choice((16_000, 250_000, 1_000_000)) // len(filling)) + b"1]}"
    head = {"type": random.choice(("ping", "info", "detection")), "data_length": len(raw)}
    return json.dumps(head).encode() + b"\n" + raw


def _deep(random: Random) -> bytes:
    deep = random.choice((b"[", b'{"a":', b'[{"\\"":')) * random.choice((33, 500, 15_000, 60_000))
    if random.random() < 0.5:
        return deep + b"\n"
    return json.dumps({"type": "ping", "data_length": len(deep)}).encode() + b"\n" + deep


def _long_name(random: Random) -> bytes:
    return encode("detection", {"name": random.choice(_LONG) * random.choice((101, 10_000, 900_000))})


def _endless_line(random: Random) -> bytes:
    return random.randbytes(4).replace(b"\n", b"") * random.choice((5_000, 20_000, 100_000))


HEAVY: Final[tuple[Callable[[Random], bytes], ...]] = (
    _wakes,
    _speech,
    _pings,
    _tiny,
    _million,
    _large_json,
    _deep,
    _long_name,
    _endless_line,
)


def stream(random: Random) -> bytes:
    """Return what a satellite sends after it has been asked who it is."""
    kind = random.random()
    start = encode("info", INFO)
    if kind < 0.10:
        start = encode("info", _change_value(random, INFO))
    elif kind < 0.13:
        # A flood before anything else.
        start = random.choice(HEAVY)(random) + start
    events = b"".join(_some_event(random) for _ in range(random.randrange(1, 25)))
    kind = random.random()
    if kind < 0.06:
        events += random.choice(HEAVY)(random)
    elif kind < 0.15:
        events = _flipped(random, events)
    elif kind < 0.25:
        events = events[: random.randrange(len(events))]
    elif kind < 0.3:
        events += random.randbytes(random.randrange(1, 3_000))
    return start + events
