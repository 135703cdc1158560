"""A voice line whose loop is stuck ends, and with it its connections."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

LINE = """
    import asyncio, time
    from ivr.stuck import ends_itself

    async def serve():
        async with ends_itself(0.5):
            print("open", flush=True)
            {meanwhile}
        {afterwards}
        print("left", flush=True)

    asyncio.run(serve())
"""


def ran(meanwhile: str, afterwards: str = "pass") -> subprocess.CompletedProcess[str]:
    """What became of a process that does this."""
    code = dedent(LINE).format(meanwhile=meanwhile, afterwards=afterwards)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_loop_that_is_stuck_ends_the_process_and_says_where_it_stood():
    end = ran("time.sleep(100)")
    assert (end.returncode, end.stdout) == (1, "open\n")
    assert "in serve" in end.stderr


@pytest.mark.parametrize(
    ("meanwhile", "afterwards"),
    [("await asyncio.sleep(2)", "pass"), ("pass", "time.sleep(2)")],
    ids=["it works", "it has left"],
)
def test_one_that_is_not_goes_on(meanwhile, afterwards):
    end = ran(meanwhile, afterwards)
    assert (end.returncode, end.stdout) == (0, "open\nleft\n")
