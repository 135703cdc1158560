"""What people call a hospital, by the rules its name follows. Pure.

江苏省人民医院 is 省人民, 南京市第一医院 is 市一 and 一院, 东南大学附属中大医院 is 中大. What
follows no rule stands in ``data/nicknames.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hotline.classification.departments import called

_IN_BRACKETS = re.compile(r"[（(](.*?)[）)]")
_PROVINCE = re.compile(r"^\w{2,3}省")
_DISTRICT = re.compile(r"^(\w{2})[区县](?=\w{2})")
_PEOPLES = re.compile(r"^(\w{2})[区县]?人民医院$")
_NUMBERED = re.compile(r"^第([一二三四五六七八九十])(\w*?)医院$")
_ATTACHED = re.compile(r"^(\w+大学)(?:(?:附属)?(\w*?)|第([一二三四五六])附属)医院$")
_MEDICAL = re.compile(r"^(\w)\w?医科大学")
_COMPREHENSIVE = re.compile(r"^(\w)\w大学")
_END = re.compile(r"医院$|保健院$|防治院$")
# By itself any hospital's, so only after 省 or 市.
_ANYBODYS = frozenset(["人民", "中医", "中西医结合", "红十字", "口腔", "肿瘤"])
# After 市 stands a kind, or the name of a district, which by itself is no hospital.
_KINDS = frozenset(["儿童", "妇幼", "胸科", "脑科", "传染病"])


def ways_to_call(name: str, city: str) -> tuple[str, ...]:
    """The name, the longest first, and every shorter one that follows from it."""
    plain = _IN_BRACKETS.sub("", name)
    wings = [wing for wing in _IN_BRACKETS.findall(name) if len(wing) >= 2]
    shorter = list(dict.fromkeys(_shorter(plain, city)))
    if wings:  # 江宁医院 is the house itself
        shorter = [*wings, *(f"{way}{wing}" for wing in wings for way in shorter)]
    return tuple(way for way in dict.fromkeys([name, plain, *shorter]) if len(way) >= 2)


def _shorter(plain: str, city: str) -> Iterator[str]:
    if attached := _ATTACHED.match(plain):
        yield from _of_a_university(*attached.groups())
        return
    if province := _PROVINCE.match(plain):
        yield from _of("省", plain[province.end() :])
        return
    if city and re.match(rf"{re.escape(city)}市(?!立)", plain):
        here = plain.removeprefix(f"{city}市")
        yield here
        yield from _of("市", here)
        return
    here = re.sub(rf"^{re.escape(city)}(?!\w*大学)", "", plain) if city else plain
    yield here
    bare = _END.sub("", here)
    if here not in (plain, bare) and _means_one(bare):
        yield bare


def _of(place: str, here: str) -> Iterator[str]:
    """人民医院 of a province or a city: 省人民医院, 省人民, 省人医."""
    for way in (here, *_in_a_district(here)):
        yield way if place == "市" else f"{place}{way}"
        yield f"{place}{way}"
        yield from _bare(place, way)
    if numbered := _NUMBERED.match(here):
        number, kind = numbered[1], numbered[2].replace("中", "中医")
        yield from (f"{place}{number}{kind}", f"{place}{number}{kind.removesuffix('医')}医院")
        if not kind:
            yield from (f"{number}院", f"{place}{number}院")


def _bare(place: str, way: str) -> Iterator[str]:
    short = f"{way[:-3]}中医" if way.endswith("中医院") else _END.sub("", way)
    if short == way or _DISTRICT.match(way):
        return
    if short == "人民":
        yield f"{place}人医"
    if place == "省" or short in _KINDS | _ANYBODYS or called(short) or "中医" in short:
        yield f"{place}{short.removesuffix('结合')}"
    if place == "市" and (short in _KINDS or way.endswith("中医院")) and short not in _ANYBODYS:
        yield short


def _in_a_district(here: str) -> Iterator[str]:
    """溧水区人民医院: 溧水人民医院, 溧水医院."""
    if district := _DISTRICT.match(here):
        yield f"{district[1]}{here[district.end() :]}"
    if peoples := _PEOPLES.match(here):
        yield f"{peoples[1]}医院"


def _of_a_university(university: str, own: str | None, number: str | None) -> Iterator[str]:
    """南京医科大学第二附属医院: 二附院, 南医大二附院. 附属中大医院: 中大."""
    if not _MEDICAL.match(university):
        short = _COMPREHENSIVE.sub(r"\1大", university)
    else:
        short = _MEDICAL.sub(r"\1医大", university)
    own_number = _NUMBERED.match(f"{own}医院") if own else None
    number = number or (own_number[1] if own_number else None)
    if number:
        yield from (f"第{number}附属医院", f"附属第{number}医院", f"{number}附院", f"附{number}院")
        yield from (f"{short}{number}附院", f"{short}附{number}院")
    elif own:
        yield from (f"{own}医院", f"{short}{own}医院")
        if _means_one(own):
            yield own
    else:
        yield from (f"{short}附属医院", f"{short}附院", f"{short}医院")


def _means_one(short: str) -> bool:
    """眼科 is a department, 人民 anybody's."""
    return len(short) >= 2 and short not in _ANYBODYS and not called(short)
