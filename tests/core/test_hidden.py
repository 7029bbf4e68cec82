"""A view without hidden keys is what a mapping without them would be."""

from hypothesis import given, strategies as st

from custom_components.voice_privacy.core.hidden import Visible

KEYS = st.sampled_from("abcdefgh")


@given(st.dictionaries(KEYS, st.integers()), st.sets(KEYS))
def test_a_view_is_the_mapping_without_hidden_keys(everything: dict[str, int], hidden: set[str]) -> None:
    visible = Visible(everything, hidden)
    expected = {key: value for key, value in everything.items() if key not in hidden}
    assert dict(visible) == expected
    assert len(visible) == len(expected)
    assert list(visible) == list(expected)
    assert list(reversed(visible)) == list(reversed(expected))
    assert list(visible.values()) == list(expected.values())
    assert list(reversed(visible.values())) == list(reversed(expected.values()))  # type: ignore[call-overload]
    assert visible.keys() == expected.keys()
    for key in "abcdefgh":
        assert visible.get(key) == expected.get(key)
        assert (key in visible) is (key in expected)


@given(st.sets(KEYS))
def test_it_follows_what_changes(hidden: set[str]) -> None:
    everything = dict.fromkeys("abc", 0)
    hiding: set[str] = set()
    visible = Visible(everything, hiding)
    hiding |= hidden
    everything["h"] = 1
    assert visible.keys() == everything.keys() - hidden
