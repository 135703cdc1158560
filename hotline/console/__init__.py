"""The web console: pages for agents, supervisors, managers and admins."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from flask import Flask

from hotline import access, settings


def install(app: Flask) -> None:
    """Give templates what every page needs: who asks, the navigation, how values are written."""
    app.context_processor(_context)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    filters: dict[str, Any] = import_module("hotline.console.filters").FILTERS
    app.jinja_env.filters.update(filters)
    import_module("hotline.console.page").install(app)
    for bp in import_module("hotline.console.pages").BLUEPRINTS:
        app.register_blueprint(bp)


def _context() -> dict[str, Any]:
    navigation = import_module("hotline.console.navigation")
    who = access.who()
    return {
        "who": who,
        "is_demo": settings.current().demo,
        "navigation": navigation.items_for(who) if who else [],
    }
