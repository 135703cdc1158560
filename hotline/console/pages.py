"""The console's own blueprints, beside those the features bring."""

from __future__ import annotations

from hotline.console import assets, board, callbacks, calls, desk, search, shell

BLUEPRINTS = [
    assets.bp,
    shell.bp,
    search.bp,
    desk.bp,
    calls.bp,
    callbacks.bp,
    board.bp,
]
