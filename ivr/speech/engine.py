"""The process's one model and its threads: utterances come and go, the model stays."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from hotline.settings import Settings
from ivr.hearing import Expects
from ivr.speech import layout, models
from ivr.speech.alikes import SoundAlikes
from ivr.speech.decoder import Decoder
from ivr.speech.nearest import syllables
from ivr.speech.utterance import Utterance
from ivr.speech.vocabulary import Grammar, grammar

log = structlog.get_logger(__name__)


class Engine:
    """A loaded model. Recognition runs on as many threads as there are cores (it releases the
    interpreter's lock); each utterance is worked on by one of them at a time.
    """

    def __init__(self, model: Path, threads: int | None = None, name: str = "") -> None:
        import vosk

        vosk.SetLogLevel(-1)
        self._model = vosk.Model(str(model))
        self.name = name or model.name
        self.takes_grammars = layout.takes_grammars(model)
        self._alikes = SoundAlikes(model / "graph" / "words.txt")
        self._grammars: dict[tuple[str, ...], Grammar] = {}
        self._threads = ThreadPoolExecutor(threads or os.cpu_count() or 1, "recognition")

    def knows(self, word: str) -> bool:
        """Whether the model has this word."""
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def grammar(self, phrases: Iterable[str]) -> Grammar:
        """A grammar of phrases; those that cannot be said are named in the log, once."""
        wanted = tuple(phrases)
        if wanted not in self._grammars:
            if len(self._grammars) > 200:
                self._grammars.clear()  # the pool of slots has changed often enough
            made = self._grammars[wanted] = grammar(wanted, self.knows, self._alikes.spelt)
            if made.unsayable:
                log.warning("phrases_not_in_vocabulary", phrases=made.unsayable[:50])
        return self._grammars[wanted]

    def listen(self, expects: Expects) -> Utterance:
        """Begin an utterance, narrowed to the phrases expected where the model allows it.

        Within a running event loop, which does not wait for the grammar to be made.
        """
        return Utterance(lambda: Decoder(self._model, self._narrowed(expects)), self._threads)

    def warm(self, phrases: Iterable[str]) -> None:
        """Read the dictionaries that such phrases need, so that no caller waits for that."""
        self.grammar(phrases)
        syllables("疫苗")

    def _narrowed(self, expects: Expects) -> Grammar | None:
        if not expects.phrases or not self.takes_grammars:
            return None
        made = self.grammar(expects.phrases)
        return made if made.phrases else None

    def close(self) -> None:
        """Let the threads end with what they are at."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def load(site: Settings) -> Engine | None:
    """The engine with the model in use; None when no model works: callers then have their keys.

    What is loaded here has been tried in a child process, so a damaged model cannot take this
    process down.
    """
    choice = models.chosen(site)
    for refused, why in choice.refused:
        log.warning("speech_model_refused", model=refused.name, why=why)
    if choice.model is None:
        log.error("no_speech_model")
        return None
    log.info("speech_model", model=choice.model.name, version=choice.model.version)
    return Engine(choice.model.path, name=f"{choice.model.name} {choice.model.version}"[:80])
