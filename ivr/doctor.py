"""What `hotline doctor` says about the voice line."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.doctor import Finding, mind, well
from hotline.settings import Settings
from ivr.speech import models


def findings(site: Settings) -> Iterator[Finding]:
    """Which model listens; and when none can, that callers have only their keys."""
    choice = models.chosen(site)
    for model, why in choice.refused:
        yield mind(f"语音模型 {model.name}（{model.path}）不能用：{why}。{_mending(model)}")
    if choice.model is None:
        yield mind(
            "没有可用的语音模型，语音线路只用按键：请运行 hotline ivr model install small-cn"
        )
        return
    words = f"语音模型 {choice.model.name}（{choice.model.version}）"
    if choice.model.name == models.EMBEDDED:
        yield mind(f"{words}只供演示和测试：正式使用请运行 hotline ivr model install cn")
    else:
        yield well(words + ("" if choice.model.takes_grammars else "，不支持词表，自由识别"))


def _mending(model: models.SpeechModel) -> str:
    if model.name in models.OFFICIAL:
        return f"请重新运行 hotline ivr model install {model.name}"
    if model.name == models.EMBEDDED:
        return "请重新安装本软件"
    return "请更正 HOTLINE_IVR_MODEL，或运行 hotline ivr model use auto"
