"""The console's own blueprints, beside those the features bring."""

from __future__ import annotations

from hotline.console import (
    account,
    assets,
    board,
    callbacks,
    calls,
    desk_telephone,
    manual,
    saved,
    search,
    shell,
)

BLUEPRINTS = [
    assets.bp,
    shell.bp,
    account.bp,
    search.bp,
    saved.bp,
    desk_telephone.bp,  # the desk itself, and its telephone
    calls.bp,
    manual.bp,
    callbacks.bp,
    board.bp,
]
