"""The bulletin's sentences from its figures, in the form of its month. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hotline.statistics.bulletin import layouts
from hotline.statistics.bulletin.figures import Month
from hotline.statistics.bulletin.layouts import wording_of

_SLOT = re.compile(r"\{(\w+?)\}")


def paragraphs(month: Month) -> list[str]:
    """The text, a paragraph each; what is not known is left out."""
    found = [headline(month), province(month), cumulative(month), *remote(month)]
    return [one for one in found if one]


def title(month: Month) -> str:
    """``南京12320卫生热线2020年4月数据统计``."""
    return layouts.TITLE.format(**_when(month), city=month.city)


def remote_title(month: Month) -> str:
    """The heading of the second section."""
    return layouts.REMOTE_TITLE.format(**_when(month), city=month.city)


def headline(month: Month) -> str:
    """The first sentence."""
    form = wording_of(month.month)
    parts = "、".join(
        f"{category.label}{month.headline.get(category.value, 0)}{unit}"
        for category, unit in form.parts
    )
    orders = "，".join(sentence.format(month.orders.get(by) or 0) for by, sentence in form.orders)
    return form.headline.format(
        **_when(month), city=month.city, total=month.total, parts=parts, orders=orders
    )


def province(month: Month) -> str:
    """All cities' calls; nothing where only our own are known."""
    form = wording_of(month.month)
    if month.province_total is None:
        return ""
    said = "、".join(
        f"{one.name}{'' if one.is_own else form.other_city}{one.calls}人次"
        for one in month.cities_ranked
    )
    return form.province.format(**_when(month), total=month.province_total, cities=said)


def cumulative(month: Month) -> str:
    """All bookings to date."""
    if month.cumulative is None:
        return ""
    return layouts.CUMULATIVE.format(**_when(month), total=month.cumulative)


def remote(month: Month) -> Iterator[str]:
    """A paragraph for each platform of which everything is known."""
    for platform, sentence in layouts.REMOTE:
        given = _when(month) | {"city": month.city}
        for (of, item), (count, who) in month.remote.items():
            if of == platform:
                given |= {item: str(count), f"{item}名称": who}
        if all(slot in given for slot in _SLOT.findall(sentence)):
            yield sentence.format(**given)


def _when(month: Month) -> dict[str, str]:
    return {"year": month.month[:4], "month": str(int(month.month[5:]))}
