"""Real dirt in outside sheets: errors by cell, and questions instead of guesses."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import Refused
from hotline.statistics.bulletin import cells, doubts, reading, remote_items
from hotline.statistics.bulletin.rules import Field, Holds, Kind, fields_of

TERMINALS = "单位,投放台数,挂号（次）,挂号金额（元）,缴费（次）,缴费金额（元）\n"
HOSPITALS = "序号,单位,12320在线预约,电话预约,诊间预约,第三方,小计\n"
MONTH = "2020-04"


def read(name: str, text: str):
    return reading.read(MONTH, name, text.encode())


def asked(sheet):
    return {one.key: one for one in doubts.find(sheet, MONTH)}


def faults(sheet):
    return [(one.row, one.column, one.message) for one in sheet.report.faults]


def test_each_wrong_cell_is_named_by_row_and_column():
    sheet = read("terminals.csv", TERMINALS + "甲,1,x,1.00,-2,1.234\n,1,,0.00,1,2\n")
    assert [(row, column) for row, column, _ in faults(sheet)] == [
        (2, "挂号（次）"), (2, "缴费（次）"), (2, "缴费金额（元）"), (3, "单位"), (3, "挂号（次）"),
    ]  # fmt: skip
    assert faults(sheet)[-1][2] == "是空的：没有就写 0，没有报来就写“未反馈”。"


def test_words_instead_of_numbers_are_kept_and_are_no_zero():
    sheet = read("terminals.csv", TERMINALS + "甲,/,未反馈,1.00,2,3.50\n合计,0,0,1.00,2,3.50\n")
    assert faults(sheet) == []
    assert sheet.rows == [["甲", "/", "未反馈", 100, 2, 350]]
    assert asked(sheet) == {}, "a count nobody gave is no zero beside money"


def test_money_beside_no_count_is_asked_about_and_settled_as_chosen():
    for answer, becomes in (("keep", 0), ("unknown", "未反馈")):
        sheet = read("terminals.csv", TERMINALS + "甲,1,0,805.00,1,2.00\n")
        found = doubts.find(sheet, MONTH)
        assert [one.key for one in found] == ["terminals.2.money_without_count"]
        assert doubts.unanswered(found, {}) == found
        assert doubts.unanswered(found, {found[0].key: "maybe"}) == found
        doubts.settle(sheet, found, {found[0].key: answer})
        assert sheet.rows[0][2] == becomes


def test_a_table_over_two_pages_is_one_table():
    text = TERMINALS + "甲,1,1,1.00,1,1.00\n小计,1,1,1.00,1,1.00\n" + TERMINALS
    sheet = read("terminals.csv", text + "乙,2,2,2.00,2,2.00\n合计,3,3,3.00,3,3.00\n（注：略）\n")
    assert [row[0] for row in sheet.rows] == ["甲", "乙"]
    assert (sheet.said, sheet.lines) == (["合计", 3, 3, 300, 3, 300], [2, 5])
    assert asked(sheet) == {}
    assert sheet.report.notes[0] == "第 4 行又是表头（表格分页），已跳过。"


def test_a_total_amid_the_rows_that_is_none_of_them_is_asked_about():
    text = TERMINALS + "甲,1,1,1.00,1,1.00\n合计,9,1,1.00,1,1.00\n乙,2,2,2.00,2,2.00\n"
    sheet = read("terminals.csv", text + "合计,3,3,3.00,3,3.00\n")
    assert list(asked(sheet)) == ["terminals.3.total_within"]


@pytest.mark.parametrize(
    ("rows", "choices", "answer", "left"),
    [
        ("甲,1,1,1.00,1,1.00\n甲,1,1,1.00,1,1.00\n", ["first", "keep"], "first", [2]),
        ("甲,1,1,1.00,1,1.00\n甲,2,1,1.00,1,1.00\n", ["first", "last", "keep"], "last", [3]),
        ("甲,1,1,1.00,1,1.00\n甲,2,1,1.00,1,1.00\n", ["first", "last", "keep"], "keep", [2, 3]),
    ],
)
def test_a_name_twice_is_asked_about(rows, choices, answer, left):
    sheet = read("terminals.csv", TERMINALS + rows)
    found = doubts.find(sheet, MONTH)
    assert [code for code, _ in found[0].choices] == choices
    doubts.settle(sheet, found, {found[0].key: answer})
    assert sheet.lines == left


def test_heads_swapped_against_their_columns_are_seen_by_days_and_swapped_when_told():
    heads = ",".join(one.label for one in fields_of(Kind.HOSPITALS, MONTH))
    sheet = read("platform_hospitals.csv", f"{heads}\n甲,26/83,13,10,67,15,30\n乙,/,1,2,3,4,29\n")
    found = doubts.find(sheet, MONTH)
    assert found[0].key == "platform_hospitals.days"
    assert "最大是 67，可这个月只有 30 天；“出院信息上传人次”" in found[0].question
    doubts.settle(sheet, found, {found[0].key: "swap"})
    assert [(row[4], row[6]) for row in sheet.rows] == [(30, 67), (29, 3)]


def test_columns_in_any_order_a_title_above_and_an_unknown_one():
    text = '2020年4月各市电话量,,\n人次,城市,备注\n"1,234",苏州市,x\n２２,南通,\n'
    sheet = read("province_calls.csv", text)
    assert faults(sheet) == []
    assert sheet.rows == [["苏州市", 1234], ["南通", 22]]
    assert "未使用的列：备注" in sheet.report.notes


def test_columns_side_by_side_are_read_the_left_ones_first():
    text = "序号,名称,预约数量,序号,名称,预约数量\n1,甲,5,3,丙,1\n2,乙,4,,,\n合计,,,,,10\n"
    sheet = read("online_channels.csv", text.replace("合计,,,,,10", ",,,合计,,10"))
    assert [row[1:] for row in sheet.rows] == [["甲", 5], ["乙", 4], ["丙", 1]]
    assert sheet.said == ["", "合计", 10]


def test_a_missing_column_is_said_and_gbk_and_xlsx_are_read():
    sheet = read("online_channels.csv", "序号,名称\n1,甲\n")
    assert faults(sheet) == [(1, "预约数量", "缺少这一列。")]
    gbk = reading.read(MONTH, "online_channels.csv", "名称,预约数量\n甲,5\n".encode("gbk"))
    assert gbk.rows == [["", "甲", 5]]
    book = openpyxl.Workbook()
    for row in (["名称", "预约数量"], ["甲", 5], ["乙", 6.0]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    assert reading.read(MONTH, "online_channels.xlsx", out.getvalue()).rows[1] == ["", "乙", 6]


def test_the_form_of_2023_wants_its_own_columns():
    sheet = reading.read(
        "2023-05", "booking_by_hospital.csv", (HOSPITALS + "1,甲,1,1,1,1,4\n").encode()
    )
    assert faults(sheet) == [(1, "快速预约", "缺少这一列。")]


@pytest.mark.parametrize("name", ["orders.csv", "terminals2.csv", "x"])
def test_a_file_that_is_none_of_ours_is_refused(name):
    with pytest.raises(Refused):
        reading.read(MONTH, name, b"a,b\n1,2\n")


def test_remote_medicine_wants_every_item_its_sentences_name():
    sheet = read("remote_medicine.csv", "平台,指标,数值,名称\n影像,排名1,5,\n影像,别的,5,\n")
    remote_items.examine(sheet)
    said = [message for _, _, message in faults(sheet)]
    assert said[0] == "影像 排名1 要写名称。"
    assert said[1].startswith("“影像 别的”不认识。")
    assert "缺少“影像 接入机构”，这一段正文写不出来。" in said


@pytest.mark.parametrize("text", ["", "12 a", "x", "-1"])
def test_the_cumulative_total_is_one_number(text):
    assert faults(read("cumulative_bookings.txt", text))


COUNT, MONEY = Field("a", "数"), Field("b", "钱", Holds.MONEY)


@given(st.integers(0, 10**12))
def test_money_goes_in_and_out_to_the_fen(fen):
    assert cells.read(MONEY, cells.money(fen)) == fen
    assert cells.read(MONEY, f"{fen // 100:,}.{fen % 100:02}") == fen
    assert cells.read(COUNT, f"{fen:,}") == fen


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_number_a_known_word_or_said_to_be_wrong(text):
    try:
        found = cells.read(COUNT, text)
    except cells.Wrong:
        return
    assert isinstance(found, int) or found in cells.NO_NUMBER


def test_what_nobody_sees_does_not_reach_the_documents():
    sheet = read("terminals.csv", TERMINALS + "\ufeff甲\x01医院\x0b,1\u200b,1,1.00,1,1.00\n")
    assert (sheet.rows[0][:2], faults(sheet)) == (["甲 医院", 1], [])
