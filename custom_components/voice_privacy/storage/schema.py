"""Recorder table: public fields of recordings, which can be rebuilt from the sealed files."""

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Double, Index, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

TABLE_NAME: Final = "voice_privacy_recordings"

_MYSQL: Final = {"default_charset": "utf8mb4", "collate": "utf8mb4_bin", "engine": "InnoDB"}
"""Table options of the recorder, so that its tables and this table can be compared and dumped together."""


class Base(DeclarativeBase):
    """Separate registry: Home Assistant's migrations and repairs only consider its own."""


class RecordingRow(Base):
    """Row of a recording, without transcript, audio or key."""

    __tablename__ = TABLE_NAME
    __table_args__: Any = (
        Index("ix_voice_privacy_recordings_store_sequence", "store_id", "sequence"),
        {f"{dialect}_{name}": value for dialect in ("mysql", "mariadb") for name, value in _MYSQL.items()},
    )

    recording_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Random, 32 hexadecimal digits."""

    store_id: Mapped[str] = mapped_column(String(32))
    """Store whose key file holds its key. Rows of other stores are never purged."""

    sequence: Mapped[int] = mapped_column(BigInteger)
    satellite_id: Mapped[str] = mapped_column(String(64))
    started_ts: Mapped[float] = mapped_column(Double)
    """Start in seconds since 1970, UTC."""

    local_date: Mapped[str] = mapped_column(String(10))
    """Calendar day of the house, ISO 8601."""

    duration: Mapped[float] = mapped_column(Double)
    """Length in seconds."""

    size: Mapped[int] = mapped_column(Integer)
    """Size of the sealed file in bytes."""

    kind: Mapped[str] = mapped_column(String(32))
    has_text: Mapped[bool] = mapped_column(Boolean)
    """True if a transcript or reply may still be sealed in its file."""

    mark: Mapped[str] = mapped_column(String(32))
    """MAC of the other columns with the recording's key, which detects changed rows."""
