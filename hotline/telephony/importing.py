"""Importing a switchboard's file: read twice, once for faults, once for the database.

A file with one fault changes nothing. Event ids come from the content, so that a file may be
imported again, or grown, or cut differently, and no event counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

from hotline import audit, settings
from hotline.calls import aliases
from hotline.calls.facts import Heard
from hotline.calls.intake import record_events
from hotline.calls.rules import EventType, Source, is_plausible
from hotline.clock import month_of, now
from hotline.errors import Refused
from hotline.telephony import asterisk_cdr, call_sheet, files, queue_log, settling
from hotline.telephony.files import Format, Report, Settlement, Told

ROWS_AT_ONCE = 500
Tell = Callable[[int, int], object]


def import_file(
    session: Session,
    path: Path,
    *,
    given: Format | None = None,
    dry_run: bool = False,
    tell: Tell | None = None,
) -> Report:
    """Import one file, or only check it. ``tell`` hears how many rows there are, and
    how many more went by.

    Faults stand in the report, and then nothing was written. Raises Refused when the file
    cannot be read at all.
    """
    report = Report(str(path))
    reading = _Reading(session, path, given, report)
    reading.check()
    if report.faults or dry_run:
        return report
    # One import at a time: two that share calls would lock them batch by batch, in a circle.
    session.execute(text("SELECT pg_advisory_xact_lock(12320, 1)"))
    reading.write(tell or (lambda _total, _more: None))
    audit.record(
        session,
        audit.Action.IMPORTED,
        "calls",
        detail={"file": path.name, "rows": report.rows, "accepted": report.accepted},
    )
    return report


class _Reading:
    """One file under way."""

    def __init__(self, session: Session, path: Path, given: Format | None, report: Report) -> None:
        self.session, self.report = session, report
        self.area_code = settings.current().area_code
        self.words = settling.Vocabulary(session)
        self.data = files.read_bytes(path)
        self.is_sheet = path.suffix.lower() == ".xlsx"
        self.text = "" if self.is_sheet else files.decode(self.data, report)
        report.format = Format.CSV if self.is_sheet else given or files.detect(self.text)

    def told(self, report: Report) -> Iterator[Told]:
        """What each row says."""
        cut = not self.text.endswith(("\n", "\r"))
        if self.is_sheet:
            return call_sheet.read(files.xlsx_rows(self.data), report, self.area_code)
        if report.format is Format.QUEUE_LOG:
            return queue_log.read(self.text.splitlines(), report, self.area_code, cut=cut)
        rows = files.csv_rows(self.text)
        if report.format is Format.CDR:
            return asterisk_cdr.read(rows, report, self.area_code, cut=cut)
        return call_sheet.read(rows, report, self.area_code)

    def check(self) -> None:
        """Read all of it, writing nothing."""
        at = now()
        uids: set[str] = set()
        for told in self.told(self.report):
            self.report.rows += 1
            uids.update(heard.call_uid for heard in told.heard)
            if not all(is_plausible(heard.event.at, at) for heard in told.heard):
                self.report.fault(told.row, "时间", "早于 2000 年，或比现在晚一天以上。")
            self._check_choice(told)
        self.report.calls = len(uids)
        if not self.report.rows and not self.report.faults:
            self.report.notes.append("文件里没有通话。")

    def _check_choice(self, told: Told) -> None:
        try:
            self._choice(told)
        except Refused as refusal:
            self.report.fault(told.row, next(iter(refusal.fields), "category"), refusal.message)

    def _choice(self, told: Told) -> settling.Choice | None:
        if told.settlement is None:
            return None
        return self.words.choice(month_of(told.heard[0].event.at), told.settlement)

    def write(self, tell: Tell) -> None:
        """Write all of it, some hundred rows at a time, in the caller's one transaction."""
        batch: list[Told] = []
        for told in self.told(Report(self.report.path, self.report.format)):
            batch.append(told)
            if len(batch) == ROWS_AT_ONCE:
                self._take(batch)
                tell(self.report.rows, len(batch))
                batch = []
        self._take(batch)
        tell(self.report.rows, len(batch))

    def _take(self, batch: list[Told]) -> None:
        heard = self._joined([each for told in batch for each in told.heard])
        result = record_events(self.session, heard, source=Source.IMPORT)
        self.report.accepted += len(result.accepted)
        self.report.duplicate += len(result.duplicate)
        if result.conflicting:
            kept = "与此前导入内容不同的事件（保留先导入的）"
            self.report.skipped[kept] += len(result.conflicting)
        settling.apply(self.session, list(self._settled(batch)))

    def _joined(self, told: list[Heard]) -> list[Heard]:
        """Under the ids these calls have here. Of one that the voice line recorded, a CDR knows
        the end only: its answer is that of the voice line, its queue began with the call."""
        here = aliases.joined(self.session, told)
        if self.report.format is not Format.CDR:
            return here
        kept = [
            ours for theirs, ours in zip(told, here, strict=True)
            if ours.call_uid == theirs.call_uid or ours.event.type is EventType.ENDED
        ]  # fmt: skip
        if less := len(here) - len(kept):
            self.report.skipped["语音线路的来电，本线路记得更准（只取结束时间）"] += less
        return kept

    def _settled(self, batch: list[Told]) -> Iterator[tuple[Settlement, settling.Choice | None]]:
        for told in batch:
            if told.settlement is not None:
                yield told.settlement, self._choice(told)
