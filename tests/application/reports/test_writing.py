"""A report is written whole or not at all, and the same twice."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.application.audit import AuditReport
from explorer.application.reports import FORMATS, STEP, write_report
from explorer.application.session import Session
from explorer.application.whole_file import replacing
from explorer.errors import BadInput, Cancelled, KnownError, Missing, ReadOnly
from tests.application.evidence import report_of, written
from tests.application.shop import long_cart

FORMAT_NAMES = sorted(FORMATS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("report_format", FORMAT_NAMES)
def test_each_format_is_written_as_it_is(report: AuditReport, folder: Path, report_format: str) -> None:
    path = folder / f"report.{report_format}"
    write_report(report, report_format, path)
    assert path.read_bytes() == written(report, report_format)
    assert names_in(folder) == [path.name]


def test_a_new_file_is_for_its_owner_alone_and_an_old_one_keeps_its_rights(report: AuditReport, folder: Path) -> None:
    path = folder / "report.json"
    write_report(report, "json", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    write_report(report, "csv", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert path.read_bytes() == written(report, "csv")


def test_progress_is_told_and_may_cancel_with_the_old_file_kept(session: Session, folder: Path) -> None:
    long_cart(session, STEP * 2 + 10)
    report, path, told = report_of(session), folder / "report.csv", list[tuple[int, int]]()
    write_report(report, "csv", path, lambda done, total: told.append((done, total)))
    size = STEP * 2 + 10
    assert told == [(0, size), (STEP, size), (STEP * 2, size), (size, size)]
    before = path.read_bytes()

    def stop(done: int, total: int) -> None:
        del total
        if done:
            raise Cancelled("stopped")

    for report_format in FORMAT_NAMES:
        with pytest.raises(Cancelled):
            write_report(report, report_format, path, stop)
        assert path.read_bytes() == before
        assert names_in(folder) == [path.name]


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("", BadInput, "is a folder"),
        ("none/report.html", Missing, "There is no folder"),
        ("file/report.html", Missing, "There is no folder"),
        ("x" * 300, BadInput, "name"),
        ("nul\0", BadInput, "cannot be written"),
        ("pipe", BadInput, "a device or a pipe"),
    ],
)
def test_where_it_cannot_be_written_is_said_and_nothing_is_left(
    report: AuditReport, folder: Path, name: str, kind: type[KnownError], says: str
) -> None:
    (folder / "file").write_text("kept")
    os.mkfifo(folder / "pipe")
    with pytest.raises(kind, match=says):
        write_report(report, "html", folder / name)
    assert names_in(folder) == ["file", "pipe"]
    assert (folder / "file").read_text() == "kept"


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="no folder here that even root may not write in")
def test_a_folder_that_may_not_be_written_is_said(report: AuditReport) -> None:
    with pytest.raises(ReadOnly, match="cannot be written"):
        write_report(report, "html", Path("/sys/kernel/report.html"))


def test_the_store_itself_is_never_written_over(report: AuditReport, session: Session, folder: Path) -> None:
    link, hard = folder / "link.html", folder / "hard.html"
    link.symlink_to(session.path)
    os.link(session.path, hard)
    for path in (session.path, session.path.with_name(session.path.name + "-wal"), link, hard):
        with pytest.raises(BadInput, match="the store itself"):
            write_report(report, "html", path)
    assert session.store.head().size == 17


def test_an_unknown_format_is_refused(report: AuditReport, folder: Path) -> None:
    with pytest.raises(BadInput, match="there are csv, html, json"):
        write_report(report, "docx", folder / "x")


def test_a_link_is_replaced_and_what_it_points_to_is_kept(report: AuditReport, folder: Path) -> None:
    target, link = folder / "target", folder / "report.csv"
    target.write_text("kept")
    link.symlink_to(target)
    write_report(report, "csv", link)
    assert target.read_text() == "kept"
    assert not link.is_symlink()


def test_a_full_disk_leaves_the_old_file_and_no_part(folder: Path) -> None:
    # In a process of its own, whose files may have 1,000 bytes.
    path = folder / "report.html"
    path.write_text("kept")
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from explorer.application.whole_file import replacing\n"
        "from explorer.errors import StorageFailed\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    with replacing(Path(sys.argv[1])) as stream: stream.write(b'x' * 100_000)\n"
        "except StorageFailed as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert "no room for report.html" in done.stdout
    assert (path.read_text(), names_in(folder)) == ("kept", ["report.html"])


def test_a_bug_is_not_hidden_and_leaves_no_part(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), replacing(folder / "x") as stream:
        stream.write(b"%d" % (1 // 0))
    assert names_in(folder) == []


def test_the_same_log_gives_the_same_bytes_in_another_process_and_another_place(
    report: AuditReport, session: Session, folder: Path
) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from explorer.application.audit import audit_report\n"
        "from explorer.application.reports import FORMATS, write_report\n"
        "from explorer.application.session import Session\n"
        "with Session(Path(sys.argv[1]), cache=Path(sys.argv[2]) / 'cache') as session:\n"
        "    for name in FORMATS: write_report(audit_report(session), name, Path(sys.argv[2]) / name)\n"
    )
    for number, (zone, language) in enumerate((("America/St_Johns", "C"), ("Asia/Kathmandu", "de_DE.UTF-8"))):
        place = folder / str(number)
        place.mkdir()
        surroundings = {**os.environ, "TZ": zone, "LANG": language, "LC_ALL": language, "PYTHONHASHSEED": str(number)}
        subprocess.run([sys.executable, "-c", script, str(session.path), str(place)], env=surroundings, check=True)
        for name in FORMATS:
            assert (place / name).read_bytes() == written(report, name)
