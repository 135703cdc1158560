"""What a figure is called on a page, in an identity, in a correction. Pure."""

from __future__ import annotations

from hotline.booking.rules import Column
from hotline.classification.vocabulary import Category
from hotline.statistics.bulletin.figures import Key, field_of
from hotline.statistics.bulletin.rules import TOTAL, Kind

ORDERS = {"city": "市12345工单", "province": "省12345工单", "self": "自接工单"}
APART = {
    "non_business": "非业务来电",
    "outside": "口径外分类的来电",
    "unfiled": "已服务未登记的来电",
    "unanswered": "没有接通也未登记的来电",
}
_ALONE = {"own_said": "文件里的本市电话量", "sheets": "应有的表"}
CUMULATIVE = {"cumulative": "总预约挂号量", "before": "上月总预约挂号量"}


def of(key: Key, month: str) -> str:
    """``预约挂号服务统计 · 鼓楼医院 · 电话预约``."""
    first, rest = key[0], key[1:]
    if first == "headline":
        return "受理咨询电话" if rest == ("total",) else _label(Category, rest[1])
    if first == "province":
        return "全省接听电话" if rest[0] == TOTAL else f"{rest[0]}电话量"
    if first == "way":
        return f"途径 {rest[1]}"
    if first in _ALONE:
        return _ALONE[first]
    simple = {"orders": ORDERS, "apart": APART, "cumulative": CUMULATIVE}
    if first in simple:
        return simple[first].get(rest[0], rest[0])
    return _of_table(key, month)


def _of_table(key: Key, month: str) -> str:
    first, rest = key[0], key[1:]
    if first in ("folded", "file", "here"):
        words = {"folded": "并入的", "file": "文件的", "here": "本系统的"}[first]
        return words + _label(Column, rest[0])
    if first == "remote":
        return "远程医疗 · " + " · ".join(rest)
    one = field_of(key, month)
    return " · ".join([_label(Kind, first), rest[0], one.label if one else rest[-1]])


def column(code: str) -> str:
    """A column of bookings."""
    return _label(Column, code)


def _label(codes: type[Category] | type[Column] | type[Kind], code: str) -> str:
    found = codes.known(code)
    return found.label if found else code
