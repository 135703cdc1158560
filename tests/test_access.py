"""Every route with every role: what is not granted here is refused.

The table is written by hand on purpose: to open a route, one has to say so twice.
"""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter

from hotline import access, settings
from hotline.agents.rules import Role, Scope
from hotline.app import create_app
from hotline.auth import views as auth
from hotline.console import home
from tests.people import api_token, form_token, signed_in

A, C, S, M, D = Role.AGENT, Role.COUNSELLOR, Role.SUPERVISOR, Role.MANAGER, Role.ADMIN
EVERYONE = {A, C, S, M, D, Role.INTEGRATION}
DESK = {A, C, S}

PUBLIC = {
    "openapi",
    "health.alive",
    "health.ready",
    "health.metrics",
    "auth.sign_in",
    "auth.submit_sign_in",
    "api_inbound.post_inbound",  # proved by its signature
    "api_workorder_files.get_file",  # so is its address
}

GRANTED: dict[str, set[Role]] = {
    "auth.second_factor": EVERYONE,
    "auth.submit_second_factor": EVERYONE,
    "auth.enrol": EVERYONE,
    "auth.submit_enrol": EVERYONE,
    "auth.change_password": EVERYONE,
    "auth.submit_change_password": EVERYONE,
    "auth.sign_out": EVERYONE,
    "home.index": EVERYONE,
    "home.live_stream": EVERYONE,
    "home.presence": DESK,
    "saved.save": EVERYONE,
    "saved.delete": EVERYONE,
    "booking_import.index": {S, D},
    "booking_import.upload": {S, D},
    "booking_import.show": {S, D},
    "booking_import.progress": {S, D},
    "booking_import.confirm": {S, D},
    "booking_import.stop": {S, D},
    "booking_import.sheet": {S, D},
    "booking_import.sample": {S, D},
    "booking_numbers.index": {S, M},
    "bulletin.blank": {M},
    "bulletin.choose": {M},
    "bulletin.close": {M},
    "bulletin.confirm": {M},
    "bulletin.correct": {M},
    "bulletin.file": {S, M},
    "bulletin.index": {S, M},
    "bulletin.report": {S, M},
    "bulletin.sheet": {S, M},
    "bulletin.show": {S, M},
    "bulletin.upload": {M},
    "bulletin.uploaded": {M},
    "system.index": {D},
    "system.findings": {D},
    "workorders_exchange.add_platform": {D},
    "workorders_exchange.bulk": {S},
    "workorders_exchange.change_codes": {D},
    "workorders_exchange.change_platform": {D},
    "workorders_exchange.explain": {S},
    "workorders_exchange.explain_code": {D},
    "workorders_exchange.health": {S, D},
    "workorders_exchange.health_now": {S, D},
    "workorders_exchange.new_platform": {D},
    "workorders_exchange.platform_list": {D},
    "workorders_exchange.reconcile": {S},
    "workorders_exchange.reconciliation": {S},
    "workorders_exchange.report": {S},
    "workorders_exchange.report_progress": {S},
    "workorders_exchange.retry_all": {S},
    "workorders_exchange.retry_progress": {S},
    "workorders_exchange.settle": {S},
    "workorders_exchange.show_platform": {D},
    "workorders_exchange.sign": {S},
    "workorders_exchange.stop_report": {S},
    "workorders_exchange.stop_retry": {S},
    "workorders_exchange.stuck_item": {S},
    "workorders_exchange.stuck_items": {S},
    "workorders_exchange.test_platform": {D},
    "workorders_deadlines.add": {D},
    "workorders_deadlines.calendar": {S, D},
    "workorders_deadlines.confirm": {D},
    "workorders_deadlines.end": {D},
    "workorders_deadlines.index": {S, D},
    "workorders_deadlines.new": {D},
    "workorders_deadlines.preview": {S, D},
    "workorders_deadlines.upcoming": {S, M, D},
    "dial.index": EVERYONE - {Role.INTEGRATION},
    "dial.ticket": EVERYONE - {Role.INTEGRATION},
    "desk.bar": DESK,
    "desk.finish": DESK,
    "desk.index": DESK,
    "desk.line": DESK,
    "desk.note": DESK,
    "desk.now": DESK,
    "desk.practice": DESK,
    "desk.save_note": DESK,
    "desk.transfer": DESK,
    "desk.use_telephone": DESK,
    "desk.work": DESK,
    "shell.acknowledge": {C, S},
    "shell.alerts": {C, S},
    "shell.counts": DESK,
    "shell.presence": DESK,
    "shell.reveal": DESK,
    "shell.ring": DESK,
    "search.find": {*DESK, M},
    "account.security": EVERYONE - {Role.INTEGRATION},
    "account.end_others": EVERYONE - {Role.INTEGRATION},
    "calls.index": {*DESK, M},
    "calls.find": {*DESK, M},
    "calls.undisposed": DESK,
    "calls.export": {*DESK, M},
    "calls.show": {*DESK, M},
    "call_sound.recording": {S},
    "callbacks.index": DESK,
    "callbacks.part": DESK,
    "callbacks.claim": DESK,
    "callbacks.attempt": DESK,
    "knowledge.index": DESK,
    "knowledge.show": DESK,
    "board.index": {S, M},
    "board.part": {S, M},
    "booking.add_channel": {D},
    "booking.add_rule": {D},
    "booking.change_channel": {D},
    "booking.list_channels": {D},
    "booking.withdraw_rule": {D},
    "booking.attend": DESK,
    "booking.bookings": {*DESK, M},
    "booking.cancel": DESK,
    "booking.change": DESK,
    "booking.confirm": DESK,
    "booking.days": DESK,
    "booking.find": {*DESK, M},
    "booking.find_bookings": {*DESK, M},
    "booking.held": DESK,
    "booking.hold": DESK,
    "booking.identity": DESK,
    "booking.index": DESK,
    "booking.known": DESK,
    "booking.mine": DESK,
    "booking.panel": DESK,
    "booking.patient": DESK,
    "booking.places": DESK,
    "booking.release": DESK,
    "booking.reveal": DESK,
    "booking.rules": {*DESK, M, D},
    "booking.show": {*DESK, M},
    "booking.slots": DESK,
    "booking.stopped": DESK,
    "booking.stopped_list": DESK,
    "booking.stopped_result": DESK,
    "booking.claim_stopped": DESK,
    "booking.claim_next_stopped": DESK,
    "booking.let_go_stopped": DESK,
    "booking.stop": {S, D},
    "booking.stop_places": {S, D},
    "booking.stop_chosen": {S, D},
    "booking.stop_confirm": {S, D},
    "booking.patient_file": {S},
    "booking.ban_patient": {S},
    "booking.lift_ban": {S},
    "booking.free_place": {S},
    "booking.reveal_account": {S},
    "booking.again": DESK,
    "booking.cancel_here": DESK,
    "booking.card": DESK,
    "booking.drop": DESK,
    "booking.find_waiting": DESK,
    "booking.lookup": DESK,
    "booking.reveal_waiting": DESK,
    "booking.slot_now": DESK,
    "booking.text_state": DESK,
    "booking.texts": DESK,
    "booking.text_again": {S},
    "booking.dismiss_text": {S},
    "booking.waiting": DESK,
    "booking.waiting_list": DESK,
    "booking.wait": DESK,
    "schedules.calendar": {S, D},
    "schedules.change": {S, D},
    "schedules.create": {S, D},
    "schedules.end": {S, D},
    "schedules.export": {S, D},
    "schedules.index": {S, D},
    "schedules.make_up": {S, D},
    "schedules.new": {S, D},
    "schedules.places": {S, D},
    "schedules.preview": {S, D},
    "schedules.save_change": {S, D},
    "schedules.set_day": {S, D},
    "schedules.show": {S, D},
    "schedules.week": {S, D},
    "schedules.year": {S, D},
    "voice.index": {S, M},
    "overview.index": {S, M},
    "overview.file": {S, M},
    "statistics.trends": {S, M},
    "statistics.trends_file": {S, M},
    "statistics.trends_service": {S, M},
    "statistics.service_file": {S, M},
    "statistics.hospitals": {M},
    "statistics.hospitals_file": {M},
    "statistics.mine": {A, C},
    "statistics.mine_file": {A, C},
    "statistics.forecast": {S, M},
    "statistics.forecast_file": {S, M},
    "voice.calls": {S, M},
    "voice.queue": {S},
    "voice.check": {S},
    "voice.judge": {S},
    "voice_sound.player": {S},
    "voice_sound.piece": {S},
    "names.index": DESK,
    "names.show": DESK,
    "names.settle": DESK,
    "names.unclear": DESK,
    "name_sound.player": DESK,
    "name_sound.piece": DESK,
    "manual.form": DESK,
    "manual.register": DESK,
    "workorders.attachment": {*DESK, M},
    "workorders.fetch_attachment": DESK,
    "workorders.board": {S},
    "workorders.board_now": {S},
    "workorders.bulk": {S},
    "workorders.bulk_assign": {S},
    "workorders.callbacks": DESK,
    "workorders.callbacks_now": DESK,
    "workorders.callbacks_record": DESK,
    "workorders.counts": {*DESK, M},
    "workorders.do": DESK,
    "workorders.file": DESK,
    "workorders.new": DESK,
    "workorders.new_likely": DESK,
    "workorders.new_panel": DESK,
    "workorders.export_begin": {*DESK, M},
    "workorders.export_csv": {*DESK, M},
    "workorders.export_file": {*DESK, M},
    "workorders.export_long": {*DESK, M},
    "workorders.export_progress": {*DESK, M},
    "workorders.export_show": {*DESK, M},
    "workorders.export_stop": {*DESK, M},
    "workorders.export_xlsx": {*DESK, M},
    "workorders.find": {*DESK, M},
    "workorders.form": DESK,
    "workorders.index": {*DESK, M},
    "workorders.narrow": {*DESK, M},
    "workorders.now_of": {*DESK, M},
    "workorders.reveal": DESK,
    "workorders.sheet": DESK,
    "workorders.show": {*DESK, M},
    "workorders.unfiled": {S},
    "workorders.units": {S, D},
    "workorders.units_add": {S, D},
    "workorders.units_change": {S, D},
    "workorders.units_resume": {S, D},
    "workorders.units_stop": {S, D},
    "people.index": {D},
    "people.new": {D},
    "people.create": {D},
    "people.edit": {D},
    "people.change": {D},
    "people.reset_password": {D},
    "people.reset_second_factor": {D},
    "people.create_team": {D},
    "tokens.index": {D},
    "tokens.create": {D},
    "tokens.revoke": {D},
    "tokens.edit_binding": {D},
    "tokens.change_binding": {D},
    "audit.index": {D},
    "classification.index": {D},
    "api_workorders.list_orders": {*DESK, M},
    "api_workorders.show_order": {*DESK, M},
    "api_statistics.show_month": {S, M},
    "api_statistics.show_service": {S, M},
    "api_calls.list_calls": {*DESK, M},
    "api_calls.show_call": {*DESK, M},
    "api_calls.post_wrap_up": DESK,
    "api_booking.list_hospitals": DESK,
    "api_booking.list_departments": DESK,
    "api_booking.list_channels": DESK,
    "api_booking.list_slots": DESK,
    "api_booking.post_hold": DESK,
    "api_booking.post_release": DESK,
    "api_booking.post_waiting": DESK,
    "api_booking.post_booking": DESK,
    "api_booking.show_booking": DESK,
    "api_booking.post_cancel": DESK,
    "api_booking.post_change": DESK,
    "api_booking.post_attendance": DESK,
    "api_booking.list_bookings": DESK,
    "api_booking.list_waiting": DESK,
    "api_booking.list_call_backs": DESK,
    "api_booking.post_told": DESK,
    "api_booking.post_stop": {S},
    "api_booking.post_resume": {S},
    "classification.add": {D},
    "classification.change": {D},
}

SCOPED: dict[str, set[Scope]] = {
    "api_telephony.post_events": {Scope.TELEPHONY},
    "api_statistics.show_month": {Scope.STATISTICS},
    "api_statistics.show_service": {Scope.STATISTICS},
    "api_calls.list_calls": {Scope.CALLS, Scope.TELEPHONY},
    "api_calls.show_call": {Scope.CALLS, Scope.TELEPHONY},
    "api_calls.post_wrap_up": {Scope.CALLS, Scope.TELEPHONY},
    "api_booking.list_hospitals": {Scope.BOOKING},
    "api_booking.list_departments": {Scope.BOOKING},
    "api_booking.list_channels": {Scope.BOOKING},
    "api_booking.list_slots": {Scope.BOOKING},
    "api_booking.post_hold": {Scope.BOOKING},
    "api_booking.post_release": {Scope.BOOKING},
    "api_booking.post_waiting": {Scope.BOOKING},
    "api_booking.post_booking": {Scope.BOOKING},
    "api_booking.show_booking": {Scope.BOOKING},
    "api_booking.post_cancel": {Scope.BOOKING},
    "api_booking.post_change": {Scope.BOOKING},
    "api_booking.post_attendance": {Scope.BOOKING},
    "api_booking.list_bookings": {Scope.BOOKING},
    "api_booking.list_waiting": {Scope.BOOKING},
    "api_booking.list_call_backs": {Scope.BOOKING},
    "api_booking.post_told": {Scope.BOOKING},
    "api_booking.post_stop": {Scope.BOOKING},
    "api_booking.post_resume": {Scope.BOOKING},
    "api_workorders.list_orders": {Scope.WORKORDERS},
    "api_workorders.show_order": {Scope.WORKORDERS},
}


def routes(app: Flask):
    """(endpoint, method, address with made-up values) of every route but files."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static"):
            continue
        values = {name: _made_up(rule._converters[name]) for name in rule.arguments}
        address = app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


def _made_up(converter) -> object:
    if isinstance(converter, IntegerConverter):
        return 1
    return sorted(converter.items)[0] if isinstance(converter, AnyConverter) else "x"


def is_forbidden(answer) -> bool:
    """Refused for the role, and for nothing else."""
    return answer.status_code == 403 and "没有这项权限" in answer.get_data(as_text=True)


def test_every_route_has_a_rule_and_the_tables_know_every_route(app):
    endpoints = {endpoint for endpoint, _, _ in routes(app)}
    assert access.unruled(app) == []
    assert endpoints == PUBLIC | GRANTED.keys() | SCOPED.keys()


def test_public_routes_are_exactly_those_listed(app):
    marked = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if getattr(view, "access_rule", access.Rule()).is_public
    }
    assert marked - {"static", "assets.static"} == PUBLIC


def test_nobody_signed_in_gets_nowhere(client, app):
    for endpoint, method, address in routes(app):
        if endpoint in PUBLIC:
            continue
        answer = client.open(address, method=method)
        is_sent_away = answer.status_code == 302 and "/sign-in" in answer.location
        assert is_sent_away or answer.status_code == 401, (endpoint, method, answer.status)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_is_granted_and_nothing_else(app, session, client, role):
    browser = signed_in(app, session, role)
    for endpoint, method, address in routes(app):
        if endpoint in PUBLIC or endpoint in {"home.live_stream", "auth.sign_out"}:
            continue
        headers = {"X-CSRF-Token": form_token(browser), "Accept": "text/html"}
        answer = browser.open(address, method=method, headers=headers)
        may = role in GRANTED.get(endpoint, set())
        assert is_forbidden(answer) is not may, (endpoint, method, role, answer.status)


@pytest.mark.parametrize("scope", list(Scope))
def test_each_token_opens_its_scope_and_nothing_else(app, session, client, scope):
    headers = api_token(session, scope)
    for endpoint, method, address in routes(app):
        if endpoint in PUBLIC:
            continue
        answer = client.open(address, method=method, headers=headers)
        scopes = SCOPED.get(endpoint, set())
        may = scope in scopes or (scope is Scope.ALL and bool(scopes))
        assert is_forbidden(answer) is not may, (endpoint, method, scope, answer.status)


def test_an_unknown_token_is_nobody(client):
    answer = client.get("/api/v1/calls", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code in {401, 404}


def test_a_post_from_another_site_is_refused(app, session, client):
    browser = signed_in(app, session, A)
    answer = browser.post("/presence", data={"presence": "ready"})
    assert answer.status_code == 400
    assert "页面已过期" in answer.get_data(as_text=True)


def test_every_answer_carries_the_security_headers(client):
    answer = client.get("/sign-in")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Request-ID"]


def test_behind_tls_the_cookie_and_the_browser_insist_on_it(database, redis):
    site = settings.current().model_copy(update={"public_url": "https://hotline.example.cn"})
    answer = create_app(site, [auth.bp, home.bp]).test_client().get("/sign-in")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"]


def test_the_session_cookie_is_out_of_reach_of_scripts(client):
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
