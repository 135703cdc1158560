"""The bulletin's vocabulary, and the sheets it is made of as declared data. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.booking.month_layouts import layout_of
from hotline.labels import Labelled

# A count, or money in fen; a word where nobody gave a number ("未反馈"), or a pair like "26/83".
Cell = int | str
TOTAL = "合计"
LEAST_SHOWN = 5  # smaller cells of a breakdown are not shown: they may point to a person


class Kind(Labelled):
    """A sheet of outside figures. The code is the stem of its file's name."""

    BOOKING = "booking_by_hospital", "预约挂号服务统计"
    CHANNELS = "online_channels", "线上预约情况"
    PROVINCE = "province_calls", "全省各市电话量"
    DISTRICTS = "platform_districts", "卫生信息平台数据采集情况（各区）"
    HOSPITALS = "platform_hospitals", "卫生信息平台数据采集情况（各医院）"
    TERMINALS = "terminals", "自助终端使用情况"
    REMOTE = "remote_medicine", "远程医疗"
    CUMULATIVE = "cumulative_bookings", "总预约挂号量"


class Holds(Labelled):
    """What a column's cells are."""

    NUMBER = "number", "序号"
    NAME = "name", "名称"
    COUNT = "count", "数量"
    MONEY = "money", "金额（元）"
    DAYS = "days", "天数"
    PAIR = "pair", "已报/应报"
    WORDS = "words", "文字"


class Weight(Labelled):
    """What follows when an identity does not hold."""

    HARD = "hard", "必须一致"
    SOFT = "soft", "提醒"


@dataclass(frozen=True)
class Field:
    """A column of a sheet: its code, its printed head, what it holds, other heads it is known by.

    ``goes_with`` is the count that money belongs to.
    """

    key: str
    label: str
    holds: Holds = Holds.COUNT
    also: tuple[str, ...] = ()
    may_be_missing: bool = False
    goes_with: str = ""


_NUMBER = Field("number", "序号", Holds.NUMBER, may_be_missing=True)


def _named(label: str, *also: str) -> Field:
    return Field("name", label, Holds.NAME, also)


_SHEETS: dict[Kind, tuple[Field, ...]] = {
    Kind.CHANNELS: (_NUMBER, _named("名称"), Field("count", "预约数量")),
    Kind.PROVINCE: (_named("城市"), Field("count", "人次")),
    Kind.DISTRICTS: (
        _named("接入单位"),
        Field("declared", "申明上传表/规定上传表", Holds.PAIR, ("申明上传表/规定上传",)),
        Field("uploaded", "已上传表（CDA文档）"),
        Field("volume", "数据上传量"),
        Field("days", "数据上传天数", Holds.DAYS),
        Field("outpatients", "门急诊信息上传人次"),
        Field("discharges", "出院信息上传人次"),
        Field("records", "健康档案基本信息"),
        Field("hypertension", "高血压"),
        Field("diabetes", "糖尿病"),
    ),
    Kind.HOSPITALS: (
        _named("接入单位"),
        Field("declared", "申明上传表/规定上传", Holds.PAIR, ("申明上传表/规定上传表",)),
        Field("uploaded", "已上传表/CDA文档（份）"),
        Field("volume", "数据上传量"),
        Field("days", "数据上传天数", Holds.DAYS),
        Field("outpatients", "门急诊信息上传人次"),
        Field("discharges", "出院信息上传人次"),
    ),
    Kind.TERMINALS: (
        _named("单位"),
        Field("units", "投放台数"),
        Field("registrations", "挂号（次）"),
        Field("registered_fen", "挂号金额（元）", Holds.MONEY, goes_with="registrations"),
        Field("payments", "缴费（次）"),
        Field("paid_fen", "缴费金额（元）", Holds.MONEY, goes_with="payments"),
    ),
    Kind.REMOTE: (
        _named("平台"),
        Field("item", "指标", Holds.WORDS),
        Field("count", "数值"),
        Field("who", "名称", Holds.WORDS, may_be_missing=True),
    ),
}  # fmt: skip


def fields_of(kind: Kind, month: str) -> tuple[Field, ...]:
    """The columns of a sheet in a month, in the order they are printed."""
    if kind is not Kind.BOOKING:
        return _SHEETS[kind]
    printed = tuple(Field(one.column.value, one.label) for one in layout_of(month).columns)
    return (_NUMBER, _named("单位"), *printed, Field("total", "小计"))


@dataclass(frozen=True)
class Table:
    """A sheet's figures. ``rows`` are cells in the order of ``fields``; ``said`` is the 合计 that
    came with them, ``lines`` the row of the file each came from (0: counted here)."""

    kind: Kind
    fields: tuple[Field, ...]
    rows: list[list[Cell]]
    said: list[Cell] | None = None
    lines: tuple[int, ...] = ()
    prints_said: bool = False

    @property
    def totals(self) -> list[Cell]:
        """The 合计 row that is printed: what the rows come to, unless somebody chose otherwise."""
        if self.prints_said and self.said:
            return self.said
        return [self._total(place) for place in range(len(self.fields))]

    def _total(self, place: int) -> Cell:
        field = self.fields[place]
        if field.holds is Holds.NAME:
            return TOTAL
        if field.holds not in (Holds.COUNT, Holds.MONEY):
            return ""
        return sum(cell for row in self.rows if isinstance(cell := row[place], int))

    def total_of(self, key: str) -> int | None:
        """A column's printed total, or None where the sheet has no such column."""
        for place, field in enumerate(self.fields):
            if field.key == key and isinstance(found := self.totals[place], int):
                return found
        return None
