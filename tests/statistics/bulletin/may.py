"""A month in the form of 2023, on figures of our own."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlmodel import Session

from tests.statistics.bulletin import april

MONTH = "2023-05"
START = "2023-04-30T16:00:00Z"
CATEGORIES = {
    "consultation": 20, "complaint": 3, "booking": 15, "manual": 7, "crisis": 2, "self_service": 4,
}  # fmt: skip
ORDERS = {"city": 30, "province": 15, "self": 3}
BOOKING = (
    "序号,单位,12320在线预约,快速预约,诊间预约,第三方,小计\n"
    "1,南京鼓楼医院,40,6,10,4,60\n2,江苏省人民医院,11,2,0,3,16\n合计,,51,8,10,7,76\n"
)
CHANNELS = (
    "序号,名称,预约数量,序号,名称,预约数量\n"
    "1,健康南京客户端,30,4,江苏省预约挂号网,7\n2,南京卫生12320微信平台,20,,,\n"
    "3,12320快速预约,8,5,南京卫生12320网,1\n合计,,66,,,\n"
)
FILES = {
    "booking_by_hospital.csv": BOOKING,
    "online_channels.csv": CHANNELS,
    "province_calls.csv": "城市,人次\n苏州市,40\n南通,9\n合计,100\n",
    "cumulative_bookings.txt": "1076\n",
}
SHEETS = "sheets"  # platform tables, terminals and remote medicine are not there
TEXT = [
    "2023年5月，南京12320卫生热线共受理咨询电话51个，其中咨询类（不含专家咨询）20个、医疗服务投诉3个、"
    "电话预约15个、人工服务7通、心理危机干预2通、自助语音问答4个，受理市12345工单30件，省12345工单15件，"
    "自接工单3件。",
    "2023年5月，全省12320共接听电话100人次，其中南京51人次、苏州市40人次、南通市9人次。",
    "（截止5月底，总预约挂号量为1076次）",
]


def files(**changed: str) -> dict[str, bytes]:
    """The sheets, some of them otherwise."""
    return {name: text.encode() for name, text in (FILES | changed).items()}


def fill(session: Session) -> None:
    """Calls, orders and sheets."""
    april.fill_calls(session, CATEGORIES, START)
    april.fill_orders(session, ORDERS, datetime(2023, 5, 15, tzinfo=UTC))
    april.bring_in(session, MONTH, files())
