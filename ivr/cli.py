"""`hotline ivr`: the voice line."""

from __future__ import annotations

import click

from ivr.corrections_cli import corrections
from ivr.say_to import say_to
from ivr.serve import serve
from ivr.speech.cli import model
from ivr.voice.cli import prompts


@click.group(short_help="语音线路")
def ivr() -> None:
    """语音线路：来电者用说话和按键办理。"""


ivr.add_command(corrections)
ivr.add_command(model)
ivr.add_command(prompts)
ivr.add_command(say_to)
ivr.add_command(serve)
