"""The sound of what is said."""

import numpy as np
import pytest

from ivr.media.transport import RATE, seconds_of
from ivr.voice import clips
from ivr.voice.clips import Clips
from ivr.voice.plain import PlainVoice
from ivr.voice.speaker import Speaker, pause
from tests.ivr.sounds import voice


@pytest.fixture
def plain():
    voice = PlainVoice()
    yield voice
    voice.close()


def archive(tmp_path, name="main.zip", **sounds):
    path = tmp_path / name
    return written(path, sounds)


def written(path, sounds):
    clips.write(path, [(key, clips.encoded(pcm)) for key, pcm in sounds.items()])
    return path


def loudness(pcm):
    return np.abs(np.frombuffer(pcm, "<i2").astype(float)).mean()


def test_a_recording_comes_out_as_it_went_in(tmp_path):
    said = voice(0.8)
    kept = Clips([archive(tmp_path, 鼓楼医院=said)])
    sound = kept.sound("鼓楼医院")
    assert seconds_of(sound) == pytest.approx(0.8, abs=0.03)
    assert loudness(sound) == pytest.approx(loudness(said), rel=0.15)
    assert kept.sound("儿童医院") is None
    assert "鼓楼医院" in kept


def test_what_a_site_records_itself_wins(tmp_path):
    shipped = archive(tmp_path, 鼓楼医院=voice(0.5))
    own = archive(tmp_path, "own.zip", 鼓楼医院=voice(1.0))
    assert seconds_of(Clips([shipped, own]).sound("鼓楼医院")) == pytest.approx(1.0, abs=0.03)


def test_an_archive_replaced_while_the_line_runs_is_heard(tmp_path):
    path = tmp_path / "local.zip"
    kept = Clips([path])
    assert kept.sound("王建国") is None
    archive(tmp_path, "local.zip", 王建国=voice(0.5))
    assert seconds_of(kept.sound("王建国")) == pytest.approx(0.5, abs=0.03)
    archive(tmp_path, "local.zip", 王建国=voice(0.9))
    assert seconds_of(kept.sound("王建国")) == pytest.approx(0.9, abs=0.03)


def test_a_damaged_or_missing_archive_is_as_good_as_none(tmp_path):
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"PK\x03\x04 nonsense")
    assert Clips([bad, tmp_path / "none.zip"]).sound("您好") is None


def test_nothing_is_mute(plain):
    sound = plain.sound("王建国医生")
    assert 0.4 < seconds_of(sound) < 3
    assert loudness(sound) > 200
    assert seconds_of(plain.sound("王建国医生", slow=True)) > seconds_of(sound)


def test_a_voice_that_died_is_started_again(plain):
    plain.sound("您好")
    plain._process.kill()
    plain._process.wait()
    assert plain.sound("再见")


def test_pieces_are_joined_with_their_pauses(tmp_path, plain):
    speaker = Speaker(Clips([archive(tmp_path, 好的=voice(0.5), 上午=voice(0.4))]), plain)
    spoken = speaker.speak(["好的，", "上午", "。"])
    assert seconds_of(spoken) == pytest.approx(0.5 + 0.22 + 0.4 + 0.03 + 0.4, abs=0.06)
    assert speaker.missing == set()
    speaker.speak(["王建国医生"])
    assert speaker.missing == {"王建国医生"}


def test_a_name_and_what_follows_may_be_recorded_apart(tmp_path, plain):
    recorded = {"王建国": voice(0.6), "医生": voice(0.4)}
    speaker = Speaker(Clips([written(tmp_path / "main.zip", recorded)]), plain)
    said = seconds_of(speaker.speak(["王建国医生"]))
    assert said == pytest.approx(0.6 + 0.4 + 0.03, abs=0.05)
    assert speaker.missing == set()


def test_sentences_of_one_piece_are_recorded_one_by_one(tmp_path, plain):
    recorded = {"预约成功": voice(0.6), "您的预约号是": voice(0.9), "人工按0": voice(0.5)}
    speaker = Speaker(Clips([written(tmp_path / "main.zip", recorded)]), plain)
    said = seconds_of(speaker.speak(["预约成功。您的预约号是", "。人工按0。"]))
    assert said == pytest.approx(0.6 + 0.4 + 0.9 + 0.03 + 0.4 + 0.5 + 0.4, abs=0.08)
    assert speaker.missing == set()


def test_slow_has_longer_pauses_and_its_own_recordings(tmp_path, plain):
    sounds = {"上午": voice(0.4), "slow/上午": voice(0.7)}
    speaker = Speaker(Clips([written(tmp_path / "main.zip", sounds)]), plain)
    assert seconds_of(speaker.speak(["上午"], slow=True)) > 0.7
    assert seconds_of(pause(1, slow=True)) == pytest.approx(1.8)
    assert len(pause(0.5)) == RATE
