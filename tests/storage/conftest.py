"""Database engines that a recorder may stand on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import servers


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """URL of a real MariaDB."""
    with servers.mariadb() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """URL of a real PostgreSQL."""
    with servers.postgresql() as url:
        yield url


@pytest.fixture(params=servers.ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, on each engine in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rows.db'}"
        return
    # MariaDB's driver is written in Python, and so its connections count as the test's own.
    request.getfixturevalue("socket_enabled")
    with servers.new_database(request.getfixturevalue(f"{request.param}_url")) as url:
        yield url
