"""`hotline ivr serve`: everything a call needs, made once for the process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial

import click

from hotline import settings
from hotline.clock import today
from hotline.db import transaction
from hotline.settings import Settings
from hotline.voice_line import Health
from ivr import questions, serving, stuck
from ivr.catalogue import Living
from ivr.dialogue.places import Catalogue
from ivr.media.transport import Transport
from ivr.persons.office import Office
from ivr.session import Session
from ivr.speech import engine
from ivr.speech.engine import Engine
from ivr.turn_store import close, keep
from ivr.voice import speaker
from ivr.voice.speaker import Speaker


@click.command()
def serve() -> None:
    """接听语音线路，直到收到停止信号。"""
    site = settings.current()
    recogniser = engine.load(site)
    if recogniser is not None:
        recogniser.warm(questions.asked())
    health = Health.OK if recogniser else Health.KEYPAD
    try:
        with conversation(site, recogniser) as talk:
            office = Office(talk.speak, page_seconds=site.ivr_page_seconds)
            asyncio.run(_served(site, talk, health, office))
    finally:
        if recogniser is not None:
            recogniser.close()


async def _served(site: Settings, talk: Conversation, health: Health, office: Office) -> None:
    async with stuck.ends_itself():
        await serving.serve(site, talk, lambda: health, office=office)


@contextmanager
def conversation(site: Settings, recogniser: Engine | None) -> Iterator[Conversation]:
    """What talks to each caller."""
    voice = speaker.at(site.data_dir.absolute())
    with closing(voice):
        yield Conversation(recogniser, voice, Living())


class Conversation:
    """See ``Converse``; every caller hears the same voice."""

    def __init__(self, recogniser: Engine | None, voice: Speaker, living: Living) -> None:
        self._recogniser = recogniser
        self._voice = voice
        self._living = living

    async def __call__(self, transport: Transport) -> None:
        uid = transport.info.uuid
        session = Session(
            transport, self._recogniser, self._voice, partial(keep, uid), self._city,
            partial(close, uid), self._recogniser.name if self._recogniser else None,
        )  # fmt: skip
        await session.run()

    def speak(self, pieces: Sequence[str]) -> bytes:
        """PCM of these pieces."""
        return self._voice.speak(pieces)

    def _city(self) -> Catalogue:
        with transaction() as session:
            return self._living.current(session, today())
