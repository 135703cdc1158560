"""Recordings: both sides in step, encrypted, read by supervisors, deleted in time."""

from __future__ import annotations

import shutil
from datetime import date, timedelta

import numpy as np
import pytest
from sqlmodel import select

from hotline import audit, clock, settings
from hotline.agents.rules import Role
from hotline.calls.confidential import SYSTEM, Reader
from hotline.calls.service import get_call
from hotline.calls.turns import record_turn
from hotline.errors import Refused
from hotline.telephony.service import take_events
from ivr import recording
from ivr.hearing import Digits, Expects
from ivr.media.transport import CallInfo
from ivr.recording import Recorder, open_recording, sweep
from ivr.turn import Turns
from tests.ivr.asterisk import Asterisk
from tests.ivr.lines import Unwritten, voice_line
from tests.ivr.sounds import noise, voice
from tests.people import signed_in

UID = "11111111-1111-4111-8111-111111111111"
HEADER_BYTES = 44


@pytest.fixture
def place():
    """Where recordings lie, empty."""
    directory = settings.current().data_dir.absolute() / "recordings"
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def called(session, uid: str) -> None:
    started = {"event_id": uid, "call_uid": uid, "type": "started", "at": clock.now().isoformat()}
    take_events(session, [started])


def record(place, caller: bytes, us: bytes, uid: str = UID) -> None:
    recorder = Recorder(place)
    tap = recorder.tap(CallInfo(uid))
    for start in range(0, max(len(caller), len(us)), 320):
        if caller[start:]:
            tap.heard(caller[start : start + 320])
        if us[start:]:
            tap.said(us[start : start + 320])
    tap.close()
    recorder.close()


def sides(session, uid: str = UID):
    samples = np.frombuffer(b"".join(open_recording(session, uid, SYSTEM))[HEADER_BYTES:], "<i2")
    return samples[0::2].astype(float), samples[1::2].astype(float)


def test_both_sides_in_step_as_good_as_a_telephone(session, redis, place):
    called(session, UID)
    caller, us = voice(3.3), noise(2.5, level=0.1)
    record(place, caller, us)
    left, right = sides(session)
    assert len(left) == len(caller) // 2
    for heard, said in ((left, caller), (right, us)):
        expected = np.frombuffer(said, "<i2").astype(float)
        error = heard[: len(expected)] - expected
        assert 10 * np.log10((expected**2).mean() / (error**2).mean()) > 30  # A-law's noise, in dB
    assert not right[len(us) // 2 :].any() or abs(right[len(us) // 2 :]).max() <= 8
    (file,) = place.rglob("*.rec")
    assert caller[:320] not in file.read_bytes()


def test_reading_is_for_supervisors_and_on_record(session, redis, place):
    called(session, UID)
    record(place, voice(0.5), b"")
    with pytest.raises(Refused, match="recording_forbidden"):
        open_recording(session, UID, Reader(person_id=1))
    before = len(session.exec(select(audit.AuditEntry)).all())
    open_recording(session, UID, SYSTEM)
    lines = session.exec(select(audit.AuditEntry)).all()
    assert len(lines) == before + 1
    assert lines[-1].detail == {"recording": True}


@pytest.mark.parametrize("uid", [UID, "../../etc/passwd"])
def test_a_call_without_a_recording(session, redis, place, uid):
    called(session, uid)
    with pytest.raises(Refused, match="recording_unknown"):
        open_recording(session, uid, SYSTEM)


def test_old_ones_go_and_dangerous_calls_stay_for_three_years(session, redis, place):
    called(session, UID)
    record_turn(session, UID, heard="我不想活了我已经吃了一瓶安眠药")
    kept_days = settings.current().recording_days
    ages = {"fresh": kept_days, "old": kept_days + 1, UID: 1000, "ancient": 2000}
    for uid, age in ages.items():
        folder = place / (clock.today() - timedelta(days=age)).isoformat()
        folder.mkdir(parents=True)
        (folder / f"{uid}.rec").write_bytes(b"x")
    assert sweep() == 2
    assert {path.stem for path in place.rglob("*.rec")} == {"fresh", UID}
    assert sweep() == 0
    shutil.move(place / _day(1000), place / _day(1100))
    assert sweep() == 1


def _day(age: int) -> str:
    day: date = clock.today() - timedelta(days=age)
    return day.isoformat()


def test_a_disk_that_fails_costs_no_call(tmp_path):
    (tmp_path / "file").write_text("in the way")
    record(tmp_path / "file", voice(2.5), b"")


async def test_a_whole_call_is_recorded(place):
    async def converse(transport) -> None:
        assert await Turns(transport).ask(Expects("x"), noise(0.5, level=0.1)) == Digits("1")
        transport.hangup()

    recorder = Recorder(place)
    async with voice_line(converse, tap=recorder.tap, book=Unwritten()) as line:
        pbx = Asterisk(line.ports)
        await pbx.call(voice(1.0, level=0.01), "1")
    recorder.close()
    (file,) = place.rglob("*.rec")
    assert file.stem == pbx.variables["IVR_UUID"]
    size = sum(len(piece) for piece in recording.sealed.read(file, recording.context(file.stem)))
    assert size / 16000 == pytest.approx(len(pbx.heard) / 16000, abs=0.2)  # seconds


def supervised(app, session):
    return signed_in(app, session, Role.SUPERVISOR)


def test_a_supervisor_plays_it_from_any_place(app, session, redis, place):
    called(session, UID)
    record(place, voice(2.5), noise(2.5))
    number = get_call(session, UID).call_no
    client = supervised(app, session)
    whole = client.get(f"/calls/{number}/recording.wav")
    assert whole.status_code == 200
    assert whole.content_length == len(whole.data) == HEADER_BYTES + 2 * 2 * len(voice(2.5)) // 2
    assert int.from_bytes(whole.data[40:44], "little") == len(whole.data) - HEADER_BYTES
    piece = client.get(f"/calls/{number}/recording.wav", headers={"Range": "bytes=32000-40000"})
    assert piece.status_code == 206
    assert piece.data == whole.data[32000:40001]
    assert piece.headers["Content-Range"] == f"bytes 32000-40000/{len(whole.data)}"
    rest = client.get(f"/calls/{number}/recording.wav", headers={"Range": "bytes=40000-"})
    assert rest.data == whole.data[40000:]
    read = select(audit.AuditEntry).where(audit.AuditEntry.action == audit.Action.RECORD_READ)
    assert [entry.detail for entry in session.exec(read)] == [{"recording": True}] * 3


def test_its_page_has_a_player_only_for_who_may_listen(app, session, redis, place):
    called(session, UID)
    record(place, voice(1.0), noise(1.0))
    record_turn(session, UID, prompt="请问您想去哪家医院？", heard="南京鼓楼医院")
    number = get_call(session, UID).call_no
    address = f"/calls/{number}/recording.wav"
    assert address in supervised(app, session).get(f"/calls/{number}").get_data(as_text=True)
    agent = signed_in(app, session, Role.AGENT)
    assert address not in agent.get(f"/calls/{number}").get_data(as_text=True)
    assert agent.get(address).status_code == 403


def test_a_file_cut_short_says_how_much_is_left(session, redis, place):
    called(session, UID)
    record(place, voice(3.0), noise(3.0))
    (path,) = place.rglob("*.rec")
    path.write_bytes(path.read_bytes()[:-100])
    said = b"".join(open_recording(session, UID, SYSTEM))
    assert int.from_bytes(said[40:44], "little") == len(said) - HEADER_BYTES
