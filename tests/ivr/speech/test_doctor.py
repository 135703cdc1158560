"""What `hotline doctor` says of models that are missing, broken or exchanged; how to mend them."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotline import cli, settings
from hotline.settings import Settings
from ivr import doctor
from ivr.speech import models
from ivr.speech.cli import _progress
from ivr.speech.models import EMBEDDED_PATH


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


def _installed(site: Settings, name: str = "small-cn") -> Path:
    target = models.folder(site) / name
    shutil.copytree(EMBEDDED_PATH, target)
    return target


def _said(site: Settings) -> list[str]:
    return [f"{finding.mark} {finding.sentence}" for finding in doctor.findings(site)]


@pytest.mark.parametrize("file", ["am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst"])
def test_a_missing_file_is_named_and_the_next_best_listens(site: Settings, file: str) -> None:
    (_installed(site) / file).unlink()
    first, second = _said(site)
    assert first.startswith("！ 语音模型 small-cn（")
    assert f"不能用：缺少文件 {file}" in first
    assert first.endswith("请重新运行 hotline ivr model install small-cn")
    assert second.startswith("！ 语音模型 embedded（")


def test_a_file_that_is_not_what_its_manifest_vouches_for(site: Settings) -> None:
    words = _installed(site, "cn") / "graph" / "words.txt"
    words.write_bytes(words.read_bytes() + b"x 99999\n")
    assert "cn（" in _said(site)[0]
    assert "文件已损坏：graph/words.txt" in _said(site)[0]
    _installed(site)
    assert [line[0] for line in _said(site)] == ["！", "✓"]
    assert "语音模型 small-cn（" in _said(site)[1]


def test_rubbish_in_place_of_a_network_takes_nobody_down(site: Settings) -> None:
    broken = _installed(site)
    (broken / "model.json").unlink()
    (broken / "am" / "final.mdl").write_bytes(bytes(1000))
    assert "small-cn" in _said(site)[0]
    assert "不能用" in _said(site)[0]


def test_an_empty_folder_is_no_model(site: Settings) -> None:
    (models.folder(site) / "cn").mkdir(parents=True)
    first, _ = _said(site)
    assert "缺少文件 am/final.mdl、conf/mfcc.conf、conf/model.conf" in first


def test_a_setting_that_names_nothing_leaves_the_keys(tmp_path: Path) -> None:
    site = Settings(data_dir=tmp_path, ivr_model=str(tmp_path / "nowhere"))
    first, second = _said(site)
    assert "请更正 HOTLINE_IVR_MODEL" in first
    assert "语音线路只用按键" in second
    named = Settings(data_dir=tmp_path, ivr_model="cn")
    assert "请重新运行 hotline ivr model install cn" in _said(named)[0]


def test_the_doctor_says_which_model_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path / "data"))
    settings.current.cache_clear()
    try:
        _installed(settings.current())
        output = CliRunner().invoke(cli.hotline, ["doctor"]).output
    finally:
        settings.current.cache_clear()
    [line] = [line for line in output.splitlines() if "语音模型" in line]
    assert "✓" in line
    assert "small-cn" in line


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_download_counts_on_a_screen_and_keeps_quiet_in_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", _Screen())
    _progress(21_000_000, 42_000_000)
    _progress(500_000, None)
    assert "已下载 21.0 MB，50%" in sys.stderr.getvalue()
    assert "已下载 0.5 MB" in sys.stderr.getvalue()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    _progress(21_000_000, 42_000_000)
    assert sys.stderr.getvalue() == ""
