"""The model in use: the best that works, never one that would take the server down."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hotline.errors import NotStarted
from hotline.settings import Settings
from ivr import doctor
from ivr.speech import layout, models
from ivr.speech.models import EMBEDDED_PATH
from ivr.speech.verdicts import Verdicts


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


def _copy(target: Path) -> Path:
    shutil.copytree(EMBEDDED_PATH, target)
    (target / "model.json").unlink()
    return target


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def test_without_anything_installed_the_embedded_one_listens(site: Settings) -> None:
    choice = models.chosen(site)
    assert choice.model is not None
    assert (choice.model.name, choice.refused) == ("embedded", ())
    assert choice.model.takes_grammars
    assert choice.model.version == "2026.11.2"
    [finding] = doctor.findings(site)
    assert finding.mark == "！"
    assert "只供演示和测试" in finding.sentence


def test_an_installed_one_is_preferred_and_the_large_one_to_the_small(site: Settings) -> None:
    _copy(models.folder(site) / "small-cn")
    assert models.chosen(site).model == models.SpeechModel(
        "small-cn", models.folder(site) / "small-cn"
    )
    _copy(models.folder(site) / "cn")
    chosen = models.chosen(site).model
    assert chosen is not None
    assert chosen.name == "cn"
    assert [finding.mark for finding in doctor.findings(site)] == ["✓"]


@pytest.mark.parametrize("file", ["am/final.mdl", "graph/HCLr.fst", "graph/words.txt"])
def test_a_damaged_one_is_passed_over_and_named(site: Settings, file: str) -> None:
    _cut(_copy(models.folder(site) / "small-cn") / file)
    if file == "graph/words.txt":  # half a list still reads: a line cut in two does not
        (models.folder(site) / "small-cn" / file).write_text("甲 1\n乙\n")
    choice = models.chosen(site)
    assert choice.model is not None
    assert choice.model.name == "embedded"
    assert [refused.name for refused, _ in choice.refused] == ["small-cn"]
    assert all(why for _, why in choice.refused)
    assert "small-cn" in next(doctor.findings(site)).sentence


def test_when_none_works_the_line_has_its_keys(tmp_path: Path) -> None:
    broken = _copy(tmp_path / "own")
    (broken / "graph" / "Gr.fst").unlink()
    site = Settings(data_dir=tmp_path / "data", ivr_model=str(broken))
    choice = models.chosen(site)
    assert choice.model is None
    assert choice.refused[0][1] == "缺少文件 graph/Gr.fst"
    assert "只用按键" in [finding.sentence for finding in doctor.findings(site)][-1]


def test_a_changed_file_of_the_embedded_model_is_noticed(tmp_path: Path) -> None:
    whole = shutil.copytree(EMBEDDED_PATH, tmp_path / "whole")
    verdicts = Verdicts(tmp_path / "verdicts.json")
    assert verdicts.refusal(whole) is None
    with (whole / "graph" / "words.txt").open("a") as words:
        words.write("甲 99999\n")
    assert verdicts.refusal(whole) == "文件已损坏：graph/words.txt"


def test_a_verdict_is_remembered_until_a_file_changes(tmp_path: Path) -> None:
    own = _copy(tmp_path / "own")
    kept = tmp_path / "verdicts.json"
    assert Verdicts(kept).refusal(own) is None
    kept.write_text(kept.read_text().replace("null", '"不要"'))
    assert Verdicts(kept).refusal(own) == "不要", "it was tried again"
    _cut(own / "am" / "final.mdl")
    assert Verdicts(kept).refusal(own) not in {None, "不要"}
    kept.write_text("{")
    assert Verdicts(kept).refusal(own) is not None, "a damaged memory is none"


def test_a_model_of_16_khz_must_be_told_to_take_the_line(tmp_path: Path) -> None:
    wide = _copy(tmp_path / "wide")
    features = wide / "conf" / "mfcc.conf"
    features.write_text(features.read_text().replace("8000", "16000"))
    assert "allow-upsample" in (Verdicts(tmp_path / "v.json").refusal(wide) or "")
    layout.allow_upsampling(wide)
    assert Verdicts(tmp_path / "v.json").refusal(wide) is None
    layout.allow_upsampling(wide)
    assert features.read_text().count(layout.UPSAMPLE) == 1


def test_a_choice_is_remembered_but_the_setting_counts_more(site: Settings, tmp_path: Path) -> None:
    _copy(models.folder(site) / "cn")
    models.use(site, "embedded")
    chosen = models.chosen(site).model
    assert chosen is not None
    assert chosen.name == "embedded"
    with pytest.raises(NotStarted, match="缺少文件"):
        models.use(site, str(tmp_path))
    with pytest.raises(NotStarted, match="HOTLINE_IVR_MODEL"):
        models.use(Settings(data_dir=site.data_dir, ivr_model="cn"), "auto")
    models.use(site, "auto")
    chosen = models.chosen(site).model
    assert chosen is not None
    assert chosen.name == "cn"
