"""The whole service for a WSGI server: ``gunicorn wsgi:app`` or ``wsgi:build()``."""

from __future__ import annotations

from flask import Flask

from hotline import audit_views, settings
from hotline.agents import token_views
from hotline.agents import views as people
from hotline.app import create_app
from hotline.auth import views as auth
from hotline.booking import api as booking_api
from hotline.calls import api as calls_api
from hotline.classification import views as classification
from hotline.console import booking_import, booking_numbers, home, system
from hotline.statistics import api as statistics_api
from hotline.telephony import api as telephony_api
from ivr import call_sound, name_sound, turn_sound
from workorders.deadlines import changing as deadlines
from workorders.exchange import api as workorders_api
from workorders.exchange import files_api
from workorders.exchange.pages import parts as workorders_exchange
from workorders.pages import parts as workorders_pages

BLUEPRINTS = [
    auth.bp,
    home.bp,
    system.bp,
    booking_numbers.bp,
    booking_import.bp,
    people.bp,
    token_views.bp,
    classification.bp,
    audit_views.bp,
    telephony_api.bp,
    calls_api.bp,
    booking_api.bp,
    statistics_api.bp,
    call_sound.bp,
    turn_sound.bp,
    deadlines.bp,
    name_sound.bp,
    workorders_pages.bp,
    workorders_exchange.bp,
    workorders_api.bp,
    workorders_api.inbound,
    files_api.bp,
]


def build() -> Flask:
    """The application with every feature's pages and doors."""
    return create_app(settings.current(), BLUEPRINTS)


def __getattr__(name: str) -> Flask:
    """``wsgi:app`` is built when a server asks for it, not at import."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = build()
    app: Flask = globals()["app"]
    return app
