"""Half a surrogate pair is found wherever it is."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.well_formed import check_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.recursive(
        TEXTS | st.integers() | st.none(), lambda values: st.lists(values) | st.dictionaries(TEXTS, values)
    )
)
def test_what_can_be_written_passes(value: Any) -> None:
    check_text(value)


@pytest.mark.parametrize(
    "wrong",
    [
        "\ud800",
        ["a", "b\udfff"],
        {"a": {"b": ["\ud800"]}},
        {"\udc00": 1},
        ({"\ud800"},),
        "x" * 9_999 + "\udbff",
    ],
)
def test_half_a_pair_is_refused(wrong: Any) -> None:
    with pytest.raises(UnicodeEncodeError):
        check_text(wrong)
