"""The ring buffer against the plain list that it stands for."""

from hypothesis import given, strategies as st

from custom_components.voice_privacy.core.ring_buffer import RingBuffer

_PIECES = st.lists(st.integers(0, 3_000).map(lambda n: bytes(i % 251 for i in range(2 * n))), max_size=12)


@given(_PIECES, st.integers(0, 20_000), st.integers(0, 20_000))
def test_holds_exactly_the_newest_audio(pieces: list[bytes], first: int, last: int) -> None:
    ring = RingBuffer(0.25)
    for piece in pieces:
        ring.append(piece)
    stream = b"".join(pieces)
    total = len(stream) // 2
    oldest = max(total - 4_000, 0)
    assert (ring.start_sample, ring.end_sample) == (oldest, total)
    first = max(first, oldest)
    assert ring.between(first, last) == stream[2 * first : 2 * max(first, last)]


def test_audio_from_before_its_reach_is_gone() -> None:
    ring = RingBuffer(0.1)
    ring.append(b"\1\1" * 16_000)
    assert len(ring.between(0, 16_000)) == 2 * 1_600


def test_clear_forgets_audio_and_position() -> None:
    ring = RingBuffer(1)
    ring.append(b"\1\1" * 100)
    ring.clear()
    assert ring.end_sample == 0
    assert ring.between(0, 100) == b""
