"""Complaints of the body in the words of old people, among them those of Nanjing."""

import tomllib
from pathlib import Path

import pytest

from hotline.classification.departments import suggest_department

FILE = Path(__file__).with_name("symptoms_as_said.toml")
CASES = [
    (said, name)
    for name, all_said in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
    for said in all_said.split()
]


def test_there_are_enough():
    assert len(CASES) >= 120


@pytest.mark.parametrize(("text", "department"), CASES)
def test_a_complaint_leads_to_its_department(text, department):
    found = [name for name, _, _ in suggest_department(text)]
    assert found[:1] == [department]
