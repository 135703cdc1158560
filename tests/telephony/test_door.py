"""``POST /api/v1/telephony/events``: what a PBX may send and what it is told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from hotline.agents.rules import Role, Scope
from hotline.calls.models import Call, CallEventRow
from hotline.calls.rules import State
from hotline.clock import now
from tests.people import api_token, signed_in

EVENTS = "/api/v1/telephony/events"


def an_event(**given) -> dict:
    made = {"event_id": "e1", "call_uid": "c1", "type": "started", "at": now().isoformat()}
    return made | given


@pytest.fixture
def pbx(doors, session, redis):
    client, headers = doors.test_client(), api_token(session, Scope.TELEPHONY)

    def post(body, **more):
        body = json.dumps(body)  # ASCII: Flask's own writer chokes on half a surrogate
        kind = "application/json"
        return client.post(EVENTS, data=body, content_type=kind, headers=headers | more)

    post.client, post.headers = client, headers
    return post


def codes(answer) -> list[str]:
    return [refusal["code"] for refusal in answer.json["refused"]]


def test_one_event_is_taken(pbx, session):
    answer = pbx(an_event(caller="13800001111", called="12320"))
    assert (answer.status_code, answer.json["accepted"]) == (200, ["e1"])
    assert session.exec(select(Call)).one().caller == "+8613800001111"


def test_a_list_says_what_became_of_each(pbx):
    pbx([an_event()])
    good, same = an_event(event_id="e2", at="2026-11-20T09:00:00+08:00"), an_event(event_id="e3")
    answer = pbx([good, same, same, {"event_id": "bad"}, an_event(type="queued")])
    assert answer.json["accepted"] == ["e2", "e3"]
    assert [each["event_id"] for each in answer.json["duplicate"]] == ["e3"]
    told = [(each["index"], each["event_id"], each["code"]) for each in answer.json["refused"]]
    assert told == [(3, "bad", "call_uid_missing"), (4, "e1", "event_conflict")]
    assert all(each["message"] for each in answer.json["refused"])


def test_the_same_event_in_another_spelling_is_a_duplicate(pbx):
    pbx(an_event(at="2026-11-20T09:00:00+08:00", caller="13800001111"))
    again = an_event(at="2026-11-20T01:00:00Z", caller="+86 138 0000 1111", flavour="new")
    assert [each["event_id"] for each in pbx(again).json["duplicate"]] == ["e1"]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("text", "event_malformed"),
        (None, "event_malformed"),
        ([[]], "event_malformed"),
        ({}, "event_id_missing"),
        (an_event(event_id=7), "field_invalid"),
        (an_event(event_id="x" * 129), "field_invalid"),
        (an_event(event_id="  "), "event_id_missing"),
        (an_event(call_uid=None), "call_uid_missing"),
        (an_event(type="exploded"), "type_unknown"),
        (an_event(type=["started"]), "field_invalid"),
        (an_event(at="yesterday"), "at_invalid"),
        (an_event(at="2026-11-20T09:00:00"), "at_invalid"),
        (an_event(at="0001-01-01T00:00:00+14:00"), "at_invalid"),
        (an_event(at=1763600000), "field_invalid"),
        (an_event(at="1999-12-31T23:59:59Z"), "at_out_of_range"),
        (an_event(at=(now() + timedelta(days=2)).isoformat()), "at_out_of_range"),
        (an_event(direction="sideways"), "direction_unknown"),
        (an_event(caller={"number": 1}), "field_invalid"),
        (an_event(queue="q" * 65), "field_invalid"),
        (an_event(cause="a\x00b"), "field_invalid"),
        (an_event(cause="\ud800"), "field_invalid"),
    ],
)
def test_a_bad_event_is_refused_and_its_neighbours_are_not(pbx, event, code):
    answer = pbx([an_event(event_id="good"), event])
    assert answer.status_code == 200
    assert (answer.json["accepted"], codes(answer)) == (["good"], [code])


def test_five_hundred_are_taken_and_one_more_is_too_many(pbx):
    batch = [an_event(event_id=f"e{number}") for number in range(501)]
    assert pbx(batch).status_code == 413
    assert len(pbx(batch[:500]).json["accepted"]) == 500


def test_no_events_are_no_mistake(pbx):
    assert pbx([]).json == {"accepted": [], "duplicate": [], "refused": []}


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(pbx, body):
    answer = pbx.client.post(
        EVENTS, data=body, headers=pbx.headers, content_type="application/json"
    )
    assert (answer.status_code, answer.json["code"]) == (400, "json_invalid")


def test_a_huge_body_is_refused(pbx):
    body = b'{"event_id": "' + b"x" * (17 * 1024 * 1024) + b'"}'
    answer = pbx.client.post(
        EVENTS, data=body, headers=pbx.headers, content_type="application/json"
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("scope", [Scope.BOOKING, Scope.CALLS])
def test_a_token_of_another_scope_stays_outside(doors, session, redis, scope):
    headers = api_token(session, scope)
    assert doors.test_client().post(EVENTS, json=an_event(), headers=headers).status_code == 403


def test_nobody_stays_outside(doors, session, redis):
    assert doors.test_client().post(EVENTS, json=an_event()).status_code == 401


def test_an_idempotency_key_gives_the_same_answer_and_guards_another_body(pbx):
    event = an_event()
    first, again = (pbx(event, **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json == again.json
    conflict = pbx(an_event(event_id="e2"), **{"Idempotency-Key": "k1"})
    assert (conflict.status_code, conflict.json["code"]) == (409, "idempotency_conflict")


def test_hostile_words_are_only_words(pbx, session):
    hostile = "'; DROP TABLE call; --<script>alert(1)</script>"
    pbx(an_event(queue=hostile, type="queued"))
    assert session.exec(select(Call)).one().queue == hostile


def test_who_dials_out_is_not_the_caller(pbx, session):
    pbx(an_event(direction="outbound", caller="8001", called="13800001111"))
    call = session.exec(select(Call)).one()
    assert (call.caller, call.called) == ("+8613800001111", "8001")


@pytest.mark.parametrize(
    "spelling", ["sip:13800001111@10.0.0.9", "tel:+8613800001111", "013800001111"]
)
def test_a_number_is_read_out_of_an_address(pbx, session, spelling):
    pbx(an_event(caller=spelling))
    assert session.exec(select(Call)).one().caller == "+8613800001111"


@pytest.mark.parametrize("withheld", ["anonymous", "", None, "不显示"])
def test_a_withheld_number_is_no_number(pbx, session, withheld):
    pbx(an_event(caller=withheld))
    call = session.exec(select(Call)).one()
    assert (call.caller, call.caller_hash) == (None, None)


def test_agents_are_found_inside_channel_names(pbx, session):
    pbx([an_event(), an_event(event_id="e2", type="ringing", agent="PJSIP/8001-0000001a")])
    assert session.exec(select(Call)).one().agent == "8001"


def test_nothing_of_an_event_nobody_asked_for_is_stored(pbx, session):
    pbx(an_event(customer_phone="13800001111"))
    kept = session.execute(text("SELECT t::text FROM call_event t")).scalar_one()
    assert "13800001111" not in kept


def test_a_call_shows_its_events_and_turns_to_machines_and_people(pbx, doors, session, redis):
    pbx([an_event(caller="13800001111"), an_event(event_id="e2", type="queued", queue="hotline")])
    shown = doors.test_client().get("/api/v1/calls/c1", headers=api_token(session, Scope.CALLS))
    assert [event["type"] for event in shown.json["events"]] == ["started", "queued"]
    assert (shown.json["caller"], shown.json["state"]) == ("138****1111", State.QUEUED)
    assert "13800001111" not in json.dumps(shown.json)
    seen = signed_in(doors, session, Role.AGENT).get("/api/v1/calls?state=queued")
    assert [call["call_uid"] for call in seen.json["items"]] == ["c1"]


def test_a_call_nobody_knows_is_not_found(doors, session, redis):
    headers = api_token(session, Scope.CALLS)
    answer = doors.test_client().get("/api/v1/calls/none", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (404, "call_unknown")


def test_the_list_is_narrowed_and_paged(pbx, doors, session, redis):
    batch = [
        an_event(event_id=f"e{n}", call_uid=f"c{n}", at=f"2026-11-20T09:0{n}:00+08:00",
                 caller=f"1380000111{n % 2}")
        for n in range(5)
    ]  # fmt: skip
    pbx(batch)
    client, headers = doors.test_client(), api_token(session, Scope.CALLS)

    def page(**query):
        answer = client.get("/api/v1/calls", query_string=query, headers=headers)
        return [call["call_uid"] for call in answer.json["items"]], answer.json["next_cursor"]

    first, cursor = page(limit=2)
    second, _ = page(limit=2, cursor=cursor)
    assert (first, second) == (["c4", "c3"], ["c2", "c1"])
    assert page(caller="13800001111")[0] == ["c3", "c1"]
    span = {"from": "2026-11-20T09:01:00+08:00", "to": "2026-11-20T09:03:00+08:00"}
    assert page(**span)[0] == ["c2", "c1"]
    assert page(agent="nobody")[0] == []


def test_a_cursor_that_is_not_ours_is_refused(doors, session, redis):
    headers = api_token(session, Scope.CALLS)
    answer = doors.test_client().get("/api/v1/calls?cursor=abc", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (400, "cursor_invalid")


def test_a_machine_wraps_a_call_up_once(pbx, doors, session, redis):
    pbx(
        [
            an_event(),
            an_event(event_id="e2", type="answered"),
            an_event(event_id="e3", type="ended"),
        ]
    )
    headers = api_token(session, Scope.CALLS) | {"Idempotency-Key": "w1"}
    body = {"category": "consultation", "subcategory": "vaccination", "disposition": "answered",
            "summary": "问流感疫苗", "confidential": False}  # fmt: skip
    client = doors.test_client()
    first, again = (
        client.post("/api/v1/calls/c1/wrapup", json=body, headers=headers) for _ in range(2)
    )
    assert (first.status_code, first.json["state"]) == (200, "closed")
    assert first.json == again.json


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"category": "weather"}, "category_invalid"),
        ({"subcategory": "attitude"}, "subcategory_invalid"),
        ({"disposition": "shrugged"}, "invalid"),
        ({"disposition": None}, "invalid"),
        ({"category": ""}, "category_invalid"),
    ],
)
def test_a_wrap_up_names_what_is_missing_or_wrong(pbx, doors, session, redis, change, code):
    pbx(an_event())
    body = {"category": "consultation", "disposition": "answered"} | change
    headers = api_token(session, Scope.CALLS)
    answer = doors.test_client().post("/api/v1/calls/c1/wrapup", json=body, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_all_rows_are_there_after_a_batch(pbx, session):
    pbx([an_event(event_id=f"e{n}", call_uid=f"c{n % 7}") for n in range(100)])
    assert len(session.exec(select(CallEventRow)).all()) == 100
    assert len(session.exec(select(Call)).all()) == 7
