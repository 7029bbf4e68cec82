"""The manifest's requirements install on Home Assistant OS: musl, Python 3.14, wheels only."""

import json
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Final

import homeassistant
import pytest

ROOT: Final = Path(__file__).parents[1]
MANIFEST: Final = ROOT / "custom_components" / "voice_privacy" / "manifest.json"
CONSTRAINTS: Final = Path(homeassistant.__file__).parent / "package_constraints.txt"
PLATFORMS: Final = ("x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl")

UNREACHABLE: Final = ("Failed to fetch", "error sending request", "network was disabled")
"""What uv says when the package index does not answer; it says nothing of it when a wheel is missing."""

pytestmark = pytest.mark.timeout(300)


def resolve(requirements: list[str], platform: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Let uv resolve requirements under Home Assistant's constraints; skip when no index answers."""
    uv = shutil.which(ROOT / ".tools" / "uv" / "bin" / "uv") or shutil.which("uv")
    assert uv, "scripts/setup installs uv"
    command = [uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python", sys.executable]
    command += ["--python-version", "3.14", "--python-platform", platform, "--only-binary", ":all:"]
    command += ["--constraint", str(CONSTRAINTS), *options, "-"]
    result = subprocess.run(
        command, input="\n".join(requirements), capture_output=True, text=True, check=False, cwd=ROOT
    )
    if result.returncode and any(sign in result.stderr for sign in UNREACHABLE):
        pytest.skip("the package index cannot be reached")
    return result


@pytest.mark.parametrize("platform", PLATFORMS)
def test_manifest_resolves(platform: str) -> None:
    requirements: list[str] = json.loads(MANIFEST.read_text("utf-8"))["requirements"]

    result = resolve(requirements, platform)

    assert result.returncode == 0, result.stderr
    resolved = {line.partition("==")[0] for line in result.stdout.splitlines()}
    assert {requirement.partition(">=")[0] for requirement in requirements} <= resolved


@pytest.mark.parametrize("platform", PLATFORMS)
def test_package_without_musl_wheels_is_refused(platform: str) -> None:
    result = resolve(["onnxruntime"], platform)

    assert result.returncode != 0
    assert "musllinux" in result.stderr


def test_silent_index_skips() -> None:
    with pytest.raises(pytest.skip.Exception):
        resolve(["numpy"], PLATFORMS[0], "--offline", "--no-cache")


def test_requirements_only_have_lower_bounds() -> None:
    """Home Assistant pins exact versions, and the next release moves them."""
    for requirement in json.loads(MANIFEST.read_text("utf-8"))["requirements"]:
        assert requirement.count(">=") == 1
        assert not set(requirement) & set("<=~!,") - set("="), requirement
