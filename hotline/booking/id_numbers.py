"""Identity documents: the 18-digit number (GB 11643), passports, papers of 港澳台. Pure.

What is refused is refused with a sentence that can be read to a caller.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from hotline.errors import Refused
from hotline.labels import Labelled


class Document(Labelled):
    """What a person is known by."""

    ID_CARD = "id_card", "居民身份证"
    RESIDENCE_PERMIT = "residence_permit", "港澳台居民居住证"
    FOREIGN_PERMIT = "foreign_permit", "外国人永久居留身份证"
    HK_MACAU_PASS = "hk_macau_pass", "港澳居民来往内地通行证"
    TAIWAN_PASS = "taiwan_pass", "台湾居民来往大陆通行证"
    PASSPORT = "passport", "护照"


class Sex(Labelled):
    """As the 17th digit says."""

    MALE = "male", "男"
    FEMALE = "female", "女"


@dataclass(frozen=True)
class Identity:
    """A document that holds together. Passports and passes say neither birth date nor sex."""

    document: Document
    number: str
    born_on: date | None = None
    sex: Sex | None = None


# GB/T 2260: the first two digits of an ID card; 81 to 83 are residence permits of 港澳台.
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
OLDEST_YEAR = 1900
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
_EIGHTEEN = re.compile(r"\d{17}[\dX]")
_PASSES = (
    (Document.HK_MACAU_PASS, re.compile(r"[HM]\d{8}(?:\d{2})?")),
    (Document.TAIWAN_PASS, re.compile(r"\d{8}|\d{10}[A-Z]?")),
    (Document.FOREIGN_PERMIT, re.compile(r"[A-Z]{3}\d{12}")),
    (Document.PASSPORT, re.compile(r"(?=.*\d{5})[A-Z][A-Z0-9]{5,14}|[A-Z]{1,2}\d{6,9}")),
)


def check_digit(first17: str) -> str:
    """The 18th character by GB 11643 (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11]


def clean(raw: str) -> str:
    """One spelling: narrow, capital, without the spaces and dashes people put between groups."""
    return re.sub(r"[\s\-\u2010-\u2015]", "", unicodedata.normalize("NFKC", raw)).upper()


def read(raw: str, today: date) -> Identity:
    """The document a number belongs to. Raises Refused ``id_number_invalid``."""
    number = clean(raw)
    if not number.isascii():
        raise _bad("证件号码只能含数字和字母，请核对。")
    if len(number) == 15 and number.isdecimal():
        raise _bad("15 位旧身份证号已停用，请提供 18 位身份证号。")
    if number.isdecimal() and len(number) in (16, 17, 19):
        raise _bad(f"身份证号应为 18 位，现在是 {len(number)} 位，请核对。")
    if len(number) == 18:
        return _read_eighteen(number, today)
    for document, pattern in _PASSES:
        if pattern.fullmatch(number):
            return Identity(document, number)
    raise _bad("证件号码不正确，请核对：身份证 18 位，或护照、港澳台通行证号码。")


def _read_eighteen(number: str, today: date) -> Identity:
    if not _EIGHTEEN.fullmatch(number):
        raise _bad("身份证号应为 17 位数字加 1 位数字或 X，请核对。")
    if check_digit(number[:17]) != number[17]:
        raise _bad("身份证号有误（校验位不符），请逐位核对。")
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return Identity(_kind_of_eighteen(number), number, _born_on(number, today), sex)


def _kind_of_eighteen(number: str) -> Document:
    if number[0] == "9":
        return Document.FOREIGN_PERMIT
    if not _PROVINCES.fullmatch(number[:2]):
        raise _bad("身份证号前两位不是有效的地区代码，请核对。")
    return Document.RESIDENCE_PERMIT if number[:2] in {"81", "82", "83"} else Document.ID_CARD


def _born_on(number: str, today: date) -> date:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise _bad("身份证号中的出生日期不存在，请核对第 7 到 14 位。") from None
    if born.year < OLDEST_YEAR or born > today:
        raise _bad("身份证号中的出生日期不合理，请核对第 7 到 14 位。")
    return born


def age_on(born: date, day: date) -> int:
    """Whole years. Who was born on 29 February has a birthday on 1 March in common years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def mask(number: str) -> str:
    """What may be shown: three characters, the last four."""
    return f"{number[:3]}{'*' * max(4, len(number) - 7)}{number[-4:]}"


def _bad(sentence: str) -> Refused:
    return Refused("id_number_invalid", sentence, fields={"patient.id_number": sentence})
