"""The sound of one answer, and what supervisors wrote of it, as data."""

from __future__ import annotations

import json
import shutil
import wave
from io import BytesIO

import numpy as np
import pytest
from sqlmodel import select

from hotline import clock, settings
from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.calls import alerts, checks
from hotline.calls.models import Call
from hotline.calls.voice_rules import Times, Verdict
from hotline.errors import Refused
from ivr import corrections, turn_sound
from tests.calls.voices import called, said
from tests.ivr.sounds import noise, voice
from tests.ivr.test_recording import record
from tests.people import make_person, signed_in

UID = "33333333-3333-4333-8333-333333333333"
SPOKE = Times(0, 1000, 2000, 2600, 3300, 3400)


@pytest.fixture
def place():
    """Where recordings lie, empty."""
    directory = settings.current().data_dir.absolute() / "recordings"
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def call(session, redis, place):
    """Two seconds of silence, then the caller; we make noise all the time."""
    called(session, UID)
    record(place, bytes(32000) + voice(0.6) + bytes(32000), noise(4.6, level=0.2), UID)
    found = session.exec(select(Call).where(Call.call_uid == UID)).one()
    (made,) = place.iterdir()
    made.rename(place / clock.local(found.started_at).date().isoformat())
    return found


def corrected(session, words="南京鼓楼医院", verdict=Verdict.SAID, **given):
    turn = said(session, UID, times=SPOKE, missed=True, **given)
    checks.judge(session, turn.key, verdict, words, make_person(session, f"by{turn.id}").key)
    return turn


def samples(content: bytes):
    with wave.open(BytesIO(content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)


def test_the_piece_is_the_callers_answer_and_nothing_of_ours(app, session, call):
    turn = said(session, UID, times=SPOKE, missed=True)
    session.commit()
    browser = signed_in(app, session, Role.SUPERVISOR, "banzhang")
    assert f"/voice/sound/{turn.id}.wav" in browser.get(f"/voice/sound/{turn.id}").text
    sound = samples(browser.get(f"/voice/sound/{turn.id}.wav").data)
    assert len(sound) == (2600 - 2000 + turn_sound.BEFORE_MS + turn_sound.AFTER_MS) * 8
    before = turn_sound.BEFORE_MS * 8
    assert abs(sound[: before - 160]).max() <= 8  # our noise is on the other side
    assert abs(sound[before : before + 4000]).max() > 1000
    lines = session.exec(select(AuditEntry).where(AuditEntry.subject == call.subject)).all()
    assert [line.detail for line in lines] == [{"recording": True}]


def test_the_export_has_the_pieces_and_their_words(session, call, tmp_path):
    first = corrected(session, heard="鼓楼", confidence=0.4)
    corrected(session, verdict=Verdict.UNCLEAR, words="")
    corrected(session, words="我的号是8001")
    done = corrections.export(session, tmp_path / "data")
    assert (done.written, done.left_out) == (1, {"话里有号码": 1})
    (line,) = (tmp_path / "data" / corrections.LISTING).read_text().splitlines()
    kept = json.loads(line)
    assert kept == {
        "file": f"{first.id:08d}.wav", "text": "南京鼓楼医院", "heard": "鼓楼", "confidence": 0.4,
        "expects": "hospital", "model": "small 1.0", "why": "missed", "month": "2026-11",
        "seconds": 1.7,
    }  # fmt: skip
    assert len(samples((tmp_path / "data" / kept["file"]).read_bytes())) == 13600
    assert UID not in line
    exported = session.exec(select(AuditEntry).where(AuditEntry.action == "exported")).one()
    assert (exported.subject, exported.detail) == ("voice:corrections", {"rows": 1})


@pytest.mark.parametrize("why", ["confidential", "danger", "recording gone"])
def test_what_must_not_leave_does_not(session, call, place, tmp_path, why):
    corrected(session)
    if why == "confidential":
        call.confidential = True
    elif why == "danger":
        alerts.watch(session, call, "我不想活了我已经吃了一瓶安眠药", "ivr")
    else:
        shutil.rmtree(place)
    session.flush()
    assert corrections.export(session, tmp_path / "data").written == 0
    assert [path.name for path in (tmp_path / "data").iterdir()] == [corrections.LISTING]


def test_nothing_is_overwritten(session, call, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(Refused, match="not_empty"):
        corrections.export(session, tmp_path)
