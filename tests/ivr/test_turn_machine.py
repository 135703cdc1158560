"""A turn has exactly one outcome, whatever happens and in whatever order."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.hearing import Expects, Heard, HungUp, Keys, NoInput, NoMatch, Outcome
from ivr.keypad import TypeAhead
from ivr.media.endpoint import Endpointer
from ivr.turn_machine import Do, TurnMachine
from tests.ivr.sounds import LoudnessVad, frames, voice

LOUD, SILENT = frames(voice(0.04))[1], bytes(320)
KINDS = st.sampled_from(["loud", "silent", "key", "played", "text", "settled", "wait", "back"])
EXPECTS = st.builds(
    Expects,
    name=st.just("x"),
    keys=st.builds(
        Keys,
        most=st.integers(1, 18),
        zero_first=st.booleans(),
        star_in_number=st.booleans(),
    ),
    speech=st.booleans(),
    silence=st.sampled_from([0.5, 0.7, 1.2]),
    barge_in=st.booleans(),
    whole=st.sampled_from([None, lambda heard: "鼓楼" in heard.text]),
)


class Run:
    """A machine that is told things, and checked after each."""

    def __init__(self, expects: Expects, prompt: float, ahead: str) -> None:
        self.keys = TypeAhead()
        for digit in ahead:
            self.keys.keep(digit)
        self.machine = TurnMachine(expects, Endpointer(LoudnessVad()), self.keys, 100.0, prompt)
        self.now = 100.0
        self.first: Outcome | None = None
        self.listening = False
        self.finished = False
        self.look(self.machine.begin())

    def look(self, acts) -> None:
        for act in acts:
            assert self.first is None, "nothing is done after the outcome"
            if act.do is Do.LISTEN:
                assert not self.listening
                self.listening, self.finished = True, False
            elif act.do in {Do.FEED, Do.PAUSE}:
                assert self.listening
                assert not self.finished
            elif act.do is Do.FINISH:
                assert self.listening
                assert not self.finished
                self.finished = True
            elif act.do is Do.CANCEL:
                assert self.listening
                self.listening = False
        if self.first is None:
            self.first = self.machine.outcome
        assert self.machine.outcome is self.first, "an outcome never changes"

    def tell(self, kind: str, key: str) -> None:
        now = self.now = self.now + 0.02
        if kind in {"loud", "silent"}:
            self.look(self.machine.audio(LOUD if kind == "loud" else SILENT, now))
        elif kind == "key":
            self.look(self.machine.key(key, now))
        elif kind == "played":
            self.look(self.machine.played(now))
        elif kind == "settled":
            self.look(self.machine.settled(Heard("鼓楼医院"), now))
        elif kind == "text":
            self.look(self.machine.recognised(Heard("鼓楼医院")))
        elif kind == "wait":
            self.now += 1.0
        else:
            self.look(self.machine.audio(SILENT, now - 50))


@settings(max_examples=300, deadline=None)
@given(
    EXPECTS,
    st.sampled_from([0.0, 1.0, 30.0]),
    st.text("0123456789*#", max_size=4),
    st.lists(st.tuples(KINDS, st.sampled_from("0123456789*#AD")), max_size=120),
)
def test_any_sequence_gives_one_outcome_and_silence_gives_one_in_the_end(
    expects, prompt, ahead, happenings
):
    run = Run(expects, prompt, ahead)
    for kind, key in happenings:
        run.tell(kind, key)
    for _ in range(int((prompt + 3 + 12 + 6 + 3 + 2) / 0.02)):
        run.tell("silent", "")
        if run.finished:  # the recogniser answers at last
            run.look(run.machine.recognised(Heard("")))
    assert run.first is not None
    run.look(run.machine.hang_up())  # too late
    assert run.machine.outcome is run.first


@given(st.text("123456789", min_size=1, max_size=30), st.integers(1, 6))
def test_keys_in_a_burst_answer_one_question_after_the_other(pressed, most):
    """Pressed at once, they are dealt out over as many questions as they answer."""
    ahead = TypeAhead()
    for digit in pressed:
        ahead.keep(digit)
    ear, got = Endpointer(LoudnessVad()), ""
    while len(ahead):
        machine = TurnMachine(Expects("x", keys=Keys(most)), ear, ahead, 0.0, 5.0)
        machine.begin()
        assert not machine.is_prompting
        machine.audio(SILENT, 3.0)
        got += machine.outcome.digits
    assert got == pressed


def machine_waiting(**expects) -> TurnMachine:
    """After its prompt."""
    made = TurnMachine(
        Expects("x", **expects), Endpointer(LoudnessVad()), TypeAhead(), at=0.0, prompt=2.0
    )
    made.played(2.0)
    return made


def test_no_input_counts_from_the_end_of_the_prompt():
    machine = machine_waiting(no_input=5.0)
    machine.audio(SILENT, 6.98)
    assert machine.outcome is None
    machine.audio(SILENT, 7.0)
    assert machine.outcome == NoInput()


def test_a_prompt_whose_end_is_never_told_ends_all_the_same():
    machine = TurnMachine(Expects("x"), Endpointer(LoudnessVad()), TypeAhead(), 0.0, 2.0)
    machine.audio(SILENT, 5.0)
    machine.audio(SILENT, 11.0)
    assert machine.outcome == NoInput()


def test_the_longest_utterance_is_cut_by_the_clock():
    machine, now = machine_waiting(longest=12.0), 2.0
    acts: list = []
    syllables = itertools.cycle([LOUD] * 12 + [SILENT] * 3)
    while not any(act.do is Do.FINISH for act in acts):
        now += 0.02
        acts = machine.audio(next(syllables), now)
    assert 14.1 <= now <= 14.25


def test_a_key_cancels_what_is_being_said():
    machine = machine_waiting()
    for n in range(10):
        acts = machine.audio(LOUD, 2.0 + n * 0.02)
    assert machine.key("4", 2.5)[0].do is Do.CANCEL
    assert machine.outcome.digits == "4"
    assert [a.do for a in acts] == [Do.FEED]


@pytest.mark.parametrize(("heard", "ends_after"), [("鼓楼医院", 0.44), ("鼓楼", 1.2)])
def test_a_whole_answer_is_taken_before_the_silence_is_over(heard, ends_after):
    machine = machine_waiting(whole=lambda heard: heard.text == "鼓楼医院", silence=1.2)
    now = 2.0
    for _ in range(20):
        now += 0.02
        machine.audio(LOUD, now)
    quiet_since, acts = now, []
    while not any(act.do is Do.FINISH for act in acts):
        now += 0.02
        acts = machine.audio(SILENT, now) + machine.settled(Heard(heard), now)
    assert now - quiet_since == pytest.approx(ends_after)


def test_the_text_is_worked_out_once_a_pause_and_not_at_every_breath():
    machine, now, pauses = machine_waiting(silence=1.2, longest=12.0), 2.0, []
    for _ in range(8):
        for frame in [LOUD] * 20 + [SILENT] * 30:
            now += 0.02
            pauses += [now for act in machine.audio(frame, now) if act.do is Do.PAUSE]
    assert len(pauses) == 4
    assert all(after - before >= 1.0 - 1e-9 for before, after in itertools.pairwise(pauses))


def test_sound_without_words_is_no_match_and_forgets_what_was_typed_ahead():
    machine = machine_waiting()
    now = 2.0
    for frame in [LOUD] * 20 + [SILENT] * 60:
        now += 0.02
        machine.audio(frame, now)
    machine.recognised(Heard("  "))
    assert machine.outcome == NoMatch()


def test_hanging_up_in_mid_sentence():
    machine = machine_waiting()
    for n in range(10):
        machine.audio(LOUD, 2.0 + n * 0.02)
    assert machine.hang_up()[0].do is Do.CANCEL
    assert machine.outcome == HungUp()
