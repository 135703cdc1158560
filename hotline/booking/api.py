"""Machine doors of booking: one pool for agents, the voice line and every outside channel.

What may be asked is beside it: ``api_slots`` looks, ``api_bookings`` books, ``api_lists`` lists,
``api_clinics`` stops, ``api_call_backs`` tells.
"""

from __future__ import annotations

from hotline.booking import api_bookings, api_call_backs, api_clinics, api_lists, api_slots
from hotline.booking.doors import bp

__all__ = ["api_bookings", "api_call_backs", "api_clinics", "api_lists", "api_slots", "bp"]
