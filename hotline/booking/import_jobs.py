"""Checking and importing an uploaded sheet, in a worker. Each job is safe to run twice."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from hotline.booking import sheet, uploads
from hotline.booking.importing import import_lines
from hotline.booking.sheet import ImportReport, Line
from hotline.booking.uploads import Step, Upload
from hotline.db import transaction
from hotline.errors import Refused


class _Undo(Exception):
    """Leave nothing behind."""


class _Stopped(_Undo):
    """Somebody asked for it."""


def check(key: str) -> None:
    """Do everything the import would do, look at it, and undo it."""
    upload = uploads.get(key)
    if upload.step is Step.CHECKING:
        _attempt(upload, Step.CHECKED)


def write(key: str) -> None:
    """Import for good, all of it or nothing."""
    upload = uploads.get(key)
    if upload.step is Step.WRITING:
        _attempt(upload, Step.DONE)


def _attempt(upload: Upload, aim: Step) -> None:
    try:
        upload.step = _import(upload, aim)
    except Refused as refusal:
        upload.step, upload.problem = Step.FAILED, refusal.message
    except DBAPIError:
        upload.step = Step.FAILED
        upload.problem = "数据库正忙，可能另一个导入正在进行，请过几分钟再试。"
    except Exception:
        upload.step, upload.problem = Step.FAILED, "程序出错，已记入日志，请重试或联系管理员。"
        raise
    finally:
        uploads.save(upload)


def _import(upload: Upload, aim: Step) -> Step:
    report, lines = sheet.read_data(upload.name, uploads.content(upload.key))
    upload.done, upload.total = 0, len(lines)
    uploads.save(upload)
    try:
        _write(upload, report, lines, keeps=aim is Step.DONE)
    except _Stopped:
        return Step.STOPPED
    except _Undo:
        # faults found while writing: what was to be imported is not
        aim = Step.CHECKED
    upload.found = uploads.told(report)
    return aim


def _write(upload: Upload, report: ImportReport, lines: list[Line], *, keeps: bool) -> None:
    def seen(done: int) -> None:
        upload.done = done
        uploads.save(upload)
        if uploads.is_to_stop(upload.key):
            raise _Stopped

    with transaction() as session:
        if not report.faults:
            import_lines(session, report, lines, seen, (upload.person_id, upload.person_name))
        if report.faults or not keeps:
            raise _Undo
