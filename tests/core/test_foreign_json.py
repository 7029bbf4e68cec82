"""JSON from outside: never deeper, longer or more infinite than it may be."""

import json
import threading
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.foreign_json import MAX_DEPTH, parse_json, parse_json_object

_PLENTY = 1 << 20

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def _depth(value: Any) -> int:
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 0


@given(values, st.booleans(), st.integers(0, 6))
def test_says_what_json_says_up_to_its_depth(value: object, ascii_only: bool, max_depth: int) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace")
    if _depth(value) > max_depth:
        with pytest.raises(ValueError, match="deep"):
            parse_json(raw, max_bytes=_PLENTY, max_depth=max_depth)
    else:
        assert parse_json(raw, max_bytes=_PLENTY, max_depth=max_depth) == json.loads(raw)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 60_000,
        "[" * 60_000 + "]" * 60_000,
        '{"a":' * 15_000 + "1" + "}" * 15_000,
        '[{"a":' * 15_000,
        '"]]]]" [' + "[" * 60_000,
        '["\\"", ' * 15_000,
        '["\\\\", ' * 15_000,
        '["]", ' * 15_000,
        '{"]}]}": ' * 15_000,
        '[1, "x\\\\\\"]", ' * 15_000,
        "[]" * 40 + "[" * 60_000,
    ],
)
def test_depth_is_bounded_in_a_thread_with_a_small_stack(text: str) -> None:
    """A deep one would end the whole process there."""
    refused: list[ValueError] = []

    def parse() -> None:
        try:
            parse_json(text.encode(), max_bytes=_PLENTY)
        except ValueError as err:
            refused.append(err)

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=parse)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(refused) == 1


def test_brackets_in_text_are_no_depth() -> None:
    assert parse_json(json.dumps(["[" * 1_000, '\\"[' * 100]).encode(), max_bytes=_PLENTY)
    nested = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_json(f"[{nested[1:-1]}]".encode(), max_bytes=_PLENTY)


@pytest.mark.parametrize(
    "raw",
    [
        b"NaN",
        b"-Infinity",
        b"[1e999]",
        b'{"a": -1e999}',
        b"1" * 5_000,
        b"\xff",
        b'"\xed\xa0\x80"',
        '{"a": 1}'.encode("utf-16"),
        b"",
        b"{",
        b"{} {}",
        b" " * (_PLENTY + 1),
    ],
)
def test_what_makes_no_sense_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_json(raw, max_bytes=_PLENTY)


@pytest.mark.parametrize("raw", [b"[]", b"null", b"5", b'"x"'])
def test_an_object_is_an_object(raw: bytes) -> None:
    with pytest.raises(ValueError, match="object"):
        parse_json_object(raw, max_bytes=100)
    assert parse_json_object(b'\xef\xbb\xbf{"a": 1}', max_bytes=100) == {"a": 1}


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused(raw: bytes) -> None:
    try:
        parse_json(raw, max_bytes=200)
    except ValueError:
        return
    assert len(raw) <= 200
