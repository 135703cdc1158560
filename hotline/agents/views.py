"""Admin pages: people and teams."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from hotline import access
from hotline.agents import queries, service
from hotline.agents.models import Person
from hotline.agents.rules import PEOPLE_ROLES, Role
from hotline.console.tables import Column, Listing, chips
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

bp = Blueprint("people", __name__, url_prefix="/admin")
Form = MultiDict[str, str]

ROLE_CHOICES = [(role.value, role.label) for role in PEOPLE_ROLES]
CONDITIONS = {"q": "查找", "role": "角色", "team": "班组", "active": "登录"}
COLUMNS = (
    Column("name", "姓名"),
    Column("username", "用户名"),
    Column("role", "角色"),
    Column("team", "班组"),
    Column("extension", "分机"),
    Column("presence", "状态"),
    Column("second", "二次验证"),
    Column("active", "登录"),
)


@bp.get("/people")
@access.allowed(Role.ADMIN)
def index() -> str:
    """People, by name, role, team and whether they may sign in."""
    wanted = _filter()
    with transaction() as session:
        page = queries.people(session, wanted, request.args.get("cursor"))
        teams = {team.id: team.name for team in queries.teams(session)}
    asked = {
        "q": wanted.words,
        "role": wanted.role.label if wanted.role else "",
        "team": teams.get(wanted.team_id or 0, ""),
        "active": {True: "可以登录", False: "已停用", None: ""}[wanted.is_active],
    }
    return render(
        "admin/people.html",
        listing=Listing(COLUMNS, page, chips(CONDITIONS, asked), link=_address),
        teams=teams,
        team_choices=list(teams.items()),
        role_choices=ROLE_CHOICES,
    )


def _address(person: Person) -> str:
    return url_for("people.edit", person_id=person.id)


def _filter() -> queries.PeopleFilter:
    active = {"1": True, "0": False}.get(request.args.get("active", ""))
    return queries.PeopleFilter(
        words=request.args.get("q", "").strip()[:40],
        role=Role.known(request.args.get("role")),
        team_id=request.args.get("team", type=int),
        is_active=active,
    )


@bp.get("/people/new")
@access.allowed(Role.ADMIN)
def new() -> str:
    """The form for a new person."""
    return _person_page(None, MultiDict({"role": Role.AGENT.value, "is_active": "1"}))


@bp.post("/people/new")
@access.allowed(Role.ADMIN)
def create() -> tuple[str, int] | str:
    """A new person; the first password is shown once."""
    form = request.form
    try:
        with transaction() as session:
            person, password = service.create_person(
                session,
                form.get("username", "").strip().lower(),
                _role(form),
                form.get("name", ""),
                team_id=_team(form),
                extension=form.get("extension", "").strip(),
            )
    except Refused as refusal:
        return _person_page(None, form, refusal), refusal.status
    return render("admin/password_once.html", person=person, password=password, is_new=True)


@bp.get("/people/<int:person_id>")
@access.allowed(Role.ADMIN)
def edit(person_id: int) -> str:
    """One person."""
    with transaction() as session:
        person = service.get_person(session, person_id)
    return _person_page(person, _as_form(person))


@bp.post("/people/<int:person_id>")
@access.allowed(Role.ADMIN)
def change(person_id: int) -> tuple[str, int] | Response:
    """Change name, role, team, extension, whether the person may sign in."""
    form = request.form
    with transaction() as session:
        person = service.get_person(session, person_id)
    try:
        with transaction() as session:
            service.change_person(
                session,
                service.get_person(session, person_id),
                name=form.get("name", ""),
                role=_role(form),
                team_id=_team(form),
                extension=form.get("extension", "").strip(),
                is_active=form.get("is_active") == "1",
            )
    except Refused as refusal:
        return _person_page(person, form, refusal), refusal.status
    flash("已保存。")
    return redirect(url_for("people.edit", person_id=person_id))


@bp.post("/people/<int:person_id>/password")
@access.allowed(Role.ADMIN)
def reset_password(person_id: int) -> str:
    """A new password, shown once."""
    with transaction() as session:
        person = service.get_person(session, person_id)
        password = service.reset_password(session, person)
    return render("admin/password_once.html", person=person, password=password, is_new=False)


@bp.post("/people/<int:person_id>/second-factor")
@access.allowed(Role.ADMIN)
def reset_second_factor(person_id: int) -> Response:
    """Forget a lost authenticator."""
    with transaction() as session:
        person = service.get_person(session, person_id)
        service.reset_second_factor(session, person, request.form.get("reason", ""))
    flash("已重置。该用户下次登录时须重新绑定验证器。")
    return redirect(url_for("people.edit", person_id=person_id))


@bp.post("/teams")
@access.allowed(Role.ADMIN)
def create_team() -> Response:
    """A new team."""
    name = request.form.get("name", "").strip()[:40]
    if not name:
        raise Refused("name_invalid", "请填写班组名称。", fields={"name": "请填写班组名称。"})
    with transaction() as session:
        service.create_team(session, name)
    flash(f"班组“{name}”已建立。")
    return redirect(url_for("people.index"))


def _person_page(person: Person | None, form: Form, refusal: Refused | None = None) -> str:
    with transaction() as session:
        teams = queries.teams(session)
    return render(
        "admin/person.html",
        person=person,
        form=form,
        errors=refusal.fields if refusal else {},
        notice=refusal.message if refusal and not refusal.fields else None,
        team_choices=[(team.id, team.name) for team in teams],
        role_choices=ROLE_CHOICES,
    )


def _as_form(person: Person) -> Form:
    return MultiDict(
        {
            "username": person.username,
            "name": person.name,
            "role": person.role.value,
            "team_id": str(person.team_id or ""),
            "extension": person.extension or "",
            "is_active": "1" if person.is_active else "",
        }
    )


def _role(form: Form) -> Role:
    role = Role.known(form.get("role"))
    if role is None or role is Role.INTEGRATION:
        raise Refused("role_invalid", "请选择角色。", fields={"role": "请选择角色。"})
    return role


def _team(form: Form) -> int | None:
    value = form.get("team_id", "")
    return int(value) if value.isdigit() else None
