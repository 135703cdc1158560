"""What alarms and what does not. Every sentence here was made up for these tests."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.classification.crisis import (
    THRESHOLD,
    WINDOW,
    CrisisLevel,
    assess,
)
from hotline.classification.normalise import LONGEST

EVERYDAY = """
我应该吃什么药
肚子疼死了要挂哪个科
笑死我了
今天跑了三家医院累死了
候诊厅热死了能不能开空调
死亡证明怎么办
安眠药一天吃几片合适
睡前吃了一片安定可以喝酒吗
割双眼皮要多少钱
跳楼价体检卡能买吗
打死也不去那家医院了
想死你了老同学
气死我了你们怎么没人接
我前年割了阑尾
糖尿病能活到八十岁吗
活检结果几天出来
老人不想活动，躺了一个礼拜
孩子头撞到桌角起了个包
切菜切到手指要打破伤风吗
股骨头坏死怎么治
脑死亡还能救吗
心脏猝死有征兆吗
狂犬病会不会死
被猫抓了会死吗
家里死了一只老鼠怎么消毒
农药残留怎么洗掉
喷农药以后头晕怎么办
一氧化碳检测仪哪里买
吃了好几种药血压还是高
头孢吃了一盒还咳嗽
我每天要吃八种药
喝了一瓶藿香正气水
处方丢了能不能重开
手上吊水打肿了
上吊瓶的时候发抖
护士打针疼死了
医院打我电话我没接到
杀菌灯对眼睛有害吗
杀虫剂喷到眼里了
新冠疫苗打了会不会死人
挂号难死了
等死我了，叫号太慢
急死了，孩子烧到四十度
我死心了不约了
手机死机了要怎么取号
宝宝死活不喝药
结束治疗后多久复查
遗传咨询门诊在哪里
遗体捐献怎么登记
解剖报告什么时候给
撞车后脖子痛挂什么科
烧炭取暖要注意什么
精神病院怎么住院
安定医院的地址
自杀式减肥真的不能做吗
紫砂锅熬中药行不行
离开本市之后医保怎么办
4价流感疫苗还有吗
预约4楼的口腔科
我想4号去看病
不想打针能不能吃药
刀口有点渗血
家里老人去世了医保账户怎么继承
奶奶病死了怎么开证明
"""

DANGEROUS = """
我不想活了
我要自杀
活着没有意思
活得太累了，想一了百了
有时候会想，死了是不是就轻松了
我妈说她不想活了
我女儿要跳楼
儿子割腕了
室友把遗书发到群里
我老公把安眠药都吃了
一瓶安定被他吃光了
她吃了一瓶安眠药
我刚喝了百草枯
老伴喝了农药，送来不及了
我攒了八十片安眠药
我站在天台上，不想下来
今晚我就从这里跳下去
我打算周末烧炭
绳子已经准备好了
我上次割腕没死成
两年前自杀未遂
想结束自己的生命
我想了结自己
只想快点解脱
我控制不住要用刀片划手臂
我经常自残
心情不好就打自己耳光
我要杀了那个医生
再不退钱我就带着汽油去医院
他扬言要砍死我
老公喝醉了就打我
我爸天天用皮带抽我
我怕自己会掐死孩子
吃多少安眠药会死
怎么死没有痛苦
朋友发信息说永别了
没有人会在乎我死不死
我觉得自己是家里的累赘
希望睡着了就不要再醒
让我死吧
别救我
我想抱着孩子一起跳江
有人要往河里跳
"""

GRAVE = """
我把一整瓶安眠药吞下去了
我喝了半瓶敌敌畏
我正在割腕
女儿在楼顶要跳楼
今天晚上我就去死
药已经买好了，我不想活了
遗书写完了
我准备明天上吊
我要拿刀去砍死他
她吃了一百片阿普唑仑叫不醒了
"""


def _said(block: str) -> list[str]:
    return [line for line in block.splitlines() if line]


@pytest.mark.parametrize("text", _said(EVERYDAY))
def test_everyday_talk_does_not_alarm(text: str) -> None:
    assert assess(text).level is CrisisLevel.NONE, assess(text).reasons


@pytest.mark.parametrize("text", _said(DANGEROUS))
def test_danger_alarms_and_says_why(text: str) -> None:
    seen = assess(text)
    assert seen.level is not CrisisLevel.NONE
    assert seen.reasons
    assert seen.score >= THRESHOLD


@pytest.mark.parametrize("text", _said(GRAVE))
def test_hard_triggers_are_high(text: str) -> None:
    assert assess(text).level is CrisisLevel.HIGH, assess(text).reasons


@pytest.mark.parametrize(
    "text",
    [
        "自 杀",
        "我 想 自 杀",
        "我，想，死",
        "我*不*想*活*了",
        "自/杀怎么才不疼",
        "我要自殺",
        "我不想活著了",
        "女兒要跳樓",
        "喝了農藥",
        "寫好了遺書",
        "想自鲨",
        "今晚就紫砂了",
        "不如s了算了",
        "想4了",
        "真想亖",
        "人生想重开了",
        "我\u200b想\u200b死",
        "不\u3000想\u3000活\u3000了",
        "我想zisha",
        "割w了好多次",
    ],
)
def test_evasions_and_other_ways_of_writing_alarm(text: str) -> None:
    assert assess(text).level is not CrisisLevel.NONE


@pytest.mark.parametrize(
    "text", ["我没有自杀的想法", "我不想自杀", "他说不会去自杀的", "没想过跳楼"]
)
def test_a_denied_danger_is_still_shown_but_opens_no_desk(text: str) -> None:
    assert assess(text).level is CrisisLevel.WATCH


@pytest.mark.parametrize(
    "text", ["孩子误服了爷爷的降压药", "宝宝误吞了纽扣电池", "把消毒液当成水喝了"]
)
def test_poisoning_by_mistake_is_an_emergency_to_see_and_no_suicide(text: str) -> None:
    seen = assess(text)
    assert seen.level is CrisisLevel.WATCH
    assert seen.kinds == ("poisoned_by_mistake",)
    assert "120" in seen.reasons[0]


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b", "。。。", "\ud800"])
def test_nothing_said_is_no_alarm(text: str) -> None:
    assert assess(text) == assess("")
    assert assess(text).score == 0.0


@pytest.mark.parametrize("before", [0, 37, WINDOW - 4, WINDOW, 5 * WINDOW + 1, 40_000])
def test_danger_anywhere_in_a_long_text_is_found(before: int) -> None:
    filler = "请问儿童医院周三上午有没有号，"
    text = (filler * (before // len(filler) + 1))[:before] + "我不想活了" + filler * 2_000
    assert assess(text).level is CrisisLevel.WATCH


def test_both_ends_of_a_monstrous_text_are_read() -> None:
    filler = "预" * LONGEST
    assert assess("我要自杀。" + filler).level is CrisisLevel.HIGH
    assert assess(filler + "。我要自杀").level is CrisisLevel.HIGH


def test_the_gravest_part_speaks_first() -> None:
    seen = assess("活着没意思。" + "请问挂号，" * 200 + "我刚喝了农药")
    assert seen.level is CrisisLevel.HIGH
    assert seen.reasons[0].startswith("刚服下毒物")


def test_reasons_carry_the_words_that_were_said() -> None:
    assert "“不想活了”" in assess("医生，我真的不想活了").reasons[0]


def test_the_same_text_gives_the_same_answer() -> None:
    text = "我最近很痛苦，觉得离开这个世界也好"
    assert assess(text) == assess(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=600))
def test_any_text_gets_an_answer(text: str) -> None:
    seen = assess(text)
    assert 0.0 <= seen.score <= 1.0
    assert bool(seen.reasons) is (seen.level is not CrisisLevel.NONE)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="我想死不活自杀了，。 的跳楼药吃4s", max_size=60))
def test_text_made_of_weighty_characters_gets_an_answer(text: str) -> None:
    assert assess(text).level in CrisisLevel


@given(st.sampled_from(["，", "。", "！", "\n", " ", "……"]), st.sampled_from(_said(GRAVE)))
def test_talk_around_a_hard_trigger_does_not_lower_it(mark: str, grave: str) -> None:
    assert assess(f"你好{mark}{grave}{mark}谢谢").level is CrisisLevel.HIGH
