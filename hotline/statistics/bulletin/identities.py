"""What must add up in a bulletin, as data; ``checking`` adds it up. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.statistics.bulletin.rules import TOTAL, Kind, Weight

HARD, SOFT = Weight.HARD, Weight.SOFT
B, C, T = Kind.BOOKING.value, Kind.CHANNELS.value, Kind.TERMINALS.value


@dataclass(frozen=True)
class Declared:
    """``said`` must be what ``parts`` come to. A part is a figure's key, ``*`` any piece of it; a
    minus before it takes it away, and with a question mark it may be missing. ``{row}`` and
    ``{column}`` make one identity for each row and column of the table that ``said`` is in.
    ``only`` is the form it is about.
    """

    code: str
    name: str
    weight: Weight
    said: str
    parts: tuple[str, ...]
    only: str = ""


IDENTITIES = (
    Declared("categories", "各分类之和 = 受理咨询电话", HARD, "headline/total",
             ("headline/category/*",)),
    Declared("province", "各市之和 = 全省接听电话", HARD, f"province/{TOTAL}", ("province/*",)),
    Declared("own_city", "各市表里的本市 = 受理咨询电话", HARD, "own_said", ("headline/total",)),
    Declared("booking_rows", "{row}：各栏之和 = 小计", HARD, f"{B}/{{row}}/total",
             (f"{B}/{{row}}/*",)),
    Declared("booking_columns", "{column}：各医院之和 = 合计", HARD, f"{B}/{TOTAL}/{{column}}",
             (f"{B}/*/{{column}}",)),
    Declared("channels", "各途径之和 = 途径合计", HARD, f"{C}/{TOTAL}/count", (f"{C}/*/count",)),
    Declared("phone", "正文电话预约 = 电话预约栏", HARD, "headline/category/booking",
             (f"{B}/{TOTAL}/phone",), only="2020"),
    Declared("online", "健康南京 + 微信 + 12320网 = 12320在线预约", HARD, f"{B}/{TOTAL}/online",
             ("way/online/*",)),
    Declared("complaints", "医疗服务投诉 = 自接工单", SOFT, "headline/category/complaint",
             ("orders/self",), only="2023"),
    Declared("quick", "快速预约栏 = 快速预约途径", SOFT, f"{B}/{TOTAL}/quick",
             ("way/quick/*", "?folded/phone"), only="2023"),
    Declared("ways", "途径合计 = 在线 + 快速 + 第三方", SOFT, f"{C}/{TOTAL}/count",
             (f"{B}/{TOTAL}/online", f"{B}/{TOTAL}/quick", f"{B}/{TOTAL}/third_party",
              "-?folded/phone"), only="2023"),
    Declared("ways_2020", "途径合计 = 在线 + 快速 + 第三方途径", SOFT, f"{C}/{TOTAL}/count",
             (f"{B}/{TOTAL}/online", "way/quick/*", "way/third_party/*"), only="2020"),
    Declared("cumulative", "总预约挂号量 = 上月累计 + 本月", SOFT, "cumulative/cumulative",
             ("cumulative/before", f"{B}/{TOTAL}/total")),
    Declared("terminals", "自助终端{column}：各单位之和 = 合计", SOFT, f"{T}/{TOTAL}/{{column}}",
             (f"{T}/*/{{column}}",)),
    Declared("remote", "远程会诊：各类机构之和 = 累计接入", SOFT, "remote/会诊/接入机构",
             ("remote/会诊/二级以上", "remote/会诊/社区中心", "remote/会诊/都市圈",
              "remote/会诊/帮扶", "remote/会诊/其他")),
    Declared("source", "{row}：文件 = 本系统", SOFT, "file/{row}", ("here/{row}",)),
    Declared("unfiled", "没有漏登记的来电", SOFT, "apart/unfiled", ()),
    Declared("outside", "没有口径外分类的来电", SOFT, "apart/outside", ()),
)  # fmt: skip
