"""The OpenAPI document says what the telephone's doors take."""

from __future__ import annotations

from openapi_spec_validator import validate

from hotline.calls.rules import EventType


def test_the_document_is_valid_and_names_every_event_type(doors, session, redis):
    document = doors.test_client().get("/api/v1/openapi.json").json
    validate(document)
    body = document["paths"]["/api/v1/telephony/events"]["post"]["requestBody"]
    assert all(kind.value in str(body) or kind.value in str(document) for kind in EventType)
    assert "/api/v1/calls/{call_uid}/wrapup" in document["paths"]


def test_one_event_and_a_list_are_both_described(doors, session, redis):
    document = doors.test_client().get("/api/v1/openapi.json").json
    schema = document["components"]["schemas"]["EventsIn"]
    assert [each["type"] for each in schema["oneOf"]] == ["object", "array"]
    assert schema["oneOf"][0]["properties"]["type"]["enum"] == [kind.value for kind in EventType]
