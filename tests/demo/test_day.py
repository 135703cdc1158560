"""A planned day: true to its hotline, possible for its people, the same each time."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from hotline import phone
from hotline.agents.rules import Presence, Role
from hotline.calls.facts import CallFacts
from hotline.calls.fold import fold
from hotline.calls.rules import AbandonedIn, Direction, Disposition
from hotline.classification.vocabulary import Category, Subcategory, category_of
from hotline.demo.day import City, plan_day
from hotline.demo.people import WELL_KNOWN, staff
from hotline.demo.plan import CallPlan, DayPlan
from hotline.demo.stories import hospitals

CITY = City(staff())
WEEK = [date(2026, 11, 9) + timedelta(days=n) for n in range(7)]


@cache
def week() -> list[DayPlan]:
    return [plan_day(day, CITY) for day in WEEK]


@cache
def calls() -> list[tuple[CallPlan, CallFacts]]:
    return [(call, fold(call.events)) for plan in week() for call in plan.calls]


def test_the_same_day_is_told_the_same_way() -> None:
    small = City(staff(), per_day=40)
    assert plan_day(WEEK[0], small) == plan_day(WEEK[0], small)
    assert plan_day(WEEK[0], small) != plan_day(WEEK[0], City(staff(), 40, seed="other"))


def test_about_1200_calls_a_day_each_with_a_name_of_its_own() -> None:
    assert 1100 < len(calls()) / 7 < 1300
    assert len({call.uid for call, _ in calls()}) == len(calls())
    events = [event.event_id for call, _ in calls() for event in call.events]
    assert len(set(events)) == len(events)


def test_proportions_are_those_of_the_published_bulletins() -> None:
    kinds = Counter(call.wrap_up.story.category for call, _ in calls() if call.wrap_up)
    share = {kind: count / kinds.total() for kind, count in kinds.items()}
    assert 0.36 < share[Category.CONSULTATION] < 0.48
    assert 0.38 < share[Category.BOOKING] < 0.50
    assert 0.02 < share[Category.COMPLAINT] < 0.045
    assert 0.001 < share[Category.CRISIS] < 0.006
    assert set(share) == set(Category) - {Category.SURVEY}


def test_callers_give_up_in_all_three_places_and_most_get_through() -> None:
    inbound = [facts for _, facts in calls() if facts.direction is Direction.INBOUND]
    gone = Counter(facts.abandoned_in for facts in inbound if facts.abandoned_in)
    assert set(gone) == set(AbandonedIn)
    assert gone.total() < 0.1 * len(inbound)
    assert 0 < sum(facts.short_abandon for facts in inbound) < gone.total()
    answered = [facts for facts in inbound if facts.answered_at]
    assert sum(facts.wait_seconds <= 15 for facts in answered) > 0.9 * len(answered)


def test_transfers_holds_consultations_and_stale_calls_happen() -> None:
    facts = [each for _, each in calls()]
    assert sum(each.transfers for each in facts) > 100
    assert sum(each.holds for each in facts) > 100
    assert sum(each.consultations for each in facts) > 20
    assert 0 < sum(each.ended_at is None for each in facts) < 30
    without = sum(1 for call, each in calls() if each.answered_at and not call.wrap_up)
    assert 0 < without < 0.02 * len(facts)


def test_nobody_is_in_two_calls_or_two_places_at_once() -> None:
    at_desk = defaultdict(list)
    for plan in week():
        for stretch in plan.presence:
            at_desk[stretch.username].append((stretch.starts, stretch.ends))
    for stretches in at_desk.values():
        ordered = sorted(stretches)
        assert all(a[1] <= b[0] for a, b in pairwise(ordered))


def test_who_talks_is_on_duty_and_presence_says_so() -> None:
    talking = {
        (stretch.username, stretch.starts)
        for plan in week()
        for stretch in plan.presence
        if stretch.presence is Presence.TALKING
    }
    usernames = {person.extension: person.username for person in staff()}
    legs = [leg for _, facts in calls() for leg in facts.legs if leg.answered_at]
    told = sum((usernames[leg.agent or ""], leg.answered_at) in talking for leg in legs)
    assert told > 0.99 * len(legs)


def test_callers_are_made_up_and_some_call_again() -> None:
    numbers = Counter(call.caller.number for call, _ in calls() if call.caller.number)
    assert all(re.fullmatch(r"\+861(99|98|92|66)0000\d{4}", number) for number in numbers)
    assert all(phone.normalise(number) == number for number in numbers)
    assert sum(count > 1 for count in numbers.values()) > 500
    assert any(call.caller.number is None for call, _ in calls())


def test_summaries_are_many_and_complete() -> None:
    stories = [call.wrap_up.story for call, _ in calls() if call.wrap_up]
    texts = {story.summary for story in stories}
    assert len(texts) > 4000
    assert not any(set("{}") & set(story.summary + story.result) for story in stories)
    assert all(phone.redact(text) == text for text in texts)
    assert {story.follow_up is None for story in stories} == {True, False}


def test_every_choice_is_one_an_agent_could_have_made() -> None:
    for call, _ in calls():
        if call.wrap_up is None:
            continue
        story = call.wrap_up.story
        if story.subcategory:
            assert category_of(Subcategory(story.subcategory)) is story.category
        kept_apart = story.category is Category.NON_BUSINESS
        assert kept_apart == (story.disposition is Disposition.NON_BUSINESS)


def test_crisis_summaries_are_short_and_say_nothing() -> None:
    crisis = [
        call.wrap_up.story
        for call, _ in calls()
        if call.wrap_up and call.wrap_up.story.category is Category.CRISIS
    ]
    assert crisis
    assert all(len(story.summary) < 20 and story.subcategory is None for story in crisis)


def test_the_voice_line_wrote_down_what_it_heard() -> None:
    with_turns = [call for call, _ in calls() if call.turns]
    assert len(with_turns) > 300
    for call in with_turns:
        assert [turn.at for turn in call.turns] == sorted(turn.at for turn in call.turns)
        assert call.starts < call.turns[0].at
        assert call.turns[-1].at < call.last_at


def test_two_hundred_people_of_all_roles() -> None:
    people = staff()
    assert len({person.username for person in people}) == len(people) == 200
    extensions = [person.extension for person in people if person.extension]
    assert len(set(extensions)) == len(extensions)
    assert {person.role for person in people} == set(WELL_KNOWN) == set(Role) - {Role.INTEGRATION}
    assert all(re.fullmatch(r"[a-z][a-z0-9]{1,39}", person.username) for person in people)


def test_hospitals_are_the_published_ones() -> None:
    assert len(hospitals()) == 36
    assert sum(hospital.bookings for hospital in hospitals()) == 356_355
