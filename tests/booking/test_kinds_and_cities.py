"""Examinations, health checks, vaccinations, beds; several cities; names as they are written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlmodel import select

from hotline.booking import attendance, changing, exporting, queries, service, showing
from hotline.booking.cli import booking
from hotline.booking.models import BookingRule, Doctor, Hospital, Resource, Slot
from hotline.booking.queries import Wanted
from hotline.booking.rules import ResourceKind
from hotline.booking.texts import Template, said
from hotline.clock import now, today
from hotline.console import booking_told
from hotline.errors import Refused
from tests.booking.places import AGENT, assert_counted, person

DAY = today() + timedelta(days=4)
HEADERS = "医院,科室,医生,号别,日期,午别,号源数,类别,项目,城市\n"
KINDS = {
    ResourceKind.EXAMINATION: "胃镜",
    ResourceKind.HEALTH_CHECK: "健康证体检",
    ResourceKind.VACCINATION: "流感疫苗",
    ResourceKind.BED: "老年病房床位",
}


@pytest.fixture
def run(session, redis, tmp_path):
    """Import one sheet; what was said."""

    def run(content, code=0):
        path = tmp_path / "a.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        result = CliRunner().invoke(booking, ["import", str(path)])
        assert result.exit_code == code, result.output
        return result.output

    return run


def search(session, **wanted):
    return queries.search(session, Wanted(DAY, DAY, **wanted), now()).rows


@pytest.mark.parametrize(("kind", "item"), KINDS.items())
def test_every_kind_is_imported_found_booked_and_named(session, run, kind, item):
    run(HEADERS + f"鼓楼医院,门诊部,,,{DAY},上午,2,{kind.label},{item},\n")
    (offer,) = search(session, category=kind)
    assert (offer.item, offer.kind, offer.free, offer.closed) == (item, None, 2, None)
    assert search(session, item=item) == [offer]
    assert search(session, item="别的") == search(session, category=ResourceKind.CLINIC) == []
    held = service.hold(session, offer.slot_id, person(1), "agent", AGENT)
    made = service.confirm(session, held.hold_id, AGENT)
    out = showing.booking_out(session, made)
    assert (out["category"], out["item"], out["kind"]) == (kind, item, None)
    assert booking_told.one(session, type(made).id == made.id).clinic == item
    _, told = said(session, made.id, Template.CONFIRMED)
    assert f"鼓楼医院门诊部{item}，预约号{made.booking_no}" in told
    changing.cancel(session, made.booking_no, "不来了", AGENT)
    assert search(session)[0].free == 2
    assert_counted(session)


def test_two_items_of_one_department_are_two_and_again_changes_them(session, run):
    rows = HEADERS + "".join(
        f"鼓楼医院,接种,,,{DAY},上午,{{}},预防接种,{item},\n" for item in ("流感疫苗", "狂犬疫苗")
    )
    run(rows.format(2, 3))
    assert "更新 2 行" in run(rows.format(4, 5))
    assert [offer.capacity for offer in search(session)] == [4, 5]
    assert len(session.exec(select(Resource)).all()) == 2


def test_clinics_with_and_without_the_column_are_the_same(session, run):
    run(f"医院,科室,号别,日期,午别,号源数\n鼓楼医院,心内科,普通,{DAY},上午,2\n")
    assert "更新 1 行" in run(HEADERS + f"鼓楼医院,心内科,,普通,{DAY},上午,3,门诊,,\n")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (f"鼓楼医院,接种,,,{DAY},上午,2,预防接种,,", "第 2 行 项目：不能为空"),
        (
            f"鼓楼医院,接种,,,{DAY},上午,2,疫苗,流感,",
            "第 2 行 类别：“疫苗”不认识，应为：门诊、检查",
        ),
        (f"鼓楼医院,内科,,,{DAY},上午,2,,,", "第 2 行 号别：不能为空"),
    ],
)
def test_a_category_without_its_item_is_a_fault(run, row, says):
    assert says in run(HEADERS + row + "\n", code=1)


def test_a_hospital_of_one_name_in_two_cities_is_two(session, run):
    run("医院,城市,级别\n第一医院,,三级\n第一医院,马鞍山,二级\n")
    run(
        HEADERS
        + f"第一医院,内科,,普通,{DAY},上午,2,,,\n第一医院,内科,,普通,{DAY},上午,9,,,马鞍山\n"
    )
    run("医院,规则,值,生效日期,城市\n"
        f",可约天数,3,{today()},马鞍山\n"
        f"第一医院,退号截止,前1天 12:00,{today()},马鞍山\n")  # fmt: skip
    own, other = session.exec(
        select(Hospital).where(Hospital.name == "第一医院").order_by(Hospital.id)
    ).all()
    assert (own.city, own.level, other.city, other.level) == ("南京", "三级", "马鞍山", "二级")
    assert [offer.capacity for offer in search(session, city="马鞍山")] == [9]
    assert [(offer.capacity, offer.closed) for offer in search(session, city="南京")] == [(2, None)]
    assert search(session, city="马鞍山")[0].closed == "too_early", "that city's rule, not ours"
    assert queries.cities(session) == ["南京", "马鞍山"]
    assert [one.city for one in queries.hospitals(session, "马鞍山")] == ["马鞍山"]
    assert queries.hospital_id(session, "第一医院") == own.id, "the site's own city is meant"
    rules = session.exec(select(BookingRule).where(BookingRule.hospital_id == other.id)).all()
    assert [rule.name for rule in rules] == ["cancel_until"]


def test_a_name_in_two_other_cities_is_not_guessed(session, run):
    run("医院,城市\n人民医院,马鞍山\n人民医院,滁州\n")
    with pytest.raises(Refused) as refused:
        queries.hospital_id(session, "人民医院")
    assert refused.value.code == "hospital_ambiguous"


RARE = "𠮷野·阿依古丽"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_rare_names_come_in_are_booked_and_go_out_as_they_are(session, run, encoding, tmp_path):
    row = f"𠮷祥医院,骨科,{RARE},专家,{DAY},上午,2,,,\n"
    run((HEADERS + row).encode(encoding))
    assert session.exec(select(Doctor.name)).one() == RARE
    (offer,) = search(session, doctor=RARE)
    held = service.hold(session, offer.slot_id, person(1, name="㛃·Müller 𠮷"), "agent", AGENT)
    made = service.confirm(session, held.hold_id, AGENT)
    told = booking_told.one(session, type(made).id == made.id)
    assert told.account.name == "㛃·Müller 𠮷"
    assert told.clinic == f"{RARE}医生专家门诊"
    exported = "".join(exporting.pieces(session, DAY, DAY, "𠮷祥医院"))
    assert RARE in exported
    assert "更新 1 行" in run(exported)
    assert session.exec(select(Slot.capacity)).all() == [2]


def test_visits_of_any_kind_are_settled(session, run):
    run(HEADERS + f"鼓楼医院,接种,,,{DAY},上午,2,预防接种,流感疫苗,\n")
    held = service.hold(session, search(session)[0].slot_id, person(1), "agent", AGENT)
    made = service.confirm(session, held.hold_id, AGENT)
    later = made.pick_up_by + timedelta(days=1)
    done = attendance.report(session, made.booking_no, True, AGENT, at=later)
    assert done.state == "attended"
