"""scripts/setup changes nothing that is not its own checkout's."""

import os
from pathlib import Path
import shutil
import subprocess
from typing import Final

import pytest

SCRIPTS: Final = Path(__file__).parents[1] / "scripts"
INSTALLERS: Final = ("apt-get", "dpkg-query", "npm", "python3", "sudo", "uv")


class Checkout:
    """A checkout that holds nothing but its scripts, on a machine where nothing can be installed."""

    def __init__(self, folder: Path) -> None:
        """Copy the scripts, and put programs in the way that only note that they were called."""
        self.root = folder / "checkout"
        self.elsewhere = folder / "elsewhere"
        self._programs = folder / "programs"
        self._called = folder / "called"
        shutil.copytree(SCRIPTS, self.root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        (self.root / "frontend").mkdir()
        for place in (self.elsewhere, self._programs):
            place.mkdir()
        (self.elsewhere / "kept").write_text("somebody's")
        for name in INSTALLERS:
            program = self._programs / name
            program.write_text(f"#!/bin/sh\necho {name} >>'{self._called}'\nexit 42\n")
            program.chmod(0o755)

    def set_up(self) -> subprocess.CompletedProcess[str]:
        """Run scripts/setup."""
        return subprocess.run(
            [self.root / "scripts" / "setup"],
            env=os.environ | {"PATH": f"{self._programs}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def called(self) -> list[str]:
        """Which programs were called that could have installed something."""
        return self._called.read_text().split() if self._called.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout that has not been set up."""
    return Checkout(tmp_path)


@pytest.mark.parametrize("target", ["a folder", "a file", "nothing"])
@pytest.mark.parametrize("name", [".tools", ".venv", "frontend", "frontend/node_modules"])
def test_a_link_is_refused_before_anything_is_done(checkout: Checkout, name: str, target: str) -> None:
    aims = {
        "a folder": checkout.elsewhere,
        "a file": checkout.elsewhere / "kept",
        "nothing": Path("/nowhere"),
    }
    link = checkout.root / name
    if link.exists():
        link.rmdir()
    link.symlink_to(aims[target])

    outcome = checkout.set_up()

    assert outcome.returncode == 1
    assert f"{link} is a symbolic link to {aims[target]}" in outcome.stderr
    assert checkout.called == []
    assert link.is_symlink()
    assert [path.name for path in checkout.elsewhere.iterdir()] == ["kept"]
    assert (checkout.elsewhere / "kept").read_text() == "somebody's"


def test_without_links_it_begins(checkout: Checkout) -> None:
    for name in (".tools", ".venv", "frontend/node_modules"):
        (checkout.root / name).mkdir()
    outcome = checkout.set_up()
    assert outcome.returncode == 42
    assert "symbolic link" not in outcome.stderr
    assert "dpkg-query" in checkout.called
