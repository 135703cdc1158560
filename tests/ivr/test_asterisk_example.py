"""The example for a site with Asterisk asks what the voice line answers, and drops nobody."""

from __future__ import annotations

import re
from pathlib import Path

from ivr.admission import Admission
from ivr.callbook import DEFAULT_QUEUE
from ivr.dialplan import Dialplan
from ivr.persons.records import CRISIS
from tests.ivr.lines import Unwritten

EXAMPLE = Path(__file__).parents[2] / "docs" / "asterisk"


def said(name: str) -> str:
    """A file without its remarks."""
    lines = (EXAMPLE / name).read_text(encoding="utf-8").splitlines()
    return "\n".join(line.split(";")[0].rstrip() for line in lines)


def queue_calls() -> list[str]:
    """What stands in each Queue(…), with HOW in its place."""
    dialplan = said("extensions.conf")
    how = re.search(r"Set\(HOW=(.*)\)$", dialplan, re.MULTILINE)
    assert how is not None
    calls = re.findall(r"Queue\((.*)\)$", dialplan, re.MULTILINE)
    return [call.replace("${HOW}", how[1]) for call in calls]


def test_every_script_it_asks_for_is_answered_and_none_is_forgotten():
    asked = set(re.findall(r"agi://\$\{IVR\}:4573/(\w+)", said("extensions.conf")))
    assert asked == set(Dialplan(Admission(1), Unwritten(), lambda _: None).scripts)


def test_the_queues_we_name_are_there():
    queues = set(re.findall(r"^\[(.+)\]$", said("queues.conf"), re.MULTILINE))
    assert {DEFAULT_QUEUE, CRISIS} <= queues


def test_nobody_who_waits_is_hung_up_on():
    calls = queue_calls()
    assert len(calls) == 3
    for call in calls:
        options, *rest = call.rsplit("}", 1)[1].lstrip(",)").split(",")
        assert "n" not in re.sub(r"\(.*?\)", "", options)
        assert rest[2:3] in ([], [""])  # URL, announcement, timeout


def test_asterisk_goes_where_the_contexts_are():
    dialplan = said("extensions.conf")
    contexts = set(re.findall(r"^\[(.+)\]$", dialplan, re.MULTILINE))
    assert set(re.findall(r"hotline-[a-z]+", dialplan)) <= contexts
    assert "context = hotline-in" in said("pjsip.conf")


def test_imported_times_are_wall_clock():
    assert re.search(r"^usegmtime = no$", said("cdr.conf"), re.MULTILINE)
