"""Hospitals of the demonstration city: departments, made-up doctors, what they offer. Pure but
for reading the list of hospitals."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path

from hotline.booking.rules import ClinicKind, HalfDay
from hotline.booking.schedules_rules import OnHoliday, OnMakeUp, Plan
from hotline.demo.callers import SURNAMES

FILE = Path(__file__).parent / "data" / "hospitals.csv"
CITY = "南京"
# It has no line in the published table, and a rule of its own: nothing is cancelled.
EYES = "南京医科大学眼科医院"
_GENERAL = (
    "心血管内科", "呼吸内科", "消化内科", "神经内科", "内分泌科", "普通外科", "骨科", "泌尿外科",
    "妇科", "眼科", "耳鼻咽喉科", "皮肤科", "口腔科", "中医科",
)  # fmt: skip
_CHILDREN = ("儿科", "新生儿科", "小儿外科", "儿童保健科", "眼科", "耳鼻咽喉科", "皮肤科", "口腔科")
_SPECIAL = {
    "儿童": _CHILDREN,
    "妇幼": ("妇科", "产科", "生殖医学科", "新生儿科", "儿童保健科", "中医科"),
    "脑科": ("精神科", "心理科", "睡眠门诊", "神经内科", "神经外科", "康复科"),
    "胸科": ("胸外科", "呼吸内科", "心血管内科", "感染科", "肿瘤科"),
    "肿瘤": ("肿瘤科", "放疗科", "胸外科", "肝胆外科", "妇科", "中医科"),
    "眼科": ("眼科",),
    "中医": ("中医科", "针灸推拿科", "康复科", "骨科", "妇科", "皮肤科", "肛肠科", "消化内科"),
    "整形": ("烧伤整形科", "医疗美容科", "皮肤科", "口腔科"),
    "职业病": ("呼吸内科", "皮肤科", "体检中心"),
}
_GIVEN = "建国志强海燕秀兰文静晓明雨桐思远丽华永康慧敏国庆春生立新若兰子墨怀瑾景行"
_HOURS = {
    HalfDay.MORNING: (time(8), time(11)),
    HalfDay.AFTERNOON: (time(13, 30), time(16, 30)),
}
SEGMENT_MINUTES = 90
_RANKS = (
    (ClinicKind.EXPERT, "副主任医师", 25, (6, 12)),
    (ClinicKind.FAMOUS_EXPERT, "主任医师", 50, (2, 5)),
)


@dataclass(frozen=True)
class Clinic:
    """What one department offers again and again: a doctor's clinic, or whoever is on duty."""

    hospital: str
    department: str
    kind: ClinicKind
    doctor: str | None
    title: str | None
    fee: int
    capacity: int
    has_segments: bool


@cache
def hospitals() -> tuple[str, ...]:
    """Names, the busiest first."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return (*(row["医院"] for row in rows), EYES)


def departments(hospital: str) -> tuple[str, ...]:
    """What a hospital of this name would have; those of the list count."""
    found = [names for word, names in _SPECIAL.items() if word in hospital]
    return found[0] if found else _GENERAL


def clinics() -> Iterator[Clinic]:
    """Every clinic of the city, always the same."""
    for rank, hospital in enumerate(hospitals()):
        for department in departments(hospital):
            yield from _of_department(hospital, department, is_large=rank < 12)


def _of_department(hospital: str, department: str, is_large: bool) -> Iterator[Clinic]:
    rng = random.Random(f"clinic:{hospital}:{department}")
    yield Clinic(hospital, department, ClinicKind.GENERAL, None, None, 12, rng.randint(12, 30),
                 has_segments=False)  # fmt: skip
    surnames = rng.sample(SURNAMES, len(_RANKS))  # nobody twice in a department
    for (kind, title, fee, (least, most)), surname in zip(_RANKS, surnames, strict=True):
        yield Clinic(hospital, department, kind, surname + _given(rng), title, fee,
                     rng.randint(least, most), has_segments=is_large)  # fmt: skip


def _given(rng: random.Random) -> str:
    start = rng.randrange(0, len(_GIVEN), 2)
    return _GIVEN[start : start + rng.choice((1, 2, 2))]


def pattern(clinic: Clinic, half: HalfDay, since: date) -> Plan | None:
    """When a clinic takes place: experts some half-days, nobody on Sunday afternoons.

    Holidays are like other days, so that there is always something to look at.
    """
    weekdays = "".join(str(day + 1) for day in range(7) if _is_held(clinic, half, day))
    if not weekdays:
        return None
    starts_at, ends_at = _HOURS[half] if clinic.has_segments else (None, None)
    return Plan(
        weekdays, half, clinic.capacity, since, starts_at=starts_at, ends_at=ends_at,
        segment_minutes=SEGMENT_MINUTES if clinic.has_segments else None,
        on_holiday=OnHoliday.AS_USUAL, on_make_up=OnMakeUp.AS_USUAL,
    )  # fmt: skip


def _is_held(clinic: Clinic, half: HalfDay, weekday: int) -> bool:
    rng = random.Random(f"session:{clinic.hospital}:{clinic.department}:{clinic.doctor}:"
                        f"{weekday}")  # fmt: skip
    morning, afternoon = rng.random(), rng.random()
    if weekday == 6 and (half is HalfDay.AFTERNOON or clinic.doctor is not None):
        return False
    share = 1.0 if clinic.doctor is None else 0.45
    return (morning if half is HalfDay.MORNING else afternoon) < share
