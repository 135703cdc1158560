"""`hotline ivr serve`: everything a call needs, made once for the process."""

from __future__ import annotations

import asyncio

import click

from hotline import settings
from hotline.calls.turns import record_turn
from hotline.clock import today
from hotline.db import transaction
from hotline.settings import Settings
from hotline.voice_line import Health
from ivr import serving
from ivr.catalogue import Living
from ivr.dialogue.places import Catalogue
from ivr.media.transport import Transport
from ivr.server import Converse
from ivr.session import Session, Turn
from ivr.speech import engine
from ivr.speech.engine import Engine
from ivr.voice import speaker
from ivr.voice.speaker import Speaker


@click.command()
def serve() -> None:
    """接听语音线路，直到收到停止信号。"""
    site = settings.current()
    recogniser = engine.load(site)
    health = Health.OK if recogniser else Health.KEYPAD
    try:
        asyncio.run(serving.serve(site, conversation(site, recogniser), lambda: health))
    finally:
        if recogniser is not None:
            recogniser.close()


def conversation(site: Settings, recogniser: Engine | None) -> Converse:
    """What talks to each caller."""
    voice, living = speaker.at(site.data_dir.absolute()), Living()
    return _Conversation(recogniser, voice, living)


class _Conversation:
    def __init__(self, recogniser: Engine | None, voice: Speaker, living: Living) -> None:
        self._recogniser = recogniser
        self._voice = voice
        self._living = living

    async def __call__(self, transport: Transport) -> None:
        uid = transport.info.uuid
        session = Session(
            transport, self._recogniser, self._voice, lambda turn: keep(uid, turn), self._city
        )
        await session.run()

    def _city(self) -> Catalogue:
        with transaction() as session:
            return self._living.current(session, today())


def keep(call_uid: str, turn: Turn) -> None:
    """Store a turn; words of danger raise an alert with it."""
    with transaction() as session:
        record_turn(
            session, call_uid, expects=turn.expects, prompt=turn.prompt, heard=turn.heard,
            outcome=turn.outcome, slots=turn.slots,
        )  # fmt: skip
