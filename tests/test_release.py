"""scripts/release packs what is committed, with the version in its manifest, and changes nothing else."""

import json
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Final
import zipfile

import pytest

SCRIPT: Final = Path(__file__).parents[1] / "scripts" / "release"
MANIFEST: Final = (
    '{\n  "domain": "voice_privacy",\n  "requirements": ["numpy>=2.1"],\n  "version": "0.0.0"\n}\n'
)
CHANGELOG: Final = "# Changelog\n\n## [Unreleased]\n\n- New.\n\n## [1.0.0] - 2026-11-01\n\n- First.\n"


class Repository:
    """A repository with a small integration, and the script in it."""

    def __init__(self, root: Path) -> None:
        """Commit the integration."""
        self.root = root
        self.package = root / "custom_components" / "voice_privacy"
        (self.package / "core").mkdir(parents=True)
        (self.package / "manifest.json").write_text(MANIFEST)
        (self.package / "core" / "models.py").write_text("A = 1\n")
        (root / "CHANGELOG.md").write_text(CHANGELOG)
        (root / "scripts").mkdir()
        shutil.copy(SCRIPT, root / "scripts" / "release")
        self.git("init", "--quiet")
        self.commit()

    def git(self, *arguments: str) -> None:
        """Run git as somebody."""
        somebody = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
        subprocess.run(["git", *somebody, *arguments], cwd=self.root, check=True, capture_output=True)

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Change something")

    def release(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        command = [sys.executable, str(self.root / "scripts" / "release"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def packed(self) -> dict[str, bytes]:
        """Return what the zip file holds."""
        with zipfile.ZipFile(self.root / "dist" / "voice_privacy.zip") as archive:
            return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository."""
    return Repository(tmp_path)


@pytest.mark.parametrize(
    ("tag", "version"), [("1.2.0", "1.2.0"), ("v1.2.0", "1.2.0"), ("v2.0.0b1", "2.0.0b1")]
)
def test_the_version_is_stamped_into_the_manifest_only(
    repository: Repository, tag: str, version: str
) -> None:
    result = repository.release(tag)

    assert result.returncode == 0, result.stderr
    packed = repository.packed()
    assert packed.keys() == {"manifest.json", "core/models.py"}
    assert packed["core/models.py"] == b"A = 1\n"
    assert packed["manifest.json"].decode() == MANIFEST.replace("0.0.0", version)
    assert (repository.package / "manifest.json").read_text() == MANIFEST


def test_only_what_is_committed_is_packed(repository: Repository) -> None:
    (repository.package / "core" / "models.py").write_text("A = 2\n")
    (repository.package / "notes.txt").write_text("mine")

    repository.release("1.0.0")

    assert repository.packed()["core/models.py"] == b"A = 1\n"
    assert "notes.txt" not in repository.packed()


def test_packing_twice_gives_the_same_bytes(repository: Repository) -> None:
    repository.release("1.0.0")
    first = (repository.root / "dist" / "voice_privacy.zip").read_bytes()
    repository.release("1.0.0")

    assert (repository.root / "dist" / "voice_privacy.zip").read_bytes() == first


@pytest.mark.parametrize(("version", "notes"), [("1.0.0", "- First."), ("1.1.0", "- New.")])
def test_the_notes_are_those_of_the_version(repository: Repository, version: str, notes: str) -> None:
    assert repository.release(version).stdout.rstrip().endswith(f"\n\n{notes}")


@pytest.mark.parametrize("version", ["1.2", "1.2.3.4", "01.2.3", "latest", "", "1.2.3-beta", '1.2.3"'])
def test_what_is_no_version_is_refused(repository: Repository, version: str) -> None:
    assert repository.release(version).returncode == 2
    assert not (repository.root / "dist").exists()


@pytest.mark.parametrize("manifest", ["{}", '{"version": "1", "nested": {"version": "2"}}', None])
def test_a_manifest_without_one_version_is_refused(repository: Repository, manifest: str | None) -> None:
    path = repository.package / "manifest.json"
    path.unlink() if manifest is None else path.write_text(manifest)
    repository.commit()

    assert repository.release("1.0.0").returncode == 1
    assert not (repository.root / "dist").exists()


def test_the_manifest_of_this_repository_can_be_stamped(tmp_path: Path) -> None:
    result = subprocess.run(
        [str(SCRIPT), "9.8.7", "--folder", str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr
    with zipfile.ZipFile(tmp_path / "voice_privacy.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["version"] == "9.8.7"


def test_hacs_downloads_the_file_that_a_release_has() -> None:
    """HACS looks for the file by this name, in the release itself and not in the repository."""
    root = SCRIPT.parents[1]
    hacs = json.loads((root / "hacs.json").read_text("utf-8"))
    assert hacs["zip_release"] is True
    assert f'ARCHIVE = "{hacs["filename"]}"' in SCRIPT.read_text("utf-8")
    assert f"dist/{hacs['filename']}" in (root / ".github" / "workflows" / "release.yml").read_text("utf-8")
