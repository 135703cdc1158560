"""The telephone's doors without the rest of the application."""

from __future__ import annotations

import pytest
from flask import Flask

from hotline import settings
from hotline.app import create_app
from hotline.auth import views as auth
from hotline.calls import api as calls
from hotline.telephony import api as telephony


@pytest.fixture(scope="session")
def doors(database: str) -> Flask:
    """Sign-in, telephony events, calls."""
    app = create_app(settings.current(), [auth.bp, telephony.bp, calls.bp])
    app.testing = True
    return app
