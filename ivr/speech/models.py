"""Which model the voice line listens with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hotline.errors import NotStarted
from hotline.settings import Settings
from ivr.speech import layout
from ivr.speech.verdicts import Verdicts

AUTO = "auto"
EMBEDDED = "embedded"
EMBEDDED_PATH = Path(__file__).parents[1] / "models" / "small-cn"


@dataclass(frozen=True)
class Official:
    """A model its makers offer for download. ``megabytes`` is what the archive holds, about."""

    name: str
    archive: str
    megabytes: int
    words: str


# Best first: this is also the order of choice.
OFFICIAL = {
    model.name: model
    for model in (
        Official("cn", "vosk-model-cn-0.22.zip", 1300, "官方大模型，需要约 6 GB 内存，最准"),
        Official("small-cn", "vosk-model-small-cn-0.22.zip", 42, "官方小模型，适合一般服务器"),
    )
}


@dataclass(frozen=True)
class SpeechModel:
    """A model that is on this machine. ``name``: cn, small-cn, embedded, or where it lies."""

    name: str
    path: Path

    @property
    def version(self) -> str:
        """What its makers call this version."""
        return layout.version(self.path)

    @property
    def takes_grammars(self) -> bool:
        """Whether a turn can narrow what is listened for."""
        return layout.takes_grammars(self.path)


@dataclass(frozen=True)
class Choice:
    """The model in use, if any can be, and those preferred to it that cannot, with why."""

    model: SpeechModel | None
    refused: tuple[tuple[SpeechModel, str], ...] = ()


def folder(site: Settings) -> Path:
    """Where installed models lie."""
    return site.data_dir.absolute() / "ivr" / "models"


def present(site: Settings) -> list[SpeechModel]:
    """What is on this machine, best first; the embedded one is always last."""
    installed = [SpeechModel(name, folder(site) / name) for name in OFFICIAL]
    embedded = SpeechModel(EMBEDDED, EMBEDDED_PATH)
    return [*(model for model in installed if model.path.is_dir()), embedded]


def chosen(site: Settings) -> Choice:
    """The first that can be used: of all when nothing was said, else only of the one named."""
    verdicts = Verdicts(site.data_dir.absolute() / "ivr" / "verdicts.json")
    refused: list[tuple[SpeechModel, str]] = []
    for model in _named(site, wish(site)):
        why = verdicts.refusal(model.path)
        if why is None:
            return Choice(model, tuple(refused))
        refused.append((model, why))
    return Choice(None, tuple(refused))


def _named(site: Settings, name: str) -> list[SpeechModel]:
    models = present(site)
    if name == AUTO:
        return models
    known = {EMBEDDED, *OFFICIAL}
    path = folder(site) / name if name in known else Path(name).expanduser()
    return [model for model in models if model.name == name] or [SpeechModel(name, path)]


def wish(site: Settings) -> str:
    """The setting; when it leaves the choice open, what ``hotline ivr model use`` wrote."""
    if site.ivr_model != AUTO:
        return site.ivr_model
    try:
        return _wish_file(site).read_text().strip() or AUTO
    except OSError:
        return AUTO


def use(site: Settings, name: str) -> None:
    """Remember a choice: a name, a directory, or auto. Raises NotStarted with a sentence."""
    if site.ivr_model != AUTO:
        raise NotStarted(f"HOTLINE_IVR_MODEL 已设为 {site.ivr_model}，以它为准；请改那里。", 78)
    if name != AUTO:
        model = _named(site, name)[0]
        verdicts = Verdicts(site.data_dir.absolute() / "ivr" / "verdicts.json")
        if why := verdicts.refusal(model.path):
            raise NotStarted(f"模型 {name} 不能用：{why}。", 66)
        name = name if model.name in {EMBEDDED, *OFFICIAL} else str(model.path.absolute())
    _wish_file(site).parent.mkdir(parents=True, exist_ok=True)
    _wish_file(site).write_text(name + "\n")


def _wish_file(site: Settings) -> Path:
    return site.data_dir.absolute() / "ivr" / "model"
