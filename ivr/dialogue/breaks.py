"""Words that end every plan: danger, an emergency, fever. Heard at any turn. Pure."""

from __future__ import annotations

from hotline.classification import crisis
from hotline.classification.crisis import CrisisLevel
from hotline.classification.departments import suggest_department
from hotline.labels import Labelled

EMERGENCY_DEPARTMENT, FEVER_DEPARTMENT = "急诊", "发热门诊"


class Break(Labelled):
    """Why the plan is left."""

    CRISIS = "crisis", "心理危机"
    EMERGENCY = "emergency", "急症"
    FEVER = "fever", "发热"


def break_out(said: str) -> Break | None:
    """The gravest that was heard, or None."""
    if crisis.assess(said).level is not CrisisLevel.NONE:
        return Break.CRISIS
    first = next(iter(suggest_department(said)), None)
    if first is None:
        return None
    department = first[0]
    if department.startswith(EMERGENCY_DEPARTMENT):
        return Break.EMERGENCY
    return Break.FEVER if department == FEVER_DEPARTMENT else None
