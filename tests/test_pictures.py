"""The picture that the README starts with: it moves, it is small enough, and its words say what it shows."""

from pathlib import Path
import re

from PIL import Image

ROOT = Path(__file__).parents[1]
MOST_BYTES = 1_500_000


def first_picture() -> tuple[str, Path]:
    """Return the words and the file of the README's first picture."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(r"!\[([^\]]*)\]\(([^)]+)\)|<img\b", text)
    assert found is not None
    assert found[2] is not None, "the first picture is an HTML element"
    return found[1], ROOT / found[2]


def test_the_readme_starts_with_the_moving_picture_and_both_commands() -> None:
    words, path = first_picture()
    assert path == ROOT / "docs/images/page.webp"
    assert len(words) > 60
    before, _, after = (ROOT / "README.md").read_text("utf-8").partition(f"({path.relative_to(ROOT)})")
    assert len(before.splitlines()) <= 3
    commands = [line.strip() for line in after.splitlines()[1:5] if line.strip()]
    assert [command.split()[0] for command in commands] == ["scripts/develop", "scripts/say"]


def test_the_picture_moves_for_a_quarter_of_a_minute_and_loads_quickly() -> None:
    _, path = first_picture()
    assert path.stat().st_size <= MOST_BYTES
    with Image.open(path) as picture:
        assert picture.format == "WEBP"
        assert picture.width >= 900
        assert picture.info["loop"] == 0
        frames = int(getattr(picture, "n_frames", 1))
        seconds = 0.0
        shown = set()
        for index in range(frames):
            picture.seek(index)
            picture.load()
            seconds += picture.info["duration"] / 1000
            shown.add(picture.convert("RGB").resize((64, 48)).tobytes())
    assert 10 <= seconds <= 20
    assert len(shown) >= 10
