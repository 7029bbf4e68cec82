"""What the documents name exists: links, paths, actions, entities, options of scripts; figures say when they were measured."""

from collections.abc import Iterator
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Final
import urllib.parse

import pytest

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = ROOT / "custom_components" / "voice_privacy"

SKIPPED: Final = frozenset(
    {".develop", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tools", ".venv", "node_modules"}
)
"""Folders that hold no files of this repository."""

SUFFIXES: Final = frozenset(
    {
        ".cfg",
        ".gz",
        ".json",
        ".md",
        ".mjs",
        ".pyi",
        ".py",
        ".svg",
        ".toml",
        ".ts",
        ".txt",
        ".yaml",
        ".yml",
    }
)
"""Ends of names by which a word in backticks is recognized as a file of this repository."""

ELSEWHERE: Final = frozenset({"configuration.yaml"})
"""Files of Home Assistant's own that the documents name."""

_FENCE: Final = re.compile(r"^(?P<fence>```|~~~).*?^(?P=fence)\s*$", re.DOTALL | re.MULTILINE)
_CODE: Final = re.compile(r"`([^`\n]+)`")
_LINK: Final = re.compile(r"\]\(\s*<?([^)\s>]+)")
_ATTRIBUTE: Final = re.compile(r"\b(?:href|src)=\"([^\"]+)\"")
_HEADING: Final = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_PATH: Final = re.compile(r"\.?[\w*@-][\w.*@-]*(/[\w.*@-]+)*/?")
_ACTION: Final = re.compile(r"\bvoice_privacy\.(?!zip\b)([a-z][a-z_]*)\b")
_CALL: Final = re.compile(r"\b(?:python -m )?(scripts)[/.](\w+)((?: +[^\s`#|]+)*)")
_OPTION: Final = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_TEST: Final = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_DATED: Final = re.compile(r"[Mm]easured on \d{4}-\d{2}-\d{2}\b[^|]*?\b(?:cores|machine)\b")
_FIGURES: Final = re.compile(r"^\|.*\d(?:\.\d+)? (?:ms|s|kB|MB|%)(?: |,|$)", re.MULTILINE)
_MODULE: Final = re.compile(r"-m ((?:dev|tests|scripts|custom_components)(?:\.\w+)+)")


@dataclass(frozen=True, slots=True)
class Repository:
    """A checkout with its documents."""

    root: Path
    package: Path

    def documents(self) -> Iterator[Path]:
        """Yield every Markdown file."""
        for path in sorted(self.root.rglob("*.md")):
            if not SKIPPED.intersection(path.relative_to(self.root).parts):
                yield path

    def faults(self) -> list[str]:
        """Return every link and path that leads nowhere, with the document that holds it."""
        return [
            f"{document.relative_to(self.root)}: {fault}"
            for document in self.documents()
            for fault in self.faults_of(document)
        ]

    def faults_of(self, document: Path) -> Iterator[str]:
        """Yield the links and paths of a document that lead nowhere."""
        text = _FENCE.sub("", document.read_text("utf-8"))
        links = _LINK.findall(_CODE.sub("", text)) + _ATTRIBUTE.findall(text)
        yield from (link for link in links if not self._is_good(document, link))
        for code in _CODE.findall(text):
            for module in _MODULE.findall(code):
                if not (self.root / module.replace(".", "/")).with_suffix(".py").is_file():
                    yield module
            yield from (path for path in self._paths_in(code) if not self._exists(document, path))

    def _is_good(self, document: Path, link: str) -> bool:
        """Return whether a link leads out of the repository, or to a file and a heading that are there."""
        target = urllib.parse.urlsplit(link)
        if target.scheme or target.netloc:
            return True
        path = document.parent / urllib.parse.unquote(target.path) if target.path else document
        if not path.exists():
            return False
        return not target.fragment or target.fragment in anchors_of(path.read_text("utf-8"))

    def _paths_in(self, code: str) -> Iterator[str]:
        """Yield the words of an inline code span that are meant as paths of this repository."""
        # A test is named by its file and its function.
        for word in (word.partition("::")[0] for word in code.split()):
            first, slash, _ = word.partition("/")
            # What the scripts make is not there in every checkout.
            if not _PATH.fullmatch(word) or word in ELSEWHERE or first in SKIPPED:
                continue
            ours = slash and any((base / first).exists() for base in (self.root, self.package))
            if ours or Path(word).suffix in SUFFIXES:
                yield word

    def _exists(self, document: Path, path: str) -> bool:
        """Return whether a path exists from the root, the package, or the document's folder on.

        A name without a folder may be that of any file.
        """
        bases = (self.root, self.package, document.parent)
        if any(next(base.glob(path), None) is not None for base in bases):
            return True
        return "/" not in path and any(
            not SKIPPED.intersection(found.relative_to(self.root).parts) for found in self.root.rglob(path)
        )


def anchors_of(markdown: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a document."""
    anchors: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", markdown)):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        count = sum(name == anchor or re.fullmatch(rf"{anchor}-\d+", name) is not None for name in anchors)
        anchors.add(f"{anchor}-{count}" if count else anchor)
    return anchors


def test_every_link_and_path_exists() -> None:
    assert Repository(ROOT, PACKAGE).faults() == []


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A small checkout."""
    package = tmp_path / "custom_components" / "voice_privacy"
    (package / "core").mkdir(parents=True)
    (package / "core" / "privacy.py").touch()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("# The page\n\n## Who may do what?\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "tool.py").touch()
    return Repository(tmp_path, package)


@pytest.mark.parametrize(
    "text",
    [
        "[gone](docs/gone.md)",
        "![gone](docs/gone.png)",
        '<img src="docs/gone.svg">',
        "[no such heading](docs/page.md#whose)",
        "[no such heading here](#whose)",
        "`docs/gone`",
        "`core/gone.py`",
        "`core/*.json`",
        "`privacy/core.py`",
        "`gone.py`",
        "`docs/gone --fast`",
        "`python -m tests.gone 100`",
        "`tests/gone.py::test_it`",
    ],
)
def test_what_leads_nowhere_is_found(repository: Repository, text: str) -> None:
    (repository.root / "README.md").write_text(f"# Readme\n\n{text}\n")

    assert len(repository.faults()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[page](docs/page.md)",
        "[heading](docs/page.md#who-may-do-what)",
        "[here](#readme)",
        "[out](https://example.com/docs/gone.md)",
        "`docs/page.md`",
        "`core/privacy.py` and `core/`",
        "`core/*.py`",
        "`privacy.py`",
        "`custom_components/voice_privacy/core/privacy.py`",
        "`python -m tests.tool 100`",
        "`tests/tool.py::test_*`",
        "`config/openwakeword/` of Home Assistant",
        "`/api/voice_privacy/archive`",
        "`recordings/<id>.json`",
        "```\ndocs/gone.md\n```",
    ],
)
def test_what_exists_is_accepted(repository: Repository, text: str) -> None:
    (repository.root / "README.md").write_text(f"# Readme\n\n{text}\n")

    assert repository.faults() == []


def test_glossary_names_what_the_code_has() -> None:
    """Each name in the last column of the glossary stands in the package's sources."""
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    rows = [line for line in glossary.splitlines() if line.startswith("|")]
    named = {name for row in rows for name in _CODE.findall(row.rstrip("| ").rpartition("|")[2])}
    sources = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py")))
    words = set(re.findall(r"\w+", sources)) | {path.stem for path in PACKAGE.rglob("*.py")}

    assert len(named) > 50
    assert {name for name in named if "/" not in name} - words == set()


def pages_for_users() -> list[Path]:
    """Return the documents that users read."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_actions_that_are_named_exist_and_all_are_described() -> None:
    actions = set(re.findall(r"^([a-z_]+):", (PACKAGE / "services.yaml").read_text("utf-8"), re.MULTILINE))
    table = (ROOT / "docs" / "entities-actions.md").read_text("utf-8")
    texts = json.loads((PACKAGE / "translations" / "en.json").read_text("utf-8"))
    automations = texts["triggers"].keys() | texts["conditions"].keys()
    named = {name for page in pages_for_users() for name in _ACTION.findall(page.read_text("utf-8"))}

    assert len(actions) > 5
    assert named - automations == actions
    assert set(_ACTION.findall(table)) >= actions


def test_every_entity_is_described() -> None:
    platforms = json.loads((PACKAGE / "translations" / "en.json").read_text("utf-8"))["entity"]
    names = {
        entity["name"].partition(" (")[0] for platform in platforms.values() for entity in platform.values()
    }
    page = (ROOT / "docs" / "entities-actions.md").read_text("utf-8")

    assert len(names) > 30
    assert {name for name in names if "{" not in name and name not in page} == set()


def unproven(page: str) -> tuple[list[str], list[str]]:
    """Return the tests that a page of features names but that do not exist, and the features without a test."""
    missing, bare = [], []
    for row in page.splitlines():
        if not row.startswith("| ") or row.startswith("| feature |"):
            continue
        tests = _TEST.findall(row)
        if not tests:
            bare.append(row.split("|")[1].strip())
        for path, name in tests:
            source = ROOT / path
            text = source.read_text("utf-8") if source.is_file() else ""
            if not re.search(rf"^(?:async )?def {name}\(", text, re.MULTILINE):
                missing.append(f"{path}::{name}")
    return missing, bare


def test_every_feature_is_shown_by_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "features.md").read_text("utf-8")

    assert len(_TEST.findall(page)) > 40
    assert unproven(page) == ([], [])


def test_features_without_a_test_are_found() -> None:
    page = """
| feature | where | test |
|---|---|---|
| real | here | `tests/test_docs.py::test_features_without_a_test_are_found` |
| misspelled | here | `tests/test_docs.py::test_features_without_a_test` |
| elsewhere | here | `tests/test_gone.py::test_it` |
| bare | here | |
"""

    assert unproven(page) == (
        ["tests/test_docs.py::test_features_without_a_test", "tests/test_gone.py::test_it"],
        ["bare"],
    )


def test_scripts_are_called_with_options_that_they_have() -> None:
    unknown = {}
    for page in [*pages_for_users(), ROOT / "CONTRIBUTING.md"]:
        for _, name, arguments in _CALL.findall(page.read_text("utf-8")):
            sources = [
                ROOT / "scripts" / name,
                ROOT / "scripts" / f"{name}.py",
                *(ROOT / "dev" / "rig").glob("*.py"),
            ]
            if name == "bench":
                sources += (ROOT / "scripts" / "benchmarks").glob("*.py")
            known = "".join(source.read_text("utf-8") for source in sources if source.is_file())
            options = {option for option in _OPTION.findall(arguments) if option not in known}
            if options:
                unknown[f"{page.name}: {name}"] = options

    assert unknown == {}


def test_measured_figures_say_when_and_where() -> None:
    """Each section that names a benchmark and has a table of figures says on which day and machine they were measured."""
    undated = [
        f"{page.name}: {section.splitlines()[0]}"
        for page in [*pages_for_users(), *sorted((ROOT / "docs" / "design").glob("*.md"))]
        for section in re.split(r"^#+ ", page.read_text("utf-8"), flags=re.MULTILINE)
        if "scripts/bench " in section and _FIGURES.search(section) and not _DATED.search(section)
    ]

    assert undated == []
