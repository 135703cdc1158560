"""What people say, and what it means: days, times, numbers, yes and no, wishes."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.booking.rules import HalfDay
from ivr.dialogue import answers, breaks, commands, dates, numbers, times
from ivr.dialogue.breaks import Break
from ivr.dialogue.commands import Command, Wish
from ivr.dialogue.dates import Days

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("明天", date(2026, 11, 22)),
        ("我想挂明天上午的", date(2026, 11, 22)),
        ("后天吧", date(2026, 11, 23)),
        ("大后天", date(2026, 11, 24)),
        ("周三", date(2026, 11, 25)),
        ("星期天", date(2026, 11, 22)),
        ("周六", date(2026, 11, 28)),
        ("下周三", date(2026, 11, 25)),
        ("下下周一", date(2026, 11, 30)),
        ("下个礼拜五", date(2026, 11, 27)),
        ("这周日", date(2026, 11, 22)),
        ("十二月三号", date(2026, 12, 3)),
        ("12月3日", date(2026, 12, 3)),
        ("一月三号", date(2027, 1, 3)),
        ("二十三号", date(2026, 11, 23)),
        ("三号", date(2026, 12, 3)),
        ("下个月三号", date(2026, 12, 3)),
        ("三天以后", date(2026, 11, 24)),
        ("一个礼拜后", date(2026, 11, 28)),
        ("两周之后", date(2026, 12, 5)),
        ("今天", SATURDAY),
        ("十一月二十五号星期三", date(2026, 11, 25)),
    ],
)
def test_a_day_as_people_say_it(said, day):
    assert dates.find(said, SATURDAY) == Days(day, day)


def test_more_than_a_day():
    assert dates.find("周末", SATURDAY) == Days(SATURDAY, date(2026, 11, 22))
    assert dates.find("下周", SATURDAY) == Days(date(2026, 11, 23), date(2026, 11, 29))
    assert dates.find("下周末", SATURDAY) == Days(date(2026, 11, 28), date(2026, 11, 29))
    assert dates.find("明天或者后天都行", SATURDAY) == Days(date(2026, 11, 22), date(2026, 11, 23))


@pytest.mark.parametrize(
    "said", ["鼓楼医院", "", "三号楼在哪", "三号线", "上午", "我要挂号", "一百多块"]
)
def test_no_day_was_said(said):
    assert dates.find(said, SATURDAY) is None


def test_a_day_that_is_not_in_the_calendar():
    with pytest.raises(dates.NoSuchDay):
        dates.find("二月三十号", SATURDAY)
    assert dates.find("二月二十九号", date(2028, 1, 5)) == Days(
        date(2028, 2, 29), date(2028, 2, 29)
    )


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.integers(1, 330))
def test_month_and_day_are_the_next_such_day(today, ahead):
    day = today + timedelta(days=ahead)
    said = f"{numbers.spoken(day.month)}月{numbers.spoken(day.day)}号"
    if (day.month, day.day) != (2, 29):
        assert dates.find(said, today) == Days(day, day)


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.sampled_from("一二三四五六日"))
def test_a_bare_weekday_is_within_the_next_seven_days(today, weekday):
    found = dates.find("周" + weekday, today)
    assert today < found.first <= today + timedelta(days=7)
    assert found.first.weekday() == "一二三四五六日".index(weekday)


@pytest.mark.parametrize(
    ("said", "half", "at"),
    [
        ("上午", HalfDay.MORNING, None),
        ("早上九点", HalfDay.MORNING, time(9)),
        ("下午三点半", HalfDay.AFTERNOON, time(15, 30)),
        ("两点", HalfDay.AFTERNOON, time(14)),
        ("九点一刻", HalfDay.MORNING, time(9, 15)),
        ("十四点二十", HalfDay.AFTERNOON, time(14, 20)),
        ("晚上七点", HalfDay.EVENING, time(19)),
        ("夜门诊", HalfDay.EVENING, None),
        ("中午", HalfDay.AFTERNOON, None),
        ("10点三刻", HalfDay.MORNING, time(10, 45)),
    ],
)
def test_a_part_of_the_day(said, half, at):
    assert times.find(said) == times.Moment(half, at)


@pytest.mark.parametrize("said", ["鼓楼医院", "明天", "二十五点"])
def test_no_time_was_said(said):
    assert times.find(said) is None


@pytest.mark.parametrize(
    ("said", "number"),
    [("二十三", 23), ("十", 10), ("十二", 12), ("两", 2), ("一百零二", 102), ("7", 7), ("", None),
     ("鼓楼", None)],
)  # fmt: skip
def test_a_number(said, number):
    assert numbers.integer(said) == number


@given(st.integers(0, 99))
def test_what_is_spoken_is_understood(number):
    assert numbers.integer(numbers.spoken(number)) == number


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("幺三八零零幺三八零零零", "13800138000"),
        ("一三八 三个八 零零一", "138888001"),
        ("三二零一零二一九四五零三零七六幺二叉", "32010219450307612X"),
        ("我的号码是139", "139"),
    ],
)
def test_digits_as_they_are_dictated(said, digits):
    assert numbers.digits(said) == digits


YES = "是的 对对对 好的 嗯 可以 行 没错 不错 没问题 要的 就这个吧 确认 成 OK 对的没错 是滴"
NO = "不是 不对 不要 错了 不行 不可以 算了 换一个 没有 不是，是儿童医院 好像不对 取消吧 不用了"


@pytest.mark.parametrize("said", YES.split())
def test_yes(said):
    assert answers.yes(said) is True


@pytest.mark.parametrize("said", NO.split())
def test_no(said):
    assert answers.yes(said) is False


@pytest.mark.parametrize("said", ["", "鼓楼医院", "是不是", "对不对", "明天", "儿童医院"])
def test_neither_yes_nor_no(said):
    assert answers.yes(said) is None


@pytest.mark.parametrize(
    ("said", "which"),
    [
        ("第一个", 0),
        ("第二个吧", 1),
        ("前面那个", 0),
        ("后面的", 1),
        ("二", 1),
        ("1", 0),
        ("明天", None),
    ],
)
def test_which_of_two(said, which):
    assert answers.choice(said) == which


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("不是，是儿童医院", "儿童医院"),
        ("不对我要的是后天", "后天"),
        ("错了，应该是眼科。", "眼科"),
        ("不是", None),
        ("鼓楼医院", None),
    ],
)
def test_what_is_wanted_instead(said, wanted):
    assert answers.instead(said) == wanted


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("转人工", Command.PERSON),
        ("我要找人说话", Command.PERSON),
        ("接线员", Command.PERSON),
        ("不要机器", Command.PERSON),
        ("再说一遍", Command.REPEAT),
        ("没听清楚", Command.REPEAT),
        ("什么？", Command.REPEAT),
        ("请慢一点", Command.SLOWER),
        ("声音大一点", Command.LOUDER),
        ("返回上一步", Command.BACK),
        ("重新开始", Command.RESTART),
        ("还有吗", Command.MORE),
        ("哪个都行", Command.ANY),
        ("再见", Command.FINISH),
        ("不用转人工", None),
        ("鼓楼医院", None),
        ("什么时候有号", None),
    ],
)
def test_a_command(said, command):
    assert commands.command(said) == command


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("我想挂个号", Wish.BOOK),
        ("预约明天的专家号", Wish.BOOK),
        ("我要退号", Wish.CANCEL),
        ("取消预约", Wish.CANCEL),
        ("查一下我的预约", Wish.MINE),
        ("约上了没有", Wish.MINE),
        ("我要投诉", Wish.COMPLAINT),
        ("想问一下流感疫苗", Wish.QUESTION),
        ("看心内科", Wish.BOOK),
        ("今天天气真好", None),
    ],
)
def test_a_wish(said, wish):
    assert commands.wish(said) == wish


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("我不想活了", Break.CRISIS),
        ("吃了一瓶安眠药", Break.CRISIS),
        ("我爸胸口疼出冷汗", Break.EMERGENCY),
        ("他昏迷了叫不醒", Break.EMERGENCY),
        ("煤气中毒了", Break.EMERGENCY),
        ("煤气中毒怎么办", Break.EMERGENCY),
        ("刚刚煤气中毒送到医院怎么预防后遗症", Break.EMERGENCY),
        ("没做好预防煤气中毒了", Break.EMERGENCY),
        ("孩子误服了农药怎么办", Break.EMERGENCY),
        ("我胸口疼出冷汗是什么症状", Break.EMERGENCY),
        ("怎么预防煤气中毒", None),
        ("冬天怎么防煤气中毒", None),
        ("冬天屋里烧炭怎么才不会中毒", None),
        ("煤气中毒的症状有哪些", None),
        ("怎么预防中风", None),
        ("开煤气自杀怎么预防", Break.CRISIS),
        ("我想在家里烧炭", Break.CRISIS),
        ("发烧三十九度", Break.FEVER),
        ("我想挂鼓楼医院心内科", None),
        ("挂精神科", None),
        ("我想挂急诊的号", Break.EMERGENCY),
        ("人工", None),
    ],
)
def test_words_that_break_out(said, kind):
    assert breaks.break_out(said) == kind
