"""A question answered on the line, from the first word to the month's category."""

from __future__ import annotations

import pytest
from sqlmodel import select

from hotline.calls.models import Call
from hotline.db import transaction
from hotline.knowledge.articles import articles
from ivr import callbook, turn_store
from ivr.dialogue.places import Catalogue
from ivr.dialogue.state import Leave
from ivr.media.line import Ending
from ivr.media.memory import HangUp, HearOut, MemoryTransport, Say
from ivr.media.transport import CallInfo, Reason
from ivr.session import Session
from tests.ivr.recognisers import Scripted
from tests.ivr.sounds import voice as sound
from tests.ivr.test_session import Murmur, answers

pytestmark = pytest.mark.usefixtures("committed", "redis")
INFO = CallInfo("33333333-2222-4222-8222-222222222222", "13800000001", "12320")


async def call(script, *heard):
    """A call with its records, as the voice line keeps them; what was said, and the row."""
    callbook.began(INFO)
    callbook.entered(INFO.uuid)
    transport, voice = MemoryTransport(script, INFO), Murmur()
    leave = await Session(
        transport, Scripted(*heard), voice, lambda turn: turn_store.keep(INFO.uuid, turn),
        Catalogue, lambda whole, state: turn_store.close(INFO.uuid, whole, state),
    ).run()  # fmt: skip
    reason = Reason.CALLER if leave is Leave.HUNG_UP else transport.ending.reason
    callbook.left(INFO.uuid, Ending(reason, "", "done"))
    with transaction() as session:
        return voice.said, session.exec(select(Call)).one().model_copy()


async def test_an_answer_is_read_aloud_and_the_call_counts_as_self_service():
    said, row = await call(answers(3), "我要咨询", "流感疫苗什么时候打", "没有了谢谢")
    assert any(articles()["flu_vaccine"].answer in each for each in said)
    assert (row.category, row.subcategory, row.disposition) == ("self_service", None, "answered")
    assert (row.summary, row.self_served) == ("问题已答；流感疫苗什么时候打", True)


async def test_the_question_is_said_before_the_answer_so_that_a_mistake_is_heard():
    said, row = await call(answers(4), "我要咨询", "流感疫苗什么时候打", "不是", "没事了再见")
    article = articles()["flu_vaccine"]
    assert any(each.startswith(article.question + article.answer) for each in said)
    assert any(each.startswith("对不起，我听错了。") for each in said)
    assert (row.category, row.summary) == (None, None)  # nobody has been answered


async def test_who_hangs_up_once_he_knows_has_not_given_up():
    script = [*answers(2), HearOut(), HangUp()]
    _, row = await call(script, "我要咨询", "被狗咬了怎么办")
    assert (row.category, row.abandoned_in, row.self_served) == ("self_service", None, True)


async def test_who_hangs_up_before_has():
    _, row = await call([HearOut(), Say(sound(0.6)), HearOut(), HangUp()], "我要咨询")
    assert (row.category, row.abandoned_in) == (None, "ivr")


async def test_what_nobody_wrote_an_answer_to_goes_to_a_person():
    _, row = await call(answers(2), "我要咨询", "社保卡丢了到哪里补办")
    assert (row.category, row.state, row.self_served) == (None, "queued", False)
