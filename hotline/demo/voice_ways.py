"""The questions a made-up caller is asked, by what he came for. Pure."""

from __future__ import annotations

from hotline.calls.voice_rules import Achieved

# What each question fills in, in their order.
FILLS = {
    "menu": (),
    "hospital": ("hospital",),
    "department": ("department",),
    "date": ("weekday",),
    "half_day": ("part_of_day",),
    "offer": (),
    "patient": (),
    "last_four": (),
    "confirm": (),
    "anything_else": (),
}
BOOKING = tuple(FILLS)
WAYS = {
    Achieved.BOOKED: BOOKING,
    Achieved.CANCELLED: ("menu_cancel", "last_four", "mine", "cancel", "cancelled"),
    Achieved.ANSWERED: ("menu_question", "question", "answered"),
}
# Questions that are asked otherwise, by what they are on record.
ASKED_AS = {"menu_cancel": "menu", "menu_question": "menu", "cancelled": "anything_else",
             "answered": "anything_else"}  # fmt: skip
