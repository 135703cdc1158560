"""What templates may call: addresses of built files, of other pages, of this page changed."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, request, url_for

from hotline import clock
from hotline.agents.models import Person
from hotline.agents.rules import CHOSEN_BY_PERSON
from hotline.console import assets, saved
from hotline.db import transaction


def install(app: Flask) -> None:
    """Give every template these helpers."""
    app.jinja_env.globals.update(
        asset=assets.asset,
        has_page=has_page,
        changed=changed,
        written=written,
        now=clock.now,
        chosen_presence=CHOSEN_BY_PERSON,
        presence_of=presence_of,
        views_of_page=saved.views_of_page,
    )


def has_page(endpoint: str) -> bool:
    """Whether this installation has the page, so that nothing links to what is not there."""
    return endpoint in current_app.view_functions


def changed(**changes: Any) -> str:
    """This page's address with some of its question changed; None takes a part away.

    A changed question begins at its first page.
    """
    asked: dict[str, list[str]] = request.args.to_dict(flat=False)
    asked.pop("cursor", None)
    for name, value in changes.items():
        asked.pop(name, None)
        if value not in (None, "", []):
            asked[name] = [str(one) for one in (value if isinstance(value, list) else [value])]
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **asked})


def written(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes as HTML has them: a false one is left out, the class is written elsewhere."""
    kept = {name: value for name, value in attributes.items() if value is not False}
    kept.pop("class", None)
    return {name: "" if value is True else value for name, value in kept.items()}


def presence_of(person_id: int) -> tuple[Any, Any]:
    """Where a person is and since when."""
    with transaction() as session:
        person = session.get(Person, person_id)
    return (person.presence, person.presence_since) if person else (None, None)
