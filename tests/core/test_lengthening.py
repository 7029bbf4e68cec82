"""Clips as reviewers hear them."""

from hypothesis import given, strategies as st

from custom_components.voice_privacy.core.lengthening import lengthened

STEP = 4 * 32_000


@given(st.integers(0, 3 * STEP))
def test_a_clip_begins_as_it_was_and_has_the_length_of_many(length: int) -> None:
    audio = (b"\x01\x02\x03\x04" * (length // 4 + 1))[:length]
    longer = lengthened(audio)
    whole = audio[: length // 2 * 2]
    assert longer.startswith(whole)
    assert len(longer) % STEP == 0
    assert 0 <= len(longer) - len(whole) <= STEP
    assert len(whole) % STEP or not whole or longer == whole


def test_the_end_is_no_silence_that_tells_where_the_clip_ended() -> None:
    audio = bytes(range(1, 255)) * 200
    added = lengthened(audio)[len(audio) // 2 * 2 :]
    assert added
    assert b"\0\0" not in added
