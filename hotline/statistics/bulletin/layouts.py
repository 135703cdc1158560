"""The bulletin's wording, a version from a month on. Data, and pure.

Sources: the published bulletins of 2020-04 and of 2023.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.classification.vocabulary import Category


@dataclass(frozen=True)
class Layout:
    """One form of the text. ``headline`` has {year} {month} {city} {total} {parts} {orders};
    ``parts`` are categories with their unit, ``orders`` sentences by who sent them."""

    name: str
    since: str
    headline: str
    parts: tuple[tuple[Category, str], ...]
    orders: tuple[tuple[str, str], ...]
    province: str
    other_city: str

    @property
    def has_self_orders(self) -> bool:
        """Whether the text says how many orders we wrote ourselves."""
        return any(code == "self" for code, _ in self.orders)


_HEADLINE = "{year}年{month}月，{city}12320卫生热线共受理咨询电话{total}个，其中{parts}，{orders}。"
_RECEIVED = (("city", "受理市12345工单{}件"), ("province", "省12345工单{}件"))

LAYOUTS = (
    Layout(
        "2020",
        "0001-01",
        _HEADLINE,
        (
            (Category.CONSULTATION, "个"),
            (Category.COMPLAINT, "个"),
            (Category.BOOKING, "个"),
            (Category.CRISIS, "个"),
            (Category.SURVEY, "个"),
            (Category.SELF_SERVICE, "个"),
        ),
        _RECEIVED,
        "{month}月，全省12320共接听电话{total}人次，各市电话量统计为：{cities}。",
        "",
    ),
    Layout(
        "2023",
        "2023-01",
        _HEADLINE,
        (
            (Category.CONSULTATION, "个"),
            (Category.COMPLAINT, "个"),
            (Category.BOOKING, "个"),
            (Category.MANUAL, "通"),
            (Category.CRISIS, "通"),
            (Category.SELF_SERVICE, "个"),
        ),
        (*_RECEIVED, ("self", "自接工单{}件")),
        "{year}年{month}月，全省12320共接听电话{total}人次，其中{cities}。",
        "市",
    ),
)
TITLE = "{city}12320卫生热线{year}年{month}月数据统计"
REMOTE_TITLE = "{year}年{month}月{city}市远程医疗系统数据统计"
CUMULATIVE = "（截止{month}月底，总预约挂号量为{total}次）"
WITHOUT = "（不包含12320电话预约、医院诊间预约、医院自有途径预约）"
# Where a channel of the second table stands in the first; every other one is 第三方.
CHANNEL_WORDS = (("online", ("健康南京", "微信", "12320网")), ("quick", ("快速预约",)))

# Remote medicine: a paragraph a platform; what stands in braces is an item of the sheet, and
# with 名称 behind it the name in that row.
REMOTE: tuple[tuple[str, str], ...] = (
    (
        "会诊",
        "{city}市远程医学会诊平台累计接入{接入机构}家医疗机构。其中{city}市内二级以上医疗机构{二级以上}家，"
        "社区卫生服务中心{社区中心}家；{city}都市圈城市{都市圈}家，边远地区帮扶医疗机构{帮扶}家，"
        "其他机构{其他}家，累计通过平台开展各类会诊{会诊次数}次（未通过平台申请的会诊未统计在内）。",
    ),
    (
        "心电",
        "{city}市远程心电监测诊断平台累计接入{接入机构}家医疗机构，联通{联通城市名称}{联通城市}个城市。"
        "其中，{city}市内接入三级医院{三级医院}家，覆盖{覆盖区}个区的社区卫生服务中心，"
        "以及{city}都市圈城市的{都市圈}家医疗机构。{month}月份采集心电病例{病例}份，会诊量{会诊量}例。"
        "{month}月数据上传量排名前三的分别是{排名1名称}{排名1}份，{排名2名称}{排名2}份，{排名3名称}{排名3}份。",
    ),
    (
        "临检",
        "{city}市远程临检诊断平台累计接入{接入机构}家医疗机构，其中二级以上医疗机构{二级以上}家，"
        "覆盖市内{覆盖区}个区。{month}月份共采集检验报告{报告}份，通过平台流转标本{标本}份。"
        "{month}月数据上传量排名前三的分别是{排名1名称}{排名1}份，{排名2名称}{排名2}份，{排名3名称}{排名3}份。",
    ),
    (
        "影像",
        "{city}市远程影像诊断平台累计接入{接入机构}家医疗机构，其中二级以上医疗机构{二级以上}家，"
        "覆盖市内{覆盖区}个区。{month}月份共采集影像报告{报告}份，图像量{图像}份。"
        "{month}月数据上传量前三的分别是{排名1名称}{排名1}份，{排名2名称}{排名2}份，{排名3名称}{排名3}份。",
    ),
    ("信息平台", "（截止{month}月底，区及医院累计校验入库数据{入库亿条}亿条）"),
)


def wording_of(month: str) -> Layout:
    """The form of a month ``YYYY-MM``: the latest that was in use by then."""
    return max((one for one in LAYOUTS if one.since <= month), key=lambda one: one.since)


def channel_column(name: str) -> str:
    """The column of the first table that a channel of the second counts in, by its name."""
    for column, words in CHANNEL_WORDS:
        if any(word in name for word in words):
            return column
    return "third_party"
