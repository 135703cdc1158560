"""The console's own blueprints, beside those the features bring."""

from __future__ import annotations

from hotline.console import (
    account,
    assets,
    board,
    booking_channels,
    booking_desk,
    booking_hold,
    booking_list,
    booking_patient,
    booking_rules,
    booking_schedules_calendar,
    booking_schedules_form,
    booking_schedules_show,
    booking_schedules_week,
    booking_show,
    booking_stop,
    booking_stopped,
    booking_texts,
    booking_waiting,
    bulletin_import,
    bulletin_report,
    callbacks,
    calls,
    desk_line,
    desk_telephone,
    dial,
    knowledge,
    manual,
    overview,
    saved,
    search,
    shell,
    statistics_forecast,
    statistics_hospitals,
    statistics_mine,
    statistics_service,
    voice_calls,
    voice_checks,
    voice_names,
)

# Parts of one blueprint: the last of them to be imported has it whole.
DESK = (desk_telephone, desk_line)
BOOKING = (
    booking_hold,
    booking_list,
    booking_show,
    booking_stop,
    booking_stopped,
    booking_patient,
    booking_desk,
    booking_waiting,
    booking_texts,
    booking_channels,
    booking_rules,
)
SCHEDULES = (
    booking_schedules_form,
    booking_schedules_show,
    booking_schedules_week,
    booking_schedules_calendar,
)
VOICE = (voice_calls, voice_checks)
STATISTICS = (
    statistics_service,
    statistics_hospitals,
    statistics_mine,
    statistics_forecast,
)
BULLETIN = (bulletin_import, bulletin_report)
BLUEPRINTS = [
    assets.bp,
    shell.bp,
    account.bp,
    search.bp,
    saved.bp,
    DESK[-1].bp,
    dial.bp,
    calls.bp,
    manual.bp,
    callbacks.bp,
    knowledge.bp,
    BOOKING[-1].bp,
    SCHEDULES[-1].bp,
    board.bp,
    VOICE[-1].bp,
    overview.bp,
    STATISTICS[-1].bp,
    BULLETIN[-1].bp,
    voice_names.bp,
]
