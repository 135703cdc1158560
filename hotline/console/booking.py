"""Booking for a caller: find a place, see what is left, take a slot. What follows is beside it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlmodel import Session, col, select

from hotline import access
from hotline.agents.rules import DESK_ROLES
from hotline.booking.finding import Booker
from hotline.booking.models import Booking
from hotline.booking.rules import RUNS_OUT, State
from hotline.calls.confidential import reader, require_readable
from hotline.calls.models import Call
from hotline.clock import now, today
from hotline.console import booking_places, booking_slots, desk_data
from hotline.console.booking_choice import Choice, Where, choice_of, where, whole_number
from hotline.console.booking_grid import Grid, grid
from hotline.console.booking_patients import known_by, mobile_of
from hotline.console.booking_policies import in_one_sentence
from hotline.console.booking_told import Told, told
from hotline.db import transaction
from hotline.web import render

bp = Blueprint("booking", __name__, url_prefix="/booking")
desk_people = access.allowed(*DESK_ROLES)
MINE_SHOWN = 8
# What a caller may ask about: an offer is not to be missed because they ask for something else.
TO_COME = (State.OFFERED, State.CONFIRMED, State.WAITING)


def booker() -> Booker:
    """The agent who asks: may see and change what others have booked."""
    return Booker(access.person().username, sees_all=True)


@bp.get("")
@desk_people
def index() -> str:
    """Booking without a call; where one left off stands in the address."""
    with transaction() as session:
        return render("booking/index.html", mine=_lately(session),
                      card=whole_number(request.args.get("booking")),
                      **panel_values(session, choice_of(request.args)))  # fmt: skip


@bp.get("/mine")
@access.passive
@desk_people
def mine() -> str:
    """What I have booked lately."""
    with transaction() as session:
        return render("booking/_mine.html", mine=_lately(session))


def _lately(session: Session) -> list[Told]:
    numbered = [Booking.owner == booker().owner, col(Booking.booking_no).is_not(None)]
    return told(session, *numbered, most=MINE_SHOWN)


@bp.get("/panel")
@desk_people
def panel() -> str:
    """The panel alone, for the desk and for every next choice."""
    with transaction() as session:
        return render("booking/_pick.html", **panel_values(session, choice_of(request.args)))


def panel_values(session: Session, choice: Choice) -> dict[str, Any]:
    """Everything the panel shows while a slot is looked for."""
    place = where(session, choice)
    call = call_of(session, choice)
    values: dict[str, Any] = {"choice": choice, "place": place, "call": call,
                              "of_stopped": is_of_stopped(session, choice)}  # fmt: skip
    if place.department is not None:
        values |= {"grid": grid(session, place), "policy": in_one_sentence(session, place.hospital)}
        values |= {"offers": booking_slots.half_day(session, place, choice)}
    return values | {"held": _held(session), "upcoming": _upcoming(session, call)}


def is_of_stopped(session: Session, choice: Choice) -> bool:
    """Whether what is to be changed does not take place: then it is booked anew."""
    query = select(Booking.state).where(Booking.booking_no == choice.change)
    return bool(choice.change) and session.exec(query).first() is State.STOPPED


def call_of(session: Session, choice: Choice) -> Call | None:
    """The call at hand, when the panel is on its desk."""
    if not choice.call:
        return None
    call = desk_data.get_call(session, choice.call)
    require_readable(call, reader())
    return call


def _held(session: Session) -> list[Told]:
    """What I keep for somebody and have neither confirmed nor given up: a reload loses nothing."""
    mine = (Booking.owner == booker().owner, col(Booking.state).in_(RUNS_OUT),
            col(Booking.expires_at) > now())  # fmt: skip
    return told(session, *mine, most=5)


def _upcoming(session: Session, call: Call | None) -> list[Told]:
    """What the caller's number has booked for the days to come."""
    accounts = [one.account.id for one in known_by(session, mobile_of(call))]
    if not accounts:
        return []
    standing = (col(Booking.account_id).in_(accounts), Booking.day >= today(),
                col(Booking.state).in_(TO_COME))  # fmt: skip
    return told(session, *standing, order=(Booking.day,), most=6)


@bp.get("/places")
@desk_people
def places() -> Response:
    """Hospitals, departments and doctors for what was typed so far."""
    asked = choice_of(request.args)
    with transaction() as session:
        found = booking_places.find(
            session, request.args.get("q", "")[:40], asked.hospital, asked.department,
            with_items=True,
        )  # fmt: skip
    return jsonify(places=[_line(place, asked) for place in found])


def _line(place: booking_places.Place, asked: Choice) -> dict[str, Any]:
    chosen = Choice(call=asked.call, change=asked.change)
    return {
        "kind": place.kind,
        "name": place.name,
        "beyond": place.beyond,
        "left": place.left,
        "address": chosen.at("booking.panel", **{place.kind: place.id}),
    }


@bp.get("/days")
@access.passive
@desk_people
def days() -> str:
    """The grid of half-days, as it is now."""
    with transaction() as session:
        place, choice = _chosen(session)
        shown = grid(session, place) if place.department else Grid([], [])
        return render("booking/_days.html", grid=shown, choice=choice)


@bp.get("/slots")
@access.passive
@desk_people
def slots() -> str:
    """The slots of one half-day, as they are now."""
    with transaction() as session:
        place, choice = _chosen(session)
        offers = booking_slots.half_day(session, place, choice)
        return render("booking/_slots.html", offers=offers, choice=choice)


def _chosen(session: Session) -> tuple[Where, Choice]:
    choice = choice_of(request.args)
    return where(session, choice), choice
