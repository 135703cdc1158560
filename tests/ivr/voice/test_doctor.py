"""What `hotline doctor` says of names without a recording."""

from types import SimpleNamespace

from hotline.clock import today
from hotline.db import transaction
from ivr.voice import clips, doctor, wanted
from ivr.voice.speaker import OWN
from tests.booking.places import make_department
from tests.ivr.sounds import voice


def said(folder):
    (finding,) = doctor.findings(SimpleNamespace(data_dir=folder))
    return finding.sentence


def record(folder, texts):
    """All of these by one sound."""
    path = folder / OWN
    path.parent.mkdir(exist_ok=True)
    sound = clips.encoded(voice(0.3))
    clips.write(path, [(text, sound) for text in texts])


def test_names_without_a_recording_are_counted(committed, tmp_path):
    with transaction() as session:
        make_department(session, "高压氧科")
    record(tmp_path, [piece.key for piece in wanted.shipped()])
    assert "有 2 段话没有录音" in said(tmp_path)
    assert "hotline ivr prompts build" in said(tmp_path)


def test_all_is_well_when_everything_is_recorded(committed, tmp_path):
    with transaction() as session:
        make_department(session, "高压氧科")
        names = [piece.key for piece in wanted.of_site(session, today())]
    record(tmp_path, [*(piece.key for piece in wanted.shipped()), *names])
    assert "都有录音" in said(tmp_path)
