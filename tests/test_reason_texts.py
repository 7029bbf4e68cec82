"""Every reason for which an utterance is not kept has a text in every language."""

import json
from pathlib import Path

import pytest

from custom_components.voice_privacy.core.models import DiscardReason

TRANSLATIONS = Path(__file__).parents[1] / "custom_components" / "voice_privacy" / "translations"


@pytest.mark.parametrize("path", sorted(TRANSLATIONS.glob("*.json")), ids=lambda path: path.stem)
def test_every_reason_has_a_text(path: Path) -> None:
    texts = json.loads(path.read_text("utf-8"))["entity"]["event"]["activity"]["state_attributes"]["reason"]

    assert texts["state"].keys() == {reason.value for reason in DiscardReason}
