"""The recorder table: what may be known of a recording without its key, rebuildable from the files."""

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Double, Index, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

TABLE_NAME: Final = "voice_privacy_recordings"

_MYSQL: Final = {"default_charset": "utf8mb4", "collate": "utf8mb4_bin", "engine": "InnoDB"}
"""The recorder's own choices, so that its tables and ours can be compared and dumped together."""


class Base(DeclarativeBase):
    """A registry of our own: core's migrations and repairs look only at core's."""


class RecordingRow(Base):
    """One recording. No transcript, no audio, no key."""

    __tablename__ = TABLE_NAME
    __table_args__: Any = (
        Index("ix_voice_privacy_recordings_store_sequence", "store_id", "sequence"),
        {f"{dialect}_{name}": value for dialect in ("mysql", "mariadb") for name, value in _MYSQL.items()},
    )

    recording_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Random, 32 hexadecimal digits."""

    store_id: Mapped[str] = mapped_column(String(32))
    """The key file that holds its key: rows of another one are never purged."""

    sequence: Mapped[int] = mapped_column(BigInteger)
    satellite_id: Mapped[str] = mapped_column(String(64))
    started_ts: Mapped[float] = mapped_column(Double)
    """Seconds since 1970, UTC."""

    local_date: Mapped[str] = mapped_column(String(10))
    """ISO 8601."""

    duration: Mapped[float] = mapped_column(Double)
    """Seconds."""

    size: Mapped[int] = mapped_column(Integer)
    """Bytes on disk, sealed."""

    kind: Mapped[str] = mapped_column(String(32))
    has_text: Mapped[bool] = mapped_column(Boolean)
    """Whether a transcript or reply may still be sealed in its file."""

    mark: Mapped[str] = mapped_column(String(32))
    """Made from the other columns with the recording's key: a row that somebody has changed has none that fits."""
