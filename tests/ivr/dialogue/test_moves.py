"""Conversations, from the first word to the number read aloud."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.booking.rules import ClinicKind, HalfDay
from ivr.dialogue.events import Keyed, Once, Said, Silent, Unclear, WantsPerson
from ivr.dialogue.facts import Standing
from ivr.dialogue.moves import advance
from ivr.dialogue.state import Leave, Step
from tests.ivr.dialogue.world import (
    CHILDREN,
    CHILDRENS_HEART,
    CITY,
    FATHER,
    GULOU,
    HEART,
    ID,
    MOTHER,
    Caller,
    World,
    usual_offers,
)

SENTENCE = "我想挂明天上午鼓楼医院心内科的专家号"


def known(**more):
    return World(people=(MOTHER,), offers=usual_offers(), **more)


def test_one_question_after_another():
    caller = Caller(known())
    steps = []
    for said in ("我要挂号", "鼓楼医院", "心内科", "专家号", "明天", "上午", "第一个", "我自己"):
        caller.says(said)
        steps.append(caller.step)
    assert steps == [
        Step.HOSPITAL, Step.DEPARTMENT, Step.DOCTOR, Step.DAY, Step.HALF, Step.OFFER, Step.PATIENT,
        Step.LAST_FOUR,
    ]  # fmt: skip
    caller.keys("002*")
    assert caller.step is Step.CONFIRM
    assert caller.world.holding
    caller.says("对的")
    assert (caller.world.booked, caller.step) == (1, Step.MORE)
    assert "booked" in caller.heard
    caller.says("没有了谢谢")
    assert caller.left.leave is Leave.DONE


def test_one_sentence_leads_to_the_offers():
    caller = Caller(known()).says(SENTENCE)
    assert caller.step is Step.OFFER
    (slots,) = caller.world.searched
    assert (slots.hospital, slots.department, slots.kind) == (GULOU, HEART, ClinicKind.EXPERT)
    assert (slots.half, slots.days.first.day) == (HalfDay.MORNING, 22)


def test_everything_by_key():
    caller = Caller().keys("1", "1", "1", "3", "1", "3")
    assert caller.step is Step.OFFER
    caller.keys("2")
    assert caller.step is Step.ID_NUMBER
    caller.keys(ID[:6], ID[6:14], "002*")
    assert caller.step is Step.NAME
    caller.says("我叫王小明")
    assert caller.step is Step.MOBILE
    caller.keys("13800138000", "1")
    assert caller.world.booked == 1
    (claim,) = caller.world.held
    assert (claim.slot_id, claim.id_number, claim.name) == (2, ID, "王小明")


def test_a_wrong_id_number_is_asked_again_and_then_a_person_comes():
    caller = Caller().says(SENTENCE).keys("1", ID[:17] + "1")
    assert caller.step is Step.ID_NUMBER
    assert "id_number_wrong" in caller.heard
    caller.keys(ID[:17] + "2", ID[:17] + "3")
    assert caller.left.leave is Leave.PERSON


@pytest.mark.parametrize("event", [Said("转人工"), WantsPerson(), Said("我要找人说话")])
@pytest.mark.parametrize("before", [0, 1, 2, 3, 4, 5, 6, 7])
def test_a_person_at_every_turn(event, before):
    answers = ["我要挂号", "鼓楼医院", "心内科", "专家号", "明天", "上午", "第一个"]
    caller = Caller(known()).says(*answers[:before]).happens(event)
    assert caller.left.leave is Leave.PERSON


def test_the_person_knows_what_was_said():
    caller = Caller(known()).says("挂鼓楼医院心内科", "人工")
    assert caller.state.slots.said() == {"hospital": "南京鼓楼医院", "department": "心血管内科"}


@pytest.mark.parametrize(
    ("said", "leave"),
    [("我不想活了", Leave.CRISIS), ("我爸昏迷了叫不醒", Leave.PERSON)],
)
def test_danger_breaks_out_of_every_question(said, leave):
    for answers in ([], ["挂号"], ["挂号", "鼓楼医院", "心内科"], [SENTENCE]):
        caller = Caller(known()).says(*answers, said)
        assert caller.left.leave is leave


def test_danger_in_another_reading_counts():
    caller = Caller().happens(Said("我想买药", others=("我想吃安眠药自杀",)))
    assert caller.left.leave is Leave.CRISIS


def test_fever_needs_no_booking():
    caller = Caller().says("挂号", "发烧三十九度")
    assert (caller.step, caller.heard[0]) == (Step.MORE, "fever")


def test_two_misses_make_it_shorter_and_a_third_brings_a_person():
    caller = Caller().says("挂号").happens(Unclear())
    assert caller.heard == ["miss", "ask_hospital.again"]
    caller.happens(Silent())
    assert caller.heard == ["silence", "ask_hospital.keys"]
    caller.happens(Unclear())
    assert caller.left.leave is Leave.PERSON


def test_misses_are_forgotten_with_the_question():
    caller = Caller().says("挂号").happens(Unclear()).says("鼓楼医院").happens(Unclear())
    assert caller.heard == ["miss", "ask_department.again"]


def test_repeat_slower_back_and_over_again():
    caller = Caller().says("挂号", "鼓楼医院")
    assert caller.says("再说一遍").heard == ["ask_department"]
    assert caller.happens(Once()).heard == ["ask_department"]
    assert caller.says("请慢一点").state.slow
    assert caller.says("返回").step is Step.HOSPITAL
    assert caller.says("重新开始").step is Step.MENU
    assert caller.state.slow


def test_a_correction_in_passing():
    caller = Caller(known()).says("挂鼓楼医院心内科", "不是，是儿童医院")
    assert (caller.state.slots.hospital, caller.state.slots.department) == (
        CHILDREN, CHILDRENS_HEART,
    )  # fmt: skip


def test_no_alone_asks_the_question_before_again():
    caller = Caller().says("挂号", "鼓楼医院", "不对")
    assert caller.step is Step.HOSPITAL
    assert caller.state.slots.hospital is None


def test_two_at_a_time_then_another_day():
    caller = Caller(known()).says(SENTENCE, "还有吗")
    assert (caller.step, caller.state.shown) == (Step.OFFER, 2)
    caller.says("还有别的吗")
    assert (caller.step, caller.heard[0]) == (Step.DAY, "no_more_offers")


def test_a_choice_by_its_time():
    caller = Caller(known()).says(SENTENCE, "九点那个")
    assert caller.state.chosen.slot_id == 2


def test_another_day_at_the_offer_searches_again():
    caller = Caller(known()).says(SENTENCE, "后天的呢")
    assert len(caller.world.searched) == 2
    assert caller.world.searched[1].days.first.day == 23


def test_a_slot_that_is_gone_is_replaced():
    caller = Caller(known(refusals=["slot_taken"])).says(SENTENCE, "第一个", "是我").keys("002*")
    assert (caller.step, len(caller.world.searched)) == (Step.OFFER, 2)
    assert "slot_gone" in caller.heard


@pytest.mark.parametrize("code", ["patient_banned", "mobile_limit", "name_invalid", "bug"])
def test_what_the_line_cannot_settle_goes_to_a_person(code):
    caller = Caller(known(refusals=[code])).says(SENTENCE, "第一个", "是我").keys("002*")
    assert (caller.left.leave, caller.left.reason) == (Leave.PERSON, code)


def test_no_at_the_end_lets_the_slot_go():
    caller = Caller(known()).says(SENTENCE, "第一个", "是我").keys("002*")
    caller.says("不要了")
    assert not caller.world.holding
    assert (caller.step, caller.heard) == (Step.DAY, ["what_to_change", "ask_date"])


def test_a_correction_at_the_end_searches_and_is_no_yes():
    caller = Caller(known()).says(SENTENCE, "第一个", "是我").keys("002*")
    caller.says("不是，是后天")
    assert (caller.world.booked, caller.world.holding) == (0, False)
    assert caller.world.searched[-1].days.first.day == 23
    caller.says("第二个")
    assert caller.step is Step.CONFIRM  # the patient has been proved already


def test_nothing_is_free():
    caller = Caller(World(people=(MOTHER,))).says(SENTENCE)
    assert (caller.step, caller.heard[-2]) == (Step.DAY, "nothing_free")
    caller.says("后天", "大后天", "周五")
    assert caller.step is Step.DAY
    caller.says("下周一")
    assert caller.left.leave is Leave.PERSON


def test_one_of_two_people():
    caller = Caller(World(people=(MOTHER, FATHER), offers=usual_offers())).says(SENTENCE, "第一个")
    assert caller.says("李先生").state.person == FATHER
    caller.keys("1111", "2222", "3333")
    assert caller.left.leave is Leave.PERSON


def test_my_bookings_are_heard_and_cancelled():
    mine = (Standing("20261121-000007", usual_offers()[0]),)
    caller = Caller(known(mine=mine)).says("查我的预约").keys("002*")
    assert caller.step is Step.MINE
    caller.says("我要退号")
    assert caller.step is Step.CANCEL
    caller.says("是的")
    assert caller.world.cancelled == ["20261121-000007"]
    assert (caller.step, caller.heard[0]) == (Step.MORE, "cancelled")


def test_a_cancellation_the_hospital_does_not_allow():
    mine = (Standing("20261121-000007", usual_offers()[0]),)
    caller = Caller(known(mine=mine, refusals=["cancel_not_allowed"]))
    caller.says("我要退号").keys("002*", "1", "1")
    assert (caller.world.cancelled, caller.heard[0]) == ([], "cancel_not_allowed")


def test_nobody_hears_bookings_without_proof():
    assert Caller().says("查我的预约").left.leave is Leave.PERSON
    caller = Caller(known()).says("查我的预约").keys("1234")
    assert "last_four_wrong" in caller.heard
    assert caller.state.mine == ()


def test_a_question_is_answered_or_given_to_a_person():
    caller = Caller().says("请问流感疫苗什么时候打")
    assert (caller.step, caller.heard[0]) == (Step.MORE, "article")
    assert Caller().says("我想问一下社保卡怎么补办").left.reason == "question"
    assert Caller().keys("2").step is Step.QUESTION


def test_who_was_misheard_hears_it_and_has_another_try():
    caller = Caller().says("请问流感疫苗什么时候打")
    assert caller.state.answering == "flu"
    caller.says("不是这个")
    assert (caller.step, caller.heard[0]) == (Step.QUESTION, "another_try")
    assert caller.state.answered == ()
    caller.says("流感疫苗要不要打")
    assert (caller.step, caller.state.answered) == (Step.MORE, ("flu",))
    # a no to the next question is no complaint
    assert caller.says("不用了").left.leave is Leave.DONE


def test_a_correction_that_is_a_question_is_answered_at_once():
    caller = Caller().says("请问流感疫苗什么时候打", "不是，我问的是流感疫苗去哪里打")
    assert (caller.step, caller.state.answered) == (Step.MORE, ("flu",))


def test_who_is_misheard_again_gets_a_person():
    caller = Caller().says("请问流感疫苗什么时候打", "不对", "流感", "不是", "流感", "不是")
    assert caller.left.reason == "question"


def test_an_answer_is_said_once_more_when_asked():
    caller = Caller().says("请问流感疫苗什么时候打", "再说一遍")
    assert (caller.step, caller.heard[0]) == (Step.MORE, "article")
    reply = advance(Caller().says("请问流感疫苗什么时候打").state, Once(), CITY)
    assert reply.prompts[0].id == "article"


def test_whoever_wants_to_book_where_questions_are_asked_books():
    caller = Caller().keys("2").says("我要挂鼓楼医院骨科")
    assert caller.step is not Step.MORE
    assert caller.state.slots.department.name == "骨科"
    assert Caller().keys("2").says("挂号").step is Step.HOSPITAL
    assert Caller().keys("2").says("挂号可以提前几天").left.reason == "question"


def test_a_complaint_is_for_a_person():
    assert Caller().says("我要投诉").left.reason == "complaint"


def test_a_second_booking_in_the_same_call():
    caller = Caller(known()).says(SENTENCE, "第一个", "是我").keys("002*", "1")
    caller.says("再挂一个儿童医院心内科明天上午普通号", "第二个")
    assert caller.step is Step.CONFIRM
    assert caller.says("对").world.booked == 2


WORDS = [
    "挂号",
    "鼓楼医院",
    "儿童医院",
    "心内科",
    "骨科",
    "专家",
    "普通",
    "明天",
    "后天",
    "上午",
    "下午三点",
    "都行",
    "第一个",
    "第二个",
    "还有吗",
    "对",
    "不对",
    "不是，是后天",
    "返回",
    "重复",
    "慢一点",
    "重新开始",
    "查我的预约",
    "退号",
    "王女士",
    "别人",
    "二月三十号",
    "咨询",
    "流感疫苗什么时候打",
    "啊",
    "嗯嗯",
    "我叫王小明",
    "",
    SENTENCE,
]
EVENTS = st.one_of(
    st.sampled_from(WORDS).map(Said),
    st.text("0123456789*", min_size=1, max_size=18).map(Keyed),
    st.sampled_from([Keyed(key) for key in "123456789"] + [Keyed("002*"), Keyed(ID)]),
    st.sampled_from([Silent(), Unclear(), Once()]),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(EVENTS, max_size=30),
    st.booleans(),
    st.lists(
        st.sampled_from(["slot_taken", "hold_expired", "duplicate_booking", "id_number_invalid"]),
        max_size=3,
    ),
)
def test_whatever_is_said_the_call_goes_on_or_ends_with_a_person(events, is_known, refusals):
    world = World(people=(MOTHER, FATHER) if is_known else (), offers=usual_offers(),
                  refusals=refusals, mine=(Standing("1", usual_offers()[0]),))  # fmt: skip
    caller = Caller(world)
    for event in events:
        if caller.left:
            break
        caller.happens(event)
        # nothing is booked but what was held; a hold is only ever asked about or dropped
        assert world.booked <= len(world.held)
        assert len(caller.state.path) <= 12
    assert caller.left is None or caller.left.leave in (Leave.PERSON, Leave.DONE)
    assert caller.step in Step
