"""Files from switchboards, with their dirt."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from hotline.calls import aliases
from hotline.calls.models import Call, Callback, CallEventRow, CallLeg
from hotline.calls.rules import AbandonedIn, Direction, Disposition, Source, State
from hotline.clock import local, now
from hotline.errors import Refused
from hotline.telephony import files
from hotline.telephony.cli import calls as command
from hotline.telephony.files import Format, Report
from hotline.telephony.importing import import_file
from hotline.telephony.service import take_events

SAMPLES = Path(__file__).parent / "samples"


def the_calls(session) -> dict[str, Call]:
    session.expire_all()
    return {call.call_uid: call for call in session.exec(select(Call))}


def bring_in(session, name, **more) -> Report:
    return import_file(session, SAMPLES / name, **more)


def test_rows_of_one_linkedid_are_one_call_with_its_transfer(session):
    report = bring_in(session, "Master.csv")
    call = the_calls(session)["1763600400.1"]
    assert (report.format, report.encoding, report.faults) == (Format.CDR, "UTF-8", [])
    assert (call.transfers, call.agent, call.caller) == (1, "8002", "+8613800001111")
    assert (call.queue, call.ivr_seconds, call.source) == ("hotline", 20, Source.IMPORT)
    assert f"{local(call.started_at):%H:%M:%S} {local(call.ended_at):%H:%M:%S}" == (
        "09:00:00 09:03:05"
    )


def test_an_unanswered_row_is_a_call_given_up_where_the_telephone_rang(session):
    bring_in(session, "Master.csv")
    call = the_calls(session)["1763601000.4"]
    assert (call.abandoned_in, call.agent) == (AbandonedIn.RINGING, "8001")


def test_a_call_that_never_reached_a_queue_is_given_up_before_it(session):
    bring_in(session, "Master.csv")
    call = the_calls(session)["1763601300.6"]
    assert (call.abandoned_in, call.caller, call.short_abandon) == (AbandonedIn.IVR, None, True)


def test_an_extension_that_dials_a_number_is_an_outbound_call_of_its_agent(session):
    bring_in(session, "Master.csv")
    call = the_calls(session)["1763601600.7"]
    assert (call.direction, call.caller) == (Direction.OUTBOUND, "+8613700003333")
    assert (call.agent, call.talk_seconds) == ("8001", 50)


def test_a_line_being_written_is_left_and_said_so(session):
    report = bring_in(session, "Master.csv")
    assert sum(report.skipped.values()) == 1
    assert "1763600400.1" in the_calls(session)


def test_a_log_in_gbk_without_unique_ids_is_read(session):
    report = bring_in(session, "Master-old.csv")
    assert report.encoding.startswith("GB18030")
    states = [(call.agent, call.answered_at is not None) for call in the_calls(session).values()]
    assert sorted(states) == [("8003", False), ("8003", True)]
    assert {call.caller for call in the_calls(session).values()} == {"+862583280000"}


@pytest.mark.parametrize("name", ["Master.csv", "Master-old.csv", "queue_log", "calls.csv"])
def test_a_file_imported_again_changes_nothing(session, name):
    bring_in(session, name)
    ours = {"updated_at"}
    before = {uid: call.model_dump(exclude=ours) for uid, call in the_calls(session).items()}
    again = bring_in(session, name)
    assert again.accepted == 0
    assert {uid: c.model_dump(exclude=ours) for uid, c in the_calls(session).items()} == before


@pytest.mark.parametrize("name", ["Master.csv", "queue_log", "calls.csv"])
def test_a_dry_run_writes_nothing(session, name):
    report = bring_in(session, name, dry_run=True)
    assert report.rows > 0
    assert the_calls(session) == {}
    assert session.exec(select(CallEventRow)).all() == []


def test_a_grown_file_adds_only_what_is_new(session, tmp_path):
    whole = (SAMPLES / "queue_log").read_text("utf-8").splitlines(keepends=True)
    grown = tmp_path / "queue_log"
    grown.write_text("".join(whole[:4]), "utf-8")
    first = import_file(session, grown)
    grown.write_text("".join(whole), "utf-8")
    second = import_file(session, grown)
    assert second.duplicate == first.accepted
    assert second.accepted > 0


def test_a_queue_log_tells_ring_answer_transfer_and_who_gave_up(session):
    report = bring_in(session, "queue_log")
    found = the_calls(session)
    assert report.format is Format.QUEUE_LOG
    talk = found["1763600400.1"]
    assert (talk.transfers, talk.caller, talk.wait_seconds) == (1, "+8613800001111", 11)
    legs = session.exec(select(CallLeg).where(CallLeg.call_id == talk.id)).all()
    assert sorted(leg.agent for leg in legs) == ["8001", "8003"]
    assert found["1763601000.4"].abandoned_in is AbandonedIn.QUEUE
    assert found["1763601100.9"].end_cause == "timeout"
    assert (found["1763601300.2"].talk_seconds, found["1763601300.2"].ended_by) == (60, "caller")


def test_a_call_whose_end_no_file_knows_is_closed_as_stale_not_left_on_the_board(session):
    bring_in(session, "queue_log")
    call = the_calls(session)["1763600400.1"]
    assert (call.state, call.is_stale) == (State.CLOSED, True)
    bring_in(session, "Master.csv")
    call = the_calls(session)["1763600400.1"]
    assert (call.state, call.is_stale, local(call.ended_at).second) == (State.CLOSED, False, 5)


def test_both_logs_of_a_call_make_one_call_in_any_order(session):
    bring_in(session, "queue_log")
    bring_in(session, "Master.csv")
    assert len([uid for uid in the_calls(session) if uid == "1763600400.1"]) == 1


def test_lines_about_agents_are_counted_and_left(session):
    report = bring_in(session, "queue_log")
    assert {reason.split("（")[0] for reason in report.skipped} == {
        "QUEUESTART", "ADDMEMBER", "PAUSEALL", "最后一行不完整",
    }  # fmt: skip


def test_an_archive_owes_nobody_a_call(session):
    bring_in(session, "Master.csv")
    assert session.exec(select(Callback)).all() == []


def test_a_sheet_brings_categories_by_code_or_label(session):
    report = bring_in(session, "calls.csv")
    found = the_calls(session)
    settled = found["sheet-1"]
    assert (settled.category, settled.subcategory) == ("consultation", "vaccination")
    assert (settled.disposition, settled.state) == (Disposition.ANSWERED, State.CLOSED)
    assert settled.wrapped_up_at == settled.ended_at
    assert found["sheet-2"].abandoned_in is AbandonedIn.QUEUE
    assert (found["sheet-3"].abandoned_in, found["sheet-3"].direction) == ("ivr", "inbound")
    assert found["sheet-4"].category == "non_business"
    assert report.notes == ["未使用的列：坐席备注"]


def test_what_a_person_settled_an_import_does_not_change(session):
    bring_in(session, "calls.csv")
    call = the_calls(session)["sheet-1"]
    call.category, call.subcategory = "complaint", "attitude"
    session.add(call)
    session.flush()
    bring_in(session, "calls.csv")
    assert the_calls(session)["sheet-1"].category == "complaint"


def test_a_sheet_may_be_a_workbook(session, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["call_uid", "started_at", "ended_at", "caller"])
    book.active.append(["x-1", "2025-11-20 11:00:00", "2025-11-20 11:01:00", 13800001111])
    book.save(tmp_path / "calls.xlsx")
    import_file(session, tmp_path / "calls.xlsx")
    assert the_calls(session)["x-1"].caller == "+8613800001111"


def test_a_faulty_sheet_changes_nothing_and_names_row_and_column(session):
    report = bring_in(session, "calls-faulty.csv")
    assert [(fault.row, fault.column) for fault in report.faults] == [
        (3, "call_uid"), (4, "started_at"), (5, "answered_at"), (6, "abandoned_in"),
        (7, "direction"), (8, "category"), (9, "subcategory"), (10, "disposition"),
    ]  # fmt: skip
    assert the_calls(session) == {}


@pytest.mark.parametrize(
    ("content", "column"),
    [
        ("call_uid,started_at\n", "ended_at"),
        ("call_uid,started_at,ended_at,call_uid\n", "call_uid"),
        ('"a","b","c"\n' * 2 + '"call_uid"\n', None),
    ],
)
def test_headers_that_lack_or_repeat_a_column_are_refused(session, tmp_path, content, column):
    (tmp_path / "f.csv").write_text(content)
    if column is None:
        with pytest.raises(Refused, match="format_unknown"):
            import_file(session, tmp_path / "f.csv")
    else:
        report = import_file(session, tmp_path / "f.csv")
        assert [fault.column for fault in report.faults] == [column]


def test_times_no_hotline_could_have_seen_are_faults(session, tmp_path):
    far = f"{local(now() + timedelta(days=3)):%Y-%m-%d %H:%M:%S}"
    (tmp_path / "f.csv").write_text(f"call_uid,started_at,ended_at\nx,{far},{far}\n")
    assert [fault.column for fault in import_file(session, tmp_path / "f.csv").faults] == ["时间"]


@pytest.mark.parametrize("data", [b"", b"\xff\xff\xff", b"PK\x03\x04", "随便写的\n".encode()])
def test_a_file_of_another_kind_is_refused_in_words(session, tmp_path, data):
    (tmp_path / "f.csv").write_bytes(data)
    with pytest.raises(Refused, match=r"format_unknown|encoding_unknown"):
        import_file(session, tmp_path / "f.csv")


def test_a_broken_workbook_and_a_missing_file_are_refused_in_words(session, tmp_path):
    (tmp_path / "f.xlsx").write_bytes(b"PK\x03\x04rubbish")
    for path in (tmp_path / "f.xlsx", tmp_path / "none.csv", tmp_path):
        with pytest.raises(Refused, match="file_unreadable"):
            import_file(session, path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_never_a_crash(session, tmp_path, rubbish):
    path = tmp_path / "f.csv"
    for head in (b"1763600420|1.1|q|NONE|ENTERQUEUE|", b"call_uid,started_at,ended_at\n", b""):
        path.write_bytes(head + rubbish)
        try:
            report = import_file(session, path, dry_run=True)
        except Refused as refusal:
            assert refusal.message  # noqa: PT017
        else:
            assert report.format is not None


def test_encodings_are_told_apart():
    report = Report("f")
    assert files.decode("\ufeff王".encode(), report) == "王"
    assert files.decode("王€".encode("gb18030"), report) == "王€"
    assert report.encoding.startswith("GB18030")


def test_the_command_imports_reports_and_fails_for_the_faulty(session):
    good, bad = (str(SAMPLES / name) for name in ("calls.csv", "calls-faulty.csv"))
    result = CliRunner().invoke(command, ["import", good, bad])
    assert result.exit_code == 1
    assert "已导入 4 行、4 通来电" in result.output
    assert "第 4 行 started_at" in result.output
    assert "未写入任何内容" in result.output
    assert len(the_calls(session)) == 4


def test_the_command_only_checks_when_asked(session):
    result = CliRunner().invoke(command, ["import", "--dry-run", str(SAMPLES / "queue_log")])
    assert (result.exit_code, the_calls(session)) == (0, {})
    assert "检查通过" in result.output


def test_a_large_file_shows_how_far_it_is(session, tmp_path, monkeypatch):
    from hotline.telephony import cli

    monkeypatch.setattr(cli, "LARGE_FILE_ROWS", 2)
    rows = "".join(f"x-{n},2025-11-20 11:00:00,2025-11-20 11:01:00\n" for n in range(3))
    (tmp_path / "large.csv").write_text("call_uid,started_at,ended_at\n" + rows)
    result = CliRunner().invoke(command, ["import", str(tmp_path / "large.csv")])
    assert result.exit_code == 0
    assert "large.csv" in result.output
    assert len(the_calls(session)) == 3


def voice_line_call(session, uid: str, pbx_uid: str) -> None:
    """A call that the voice line recorded from 09:09:40 on, and a telephone answered."""
    said = [
        ("started", "09:09:40", {"caller": "13900002222"}),
        ("ivr_entered", "09:09:40", {}),
        ("ivr_left", "09:10:10", {"next": "queue"}),
        ("queued", "09:10:10", {"queue": "hotline"}),
        ("ringing", "09:10:10", {"agent": "8001"}),
        ("answered", "09:10:15", {"agent": "8001"}),
    ]
    events = [
        {"event_id": f"{uid}-{n}", "call_uid": uid, "type": kind,
         "at": f"2025-11-20T{at}+08:00", **more}
        for n, (kind, at, more) in enumerate(said)
    ]  # fmt: skip
    assert take_events(session, events)["refused"] == []
    aliases.remember(session, pbx_uid, uid)


def test_what_asterisk_wrote_of_a_call_of_the_voice_line_joins_it(session, tmp_path):
    voice_line_call(session, "ours", "1763601000.4")
    before = the_calls(session)["ours"]
    known = (before.queued_at, before.answered_at, before.ivr_seconds, before.wait_seconds)
    log = tmp_path / "queue_log"
    log.write_text(
        "1763601010|1763601000.4|hotline|NONE|ENTERQUEUE||13900002222|1\n"
        "1763601015|1763601000.4|hotline|PJSIP/8001|CONNECT|5|1763601000.5|5\n"
        "1763601040|1763601000.4|hotline|PJSIP/8001|COMPLETEAGENT|5|25|1\n"
    )
    import_file(session, log)
    report = bring_in(session, "Master.csv")
    calls = the_calls(session)
    assert "1763601000.4" not in calls
    after = calls["ours"]
    assert (after.queued_at, after.answered_at, after.ivr_seconds, after.wait_seconds) == known
    assert (after.agent, after.ended_by, after.state) == ("8001", "agent", State.WRAP_UP)
    assert f"{local(after.ended_at):%H:%M:%S}" == "09:10:40"
    assert sum(count for why, count in report.skipped.items() if "语音线路" in why) > 0


def test_an_end_that_the_voice_line_did_not_hear_comes_with_master_csv(session):
    voice_line_call(session, "ours", "1763601000.4")
    bring_in(session, "Master.csv")
    call = the_calls(session)["ours"]
    assert (call.state, call.talk_seconds) == (State.WRAP_UP, 25)
