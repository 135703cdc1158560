"""Both sides are compared: what is planted is found, fetched where it can be, and stays written."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from hotline.clock import SHANGHAI, now, today
from hotline.db import transaction
from hotline.errors import Refused
from tests.workorders.exchange import world
from tests.workorders.exchange.test_killed import Mortal, lines_of
from tests.workorders.exchange.test_killed import mortal as mortal  # noqa: PLC0414 - a fixture
from tests.workorders.orders import LEADER, agent
from workorders.demo import remove as demonstration
from workorders.exchange import (
    reconciling,
    reconciling_jobs,
    reconciling_report,
    reconciling_runs,
    rounds,
)
from workorders.exchange.models import Incoming
from workorders.exchange.reconciling_cli import reconcile as command
from workorders.exchange.reconciling_models import Reconciliation, ReconciliationDifference
from workorders.exchange.reconciling_rules import Kind, Outcome, RunState
from workorders.exchange.rules import Via
from workorders.models import Platform
from workorders.rules import Meaning, State
from workorders.standin import machine
from workorders.standin import platform as far
from workorders.standin.faults import Fault
from workorders.standin.running import StandIn

YESTERDAY = today() - timedelta(days=1)
AT = datetime.combine(YESTERDAY, time(10), SHANGHAI).isoformat()


def place(standin: StandIn, there: far.Platform, **given: object) -> str:
    """An order dispatched yesterday."""
    return str(standin.place(there, dispatched_at=AT, confidential=False, **given)["no"])


def ours() -> Platform:
    row = rounds.platform("city")
    assert row is not None
    return row


def compare(*, again: bool = False) -> Reconciliation:
    run = reconciling.reconcile(ours(), YESTERDAY, again=again)
    assert run is not None
    return run


def found(run: Reconciliation) -> dict[str | None, tuple[Kind, Outcome]]:
    with transaction() as session:
        rows = reconciling_report.differences(session, run)
    return {row.remote_no: (row.kind, row.outcome) for row in rows}


def change(statement: str, **values: object) -> None:
    with transaction() as session:
        session.execute(text(statement), values)


def long_ago() -> None:
    """What has been exchanged so far was exchanged before the comparison."""
    change("UPDATE work_order SET received_at = received_at - interval '1 hour',"
           " remote_at = remote_at - interval '1 hour'")  # fmt: skip
    change("UPDATE work_order_outgoing SET created_at = created_at - interval '1 hour'")


def test_two_sides_that_agree_have_an_empty_report(standin: StandIn, city: far.Platform) -> None:
    numbers = [place(standin, city) for _ in range(3)]
    world.ring_and_work()
    world.deed(numbers[0], "accept")
    world.until_quiet()
    run = compare()
    assert (run.state, run.number, run.theirs, run.ours) == (RunState.DONE, 1, 3, 3)
    assert found(run) == {}
    assert run.differences == 0


def test_what_we_never_got_is_fetched_and_stays_in_the_report(
    standin: StandIn, city: far.Platform
) -> None:
    no = place(standin, city)
    run = compare()
    assert found(run) == {no: (Kind.MISSING_HERE, Outcome.FETCHED)}
    assert (run.theirs, run.ours) == (1, 0), "as it was before we fetched"
    assert world.order(no).state is State.RECEIVED
    with transaction() as session:
        (row,) = session.exec(select(Incoming)).all()
    assert row.via is Via.RECONCILED
    world.until_quiet()
    assert world.differences(city) == []


def test_each_planted_difference_is_found(standin: StandIn, city: far.Platform) -> None:
    agreed, older, unnamed, differs, stuck, due, unknown, behind = (
        place(standin, city) for _ in range(8)
    )
    world.ring_and_work()
    city.mark(unknown, "99")
    world.ring_and_work()
    for no in (stuck, due):
        world.deed(no, "accept")
    change("UPDATE work_order_outgoing SET state = 'refused' WHERE order_id ="
           " (SELECT id FROM work_order WHERE remote_no = :no)", no=stuck)  # fmt: skip
    city.act(older, lambda filed, at: machine.changed(filed, at, meaning=Meaning.SIGNED))
    change("UPDATE work_order SET state = 'closed', closed_at = now() WHERE remote_no = :no",
           no=differs)  # fmt: skip
    change("UPDATE work_order SET remote_no = 'GONE' WHERE remote_no = :no", no=unnamed)
    change("UPDATE work_order SET remote_version = 9 WHERE remote_no = :no", no=behind)
    long_ago()
    run = compare()
    assert found(run) == {
        older: (Kind.OLDER_HERE, Outcome.FETCHED),
        "GONE": (Kind.MISSING_THERE, Outcome.TO_CHECK),
        unnamed: (Kind.MISSING_HERE, Outcome.FETCHED),
        differs: (Kind.STATUS_DIFFERS, Outcome.TO_CHECK),
        stuck: (Kind.NOT_DELIVERED, Outcome.STUCK),
        due: (Kind.NOT_DELIVERED, Outcome.SENDING),
        unknown: (Kind.UNKNOWN_CODE, Outcome.STUCK),
        behind: (Kind.OLDER_THERE, Outcome.TO_CHECK),
    }
    assert agreed not in found(run)
    assert world.order(older).state is State.ACCEPTED


def test_what_is_on_its_way_is_no_difference(standin: StandIn, city: far.Platform) -> None:
    no = place(standin, city)
    world.ring_and_work()
    world.deed(no, "accept")  # written, and not sent yet
    assert found(compare()) == {}


def test_orders_of_another_day_are_not_missed(standin: StandIn, city: far.Platform) -> None:
    standin.place(city)
    world.ring_and_work()
    run = compare()
    assert (run.theirs, run.ours, found(run)) == (0, 0, {})


def test_a_long_digest_is_read_page_by_page(
    standin: StandIn, city: far.Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        place(standin, city)
    world.ring_and_work()
    monkeypatch.setattr(far.Platform.digest, "__defaults__", (2,))
    read: list[int] = []
    run = reconciling.reconcile(ours(), YESTERDAY, told=lambda _run, done, _all: read.append(done))
    assert run is not None
    assert (read, run.theirs, found(run)) == ([2, 4, 5], 5, {})


def test_a_day_has_one_report_unless_another_is_asked_for(
    standin: StandIn, city: far.Platform
) -> None:
    place(standin, city)
    first = compare()
    assert reconciling.reconcile(ours(), YESTERDAY) is None
    second = compare(again=True)
    assert (first.number, second.number) == (1, 2)
    assert found(second) == {}
    assert len(found(first)) == 1


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.NOT_JSON, Fault.HALF_ANSWER])
def test_a_platform_that_does_not_answer_is_tried_again_under_the_same_number(
    standin: StandIn, city: far.Platform, fault: Fault
) -> None:
    no = place(standin, city)
    city.faults.set(fault, times=1)
    run = compare()
    assert run.state is RunState.FAILED
    assert run.error
    run = compare()
    assert (run.state, run.number, run.attempts, run.error) == (RunState.DONE, 1, 2, None)
    assert found(run) == {no: (Kind.MISSING_HERE, Outcome.FETCHED)}


def test_what_could_not_be_fetched_says_why(standin: StandIn, city: far.Platform) -> None:
    no = place(standin, city)
    run = compare_with(standin, lambda: city.faults.set(Fault.DOWN, times=1))
    assert found(run) == {no: (Kind.MISSING_HERE, Outcome.NOT_FETCHED)}
    with transaction() as session:
        (row,) = reconciling_report.differences(session, run)
    assert row.words


def compare_with(standin: StandIn, before_fetching: object) -> Reconciliation:
    """Read, then let something happen, then fetch."""
    told: list[int] = []

    def hear(_: Reconciliation, done: int, total: int) -> None:
        if not told and total == 0:
            told.append(done)
            before_fetching()  # type: ignore[operator]

    run = reconciling.reconcile(ours(), YESTERDAY, told=hear)
    assert run is not None
    return run


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("while_fetching", [False, True])
def test_a_killed_run_goes_on_or_begins_anew_and_is_one_report(
    standin: StandIn, city: far.Platform, while_fetching: bool
) -> None:
    numbers = {place(standin, city) for _ in range(3)}

    def die(_: Reconciliation, done: int, total: int) -> None:
        if bool(total) is while_fetching:
            raise Killed

    with pytest.raises(Killed):
        reconciling.reconcile(ours(), YESTERDAY, told=die)
    with transaction() as session:
        (left,) = session.exec(select(Reconciliation)).all()
    assert left.state is (RunState.FETCHING if while_fetching else RunState.READING)
    assert reconciling_jobs.due(session, "city", nightly()) == [YESTERDAY]
    run = compare()
    assert (run.key, run.number, run.state) == (left.key, 1, RunState.DONE)
    assert found(run) == dict.fromkeys(numbers, (Kind.MISSING_HERE, Outcome.FETCHED))
    assert run.theirs == 3


def test_one_that_is_asked_to_stop_stops(standin: StandIn, city: far.Platform) -> None:
    numbers = {place(standin, city) for _ in range(2)}

    def stop(run: Reconciliation, done: int, total: int) -> None:
        if total and done == 1:
            with transaction() as session:
                reconciling_report.stop(session, run.key)

    run = reconciling.reconcile(ours(), YESTERDAY, told=stop)
    assert run is not None
    assert (run.state, run.error) == (RunState.FAILED, reconciling.STOPPED)
    run = compare()
    assert run.state is RunState.DONE
    assert found(run) == dict.fromkeys(numbers, (Kind.MISSING_HERE, Outcome.FETCHED))


def nightly(hour: int = 3) -> datetime:
    return datetime.combine(today(), time(hour), SHANGHAI)


def test_the_night_asks_for_what_has_no_report(standin: StandIn, city: far.Platform) -> None:
    with transaction() as session:
        assert reconciling_jobs.due(session, "city", nightly(2)) == []
        assert reconciling_jobs.due(session, "city", nightly()) == [YESTERDAY]
    compare()
    with transaction() as session:
        assert reconciling_jobs.due(session, "city", nightly()) == []
        session.execute(text("UPDATE work_order_reconciliation SET day = :day"),
                        {"day": YESTERDAY - timedelta(days=3)})  # fmt: skip
        assert reconciling_jobs.due(session, "city", nightly()) == [
            YESTERDAY - timedelta(days=back) for back in (2, 1, 0)
        ]
    reconciling_jobs.ask_for("city", YESTERDAY)
    world.work()
    with transaction() as session:
        run = reconciling_runs.last(session, "city", YESTERDAY)
    assert run is not None
    assert run.state is RunState.DONE


def test_a_day_that_is_not_over_is_refused(city: far.Platform) -> None:
    with pytest.raises(Refused) as refused:
        reconciling.reconcile(ours(), today())
    assert refused.value.code == "day_not_over"


def test_a_folder_is_compared_by_its_file_and_fetches_nothing(
    city: far.Platform, tmp_path: Path
) -> None:
    for name in ("in", "out", "digest"):
        (tmp_path / name).mkdir()
    change("UPDATE work_order_platform SET adapter = 'file',"
           " settings = jsonb_build_object('folder', cast(:folder AS text))",
           folder=str(tmp_path))  # fmt: skip
    run = compare()
    assert run.state is RunState.FAILED
    assert "还没有放入" in (run.error or "")
    file = tmp_path / "digest" / f"{YESTERDAY}.csv"
    file.write_text("工单编号,状态,版本\nNJ-1,10,1\n,10,1\nNJ-1,20,2\n", encoding="utf-8")
    (tmp_path / "digest" / f"{YESTERDAY}.csv.done").touch()
    run = compare()
    assert (run.state, run.theirs) == (RunState.DONE, 1)
    assert found(run) == {
        "NJ-1": (Kind.MISSING_HERE, Outcome.NOT_FETCHED),
        None: (Kind.UNREADABLE, Outcome.TO_CHECK),
    }


def report(standin: StandIn, city: far.Platform) -> Reconciliation:
    for _ in range(2):
        place(standin, city)
    return compare()


def sign(run: Reconciliation, read: str | None = None, actor: object = LEADER) -> None:
    with transaction() as session:
        rows = reconciling_report.differences(session, run)
        words = read if read is not None else reconciling_report.seen(rows)
        reconciling_report.sign(session, run.key, "已核", words, actor)  # type: ignore[arg-type]


def explain(run: Reconciliation, words: str = "推送中断", only: int | None = None) -> int:
    with transaction() as session:
        return reconciling_report.explain(session, run.key, words, LEADER, only=only)


def test_a_report_is_signed_once_everything_is_explained(
    standin: StandIn, city: far.Platform
) -> None:
    run = report(standin, city)
    with pytest.raises(Refused, match="还有 2 处差异没有说明"):
        sign(run)
    with transaction() as session:
        first = reconciling_report.differences(session, run)[0]
    assert explain(run, "平台补发，电话 13812345678 已核", only=first.key) == 1
    with transaction() as session:
        assert "13812345678" not in str(
            session.get_one(ReconciliationDifference, first.key).explanation
        )
    with pytest.raises(Refused, match="还有 1 处"):
        sign(run)
    assert explain(run) == 1
    with pytest.raises(Refused, match="有变化"):
        sign(run, read="what was read before")
    sign(run)
    with transaction() as session:
        signed = reconciling_report.get(session, run.key)
    assert (signed.signed_by_name, signed.signed_words) == ("班长", "已核")
    assert signed.signed_at is not None


def test_a_signed_report_is_never_changed(standin: StandIn, city: far.Platform) -> None:
    run = report(standin, city)
    explain(run)
    sign(run)
    for deed in (lambda: explain(run), lambda: sign(run)):
        with pytest.raises(Refused, match="已签字"):
            deed()
    for statement in (
        "UPDATE work_order_difference SET explanation = 'x'",
        "DELETE FROM work_order_difference",
        "DELETE FROM work_order_reconciliation_line",
        "UPDATE work_order_reconciliation SET theirs = 0",
        "DELETE FROM work_order_reconciliation",
    ):
        with pytest.raises(DBAPIError, match="never changed"):
            change(statement)
    assert compare(again=True).number == 2
    assert len(found(run)) == 2


@pytest.mark.parametrize("deed", [explain, sign])
def test_an_unfinished_report_is_neither_explained_nor_signed(
    standin: StandIn, city: far.Platform, deed: object
) -> None:
    city.faults.set(Fault.DOWN, times=1)
    run = compare()
    with pytest.raises(Refused, match="还没有完成"):
        deed(run)  # type: ignore[operator]


def test_only_who_leads_signs(standin: StandIn, city: far.Platform) -> None:
    run = report(standin, city)
    explain(run)
    with pytest.raises(Refused) as refused:
        sign(run, actor=agent(1))
    assert refused.value.status == 403


def test_a_day_is_shanghais(standin: StandIn, city: far.Platform) -> None:
    before_midnight = datetime.combine(YESTERDAY, time(23, 59), SHANGHAI)
    standin.place(city, dispatched_at=before_midnight.isoformat())
    standin.place(city, dispatched_at=(before_midnight + timedelta(minutes=2)).isoformat())
    world.ring_and_work()
    run = compare()
    assert (run.theirs, run.ours) == (1, 1)


def test_one_killed_at_any_line_becomes_one_whole_report(
    standin: StandIn, city: far.Platform, mortal: Mortal
) -> None:
    place(standin, city)
    for line in lines_of(mortal.do("reconcile"))[::2]:
        change("DELETE FROM work_order_reconciliation")
        no = place(standin, city)
        assert mortal.do("reconcile", line) == "died"
        reconciling.reconcile(ours(), YESTERDAY)
        with transaction() as session:
            (run,) = session.exec(select(Reconciliation)).all()
        assert (run.state, run.number) == (RunState.DONE, 1), f"line {line}"
        assert found(run) == {no: (Kind.MISSING_HERE, Outcome.FETCHED)}, f"line {line}"
        assert world.order(no).state is State.RECEIVED
    world.until_quiet()
    assert world.differences(city) == []


def test_demonstration_reports_go_with_the_demonstration(
    standin: StandIn, city: far.Platform
) -> None:
    with transaction() as session:
        session.add(Reconciliation(platform="city", day=YESTERDAY, state=RunState.DONE,
                                   signed_at=now(), is_demo=True))  # fmt: skip
    with transaction() as session:
        demonstration.remove(session)
    with transaction() as session:
        assert session.exec(select(Reconciliation)).all() == []


def test_from_the_command_line(standin: StandIn, city: far.Platform) -> None:
    place(standin, city)
    asked = ["--date", str(YESTERDAY)]
    city.faults.set(Fault.DOWN, times=1)
    failed = CliRunner().invoke(command, asked)
    assert (failed.exit_code, "未完成" in failed.output) == (1, True)
    done = CliRunner().invoke(command, asked)
    assert done.exit_code == 0
    assert f"市12345 {YESTERDAY} 第 1 号：平台 1 张，我方 0 张，差异 1 处。" in done.output
    assert "已有报告" in CliRunner().invoke(command, asked).output
    again = CliRunner().invoke(command, [*asked, "--again", "--platform", "city"])
    assert "第 2 号：平台 1 张，我方 1 张，差异 0 处。" in again.output
    unknown = CliRunner().invoke(command, [*asked, "--platform", "nowhere"])
    assert isinstance(unknown.exception, Refused)
