"""Booking: hospitals, slots, patients, bookings, rules, channels, text messages.

Revision ID: 0005
Revises: 0003
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

HALF_DAYS = "morning afternoon evening"
CLINIC_KINDS = "general expert famous_expert specialty multidisciplinary"
RESOURCE_KINDS = "clinic examination health_check vaccination bed"
BOOKING_KINDS = "segment long_term in_clinic community referral"
COLUMNS = "online phone quick in_clinic third_party"
STATES = "waiting offered held confirmed attended no_show cancelled expired released stopped"
DOCUMENTS = "id_card residence_permit foreign_permit hk_macau_pass taiwan_pass passport"

# code, name, column of the monthly table, kind of booking
CHANNELS = [
    ("agent", "电话预约（人工）", "phone", None),
    ("voice", "电话预约（语音）", "phone", None),
    ("quick", "快速预约", "quick", None),
    ("health_nanjing", "健康南京", "online", None),
    ("wechat", "微信", "online", None),
    ("web", "12320网", "online", None),
    ("my_nanjing", "我的南京", "third_party", None),
    ("province", "省网", "third_party", None),
    ("third_party", "第三方", "third_party", None),
    ("in_clinic", "诊间", "in_clinic", "in_clinic"),
    ("community", "社区", "in_clinic", "community"),
    ("referral", "转诊", "in_clinic", "referral"),
    ("family_doctor", "家庭医生", "in_clinic", "community"),
]

# Nanjing, as its hotline publishes them. A city adds its own.
FROM = date(2011, 1, 1)
CITY = "南京"
CITY_RULES = [
    ("window_days", "7"),
    ("same_day", "否"),
    ("cut_off", "12:00"),
    ("release", "00:00"),
    ("pick_up_morning", "09:30"),
    ("pick_up_afternoon", "14:30"),
    ("accounts_per_mobile", "3"),
    ("no_shows", "3"),
    ("no_show_days", "90"),
    ("ban_days", "90"),
]
# Family doctors see expert slots two weeks ahead.
FAMILY_RULES = [("expert", "14"), ("famous_expert", "14")]
# name, short name, first letters of the pinyin, level, its rule
EXCEPTIONS = [
    ("南京鼓楼医院", "鼓楼医院", "njglyy", "三级甲等", ("cut_off", "16:30")),
    ("南京市儿童医院", "儿童医院", "njsetyy", "三级甲等", ("cut_off", "18:00")),
    ("江苏省人民医院", "省人民医院", "jssrmyy", "三级甲等", ("release", "06:30")),
    ("南京医科大学眼科医院", "眼科医院", "njykdxykyy", "三级甲等", ("may_cancel", "否")),
]


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True)


def _at(name: str, *, required: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not required)


def _text(name: str, length: int, *, required: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=not required)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=False)


def _flag(name: str, *, is_true: bool = False) -> sa.Column:
    default = sa.true() if is_true else sa.false()
    return sa.Column(name, sa.Boolean, nullable=False, server_default=default)


def _secret(name: str) -> sa.Column:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _hash(name: str) -> sa.Column:
    return sa.Column(name, sa.LargeBinary(16), nullable=False)


def _link(name: str, target: str, *, required: bool = True, cascade: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None)
    return sa.Column(name, sa.BigInteger, key, nullable=not required)


def _channel(*, required: bool) -> sa.Column:
    key = sa.ForeignKey("booking_channel.code")
    return sa.Column("channel", sa.String(20), key, nullable=not required)


def _one_of(column: str, codes: str, name: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes.split())
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


def upgrade() -> None:
    _create_places()
    _create_rules()
    _create_slot()
    _create_patients()
    _create_booking()
    _create_texts()
    op.execute("CREATE SEQUENCE booking_number MAXVALUE 999999 CYCLE")
    _load()


def _create_places() -> None:
    op.create_table(
        "hospital",
        _id(),
        _text("city", 20, required=True),
        _text("name", 60, required=True),
        _text("short_name", 30),
        _text("initials", 60, required=True),
        _text("level", 20),
        _text("district", 20),
        _text("address", 200),
        _flag("is_active", is_true=True),
        _flag("is_demo"),
        sa.UniqueConstraint("city", "name", name="uq_hospital_name"),
    )
    op.create_table(
        "campus",
        _id(),
        _link("hospital_id", "hospital", cascade=True),
        _text("name", 40, required=True),
        sa.UniqueConstraint("hospital_id", "name", name="uq_campus_name"),
    )
    op.create_table(
        "department",
        _id(),
        _link("hospital_id", "hospital", cascade=True),
        _text("name", 60, required=True),
        _text("initials", 60, required=True),
        _flag("is_active", is_true=True),
        sa.UniqueConstraint("hospital_id", "name", name="uq_department_name"),
    )
    op.create_table(
        "doctor",
        _id(),
        _link("department_id", "department", cascade=True),
        _text("name", 40, required=True),
        _text("title", 30),
        _text("initials", 40, required=True),
        sa.UniqueConstraint("department_id", "name", name="uq_doctor_name"),
    )


def _create_rules() -> None:
    op.create_table(
        "resource",
        _id(),
        _text("kind", 32, required=True),
        _text("clinic_kind", 32),
        _link("department_id", "department", cascade=True),
        _link("campus_id", "campus", required=False),
        _link("doctor_id", "doctor", required=False),
        _text("name", 60),
        _one_of("kind", RESOURCE_KINDS, "ck_resource_kind"),
        _one_of("clinic_kind", CLINIC_KINDS, "ck_resource_clinic_kind"),
    )
    _unique("resource", "department_id campus_id doctor_id kind clinic_kind name")
    op.create_table(
        "booking_channel",
        sa.Column("code", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(30), nullable=False, unique=True),
        _text("counts_in", 32, required=True),
        _text("booking_kind", 32),
        _number("position"),
        _flag("is_active", is_true=True),
        _one_of("counts_in", COLUMNS, "ck_booking_channel_counts_in"),
        _one_of("booking_kind", BOOKING_KINDS, "ck_booking_channel_kind"),
    )
    op.create_table(
        "booking_rule",
        _id(),
        _text("name", 32, required=True),
        _text("value", 40, required=True),
        sa.Column("effective_on", sa.Date, nullable=False),
        _text("city", 20),
        _link("hospital_id", "hospital", required=False, cascade=True),
        _channel(required=False),
        _text("clinic_kind", 32),
        _at("created_at", required=True),
    )
    _unique("booking_rule", "name city hospital_id channel clinic_kind effective_on")


def _unique(table: str, columns: str) -> None:
    op.create_index(
        f"uq_{table}", table, columns.split(), unique=True, postgresql_nulls_not_distinct=True
    )


def _create_slot() -> None:
    op.create_table(
        "slot",
        _id(),
        _link("resource_id", "resource", cascade=True),
        _link("hospital_id", "hospital", cascade=True),
        _link("department_id", "department", cascade=True),
        _text("clinic_kind", 32),
        sa.Column("day", sa.Date, nullable=False),
        _text("half_day", 32, required=True),
        sa.Column("starts_at", sa.Time),
        sa.Column("ends_at", sa.Time),
        _number("capacity"),
        sa.Column("taken", sa.Integer, nullable=False, server_default="0"),
        sa.Column("fee", sa.Numeric(8, 2)),
        _flag("is_stopped"),
        _text("stop_reason", 100),
        _flag("is_demo"),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name="ck_slot_never_oversold"),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ck_slot_segment"),
        sa.CheckConstraint("fee >= 0", name="ck_slot_fee"),
        _one_of("half_day", HALF_DAYS, "ck_slot_half_day"),
        # room on each page, so that counting up rewrites no index
        postgresql_with={"fillfactor": 80},
    )
    _unique("slot", "resource_id day half_day starts_at")
    op.create_index("ix_slot_search", "slot", ["hospital_id", "department_id", "day"])
    op.create_index("ix_slot_day", "slot", ["day", "hospital_id"])


def _create_patients() -> None:
    op.create_table(
        "patient",
        _id(),
        _text("document", 32, required=True),
        _secret("id_number"),
        _hash("id_hash"),
        _link("guardian_id", "patient", required=False),
        _at("created_at", required=True),
        _flag("is_demo"),
        sa.UniqueConstraint("id_hash", name="uq_patient_id_hash"),
        _one_of("document", DOCUMENTS, "ck_patient_document"),
    )
    op.create_table(
        "patient_account",
        _id(),
        _link("patient_id", "patient", cascade=True),
        _secret("name"),
        _secret("mobile"),
        _hash("mobile_hash"),
        _number("place"),
        sa.UniqueConstraint("mobile_hash", "patient_id", name="uq_patient_account"),
        sa.UniqueConstraint("mobile_hash", "place", name="uq_patient_account_place"),
    )
    op.create_index("ix_patient_account_patient", "patient_account", ["patient_id"])
    op.create_table(
        "booking_ban",
        _id(),
        _link("patient_id", "patient", cascade=True),
        _at("from_at", required=True),
        _at("until_at", required=True),
        _number("no_shows"),
        _at("lifted_at"),
    )
    op.create_index("ix_booking_ban_patient", "booking_ban", ["patient_id", "until_at"])


def _create_booking() -> None:
    op.create_table(
        "booking",
        _id(),
        _text("hold_id", 32, required=True),
        _text("booking_no", 20),
        _text("state", 32, required=True),
        _link("slot_id", "slot"),
        _link("hospital_id", "hospital"),
        _link("department_id", "department"),
        sa.Column("day", sa.Date, nullable=False),
        _link("patient_id", "patient"),
        _link("account_id", "patient_account"),
        _channel(required=True),
        _text("kind", 32, required=True),
        _text("owner", 40, required=True),
        _text("call_uid", 128),
        _at("created_at", required=True),
        _at("expires_at"),
        _at("confirmed_at"),
        _at("pick_up_by"),
        _at("settled_at"),
        _text("reason", 200),
        _at("called_back_at"),
        _flag("is_demo"),
        *_booking_constraints(),
    )
    _index_booking()


def _booking_constraints() -> list[sa.Constraint]:
    return [
        sa.UniqueConstraint("hold_id", name="uq_booking_hold"),
        sa.UniqueConstraint("booking_no", name="uq_booking_no"),
        _one_of("state", STATES, "ck_booking_state"),
        _one_of("kind", BOOKING_KINDS, "ck_booking_kind"),
        sa.CheckConstraint(
            "state NOT IN ('held', 'offered') OR expires_at IS NOT NULL",
            name="ck_booking_runs_out",
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'attended', 'no_show', 'cancelled')"
            " OR booking_no IS NOT NULL",
            name="ck_booking_numbered",
        ),
    ]


def _index_booking() -> None:
    op.create_index(
        "uq_booking_one_a_day",
        "booking",
        ["patient_id", "department_id", "day"],
        unique=True,
        postgresql_where=sa.text("state IN ('held', 'confirmed', 'attended', 'no_show')"),
    )
    op.create_index(
        "uq_booking_waits_once",
        "booking",
        ["slot_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )
    op.create_index(
        "ix_booking_runs_out",
        "booking",
        ["expires_at"],
        postgresql_where=sa.text("state IN ('held', 'offered')"),
    )
    op.create_index("ix_booking_slot", "booking", ["slot_id", "state"])
    op.create_index("ix_booking_patient", "booking", ["patient_id", "day"])
    op.create_index("ix_booking_hospital", "booking", ["hospital_id", "day"])
    op.create_index("ix_booking_confirmed", "booking", ["confirmed_at"])
    op.create_index(
        "ix_booking_to_call_back",
        "booking",
        ["settled_at"],
        postgresql_where=sa.text(
            "state = 'stopped' AND booking_no IS NOT NULL AND called_back_at IS NULL"
        ),
    )


def _create_texts() -> None:
    op.create_table(
        "text_message",
        _id(),
        _link("booking_id", "booking", required=False, cascade=True),
        _text("template", 32, required=True),
        _secret("mobile"),
        _secret("body"),
        _text("state", 32, required=True),
        _number("attempts"),
        _at("next_attempt_at", required=True),
        _at("sent_at"),
        _text("last_error", 200),
        _at("created_at", required=True),
        _flag("is_demo"),
        _one_of("state", "due sent given_up", "ck_text_message_state"),
    )
    op.create_index(
        "ix_text_message_due",
        "text_message",
        ["next_attempt_at"],
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index("ix_text_message_booking", "text_message", ["booking_id"])


CHANNEL = sa.text(
    "INSERT INTO booking_channel (code, name, counts_in, booking_kind, position)"
    " VALUES (:code, :name, :counts_in, :kind, :position)"
)
HOSPITAL = sa.text(
    "INSERT INTO hospital (city, name, short_name, initials, level)"
    " VALUES (:city, :name, :short_name, :initials, :level) RETURNING id"
)
RULE = sa.text(
    "INSERT INTO booking_rule"
    " (name, value, effective_on, city, hospital_id, channel, clinic_kind, created_at)"
    " VALUES (:name, :value, :from_, :city, :hospital, :channel, :kind, now())"
)


def _load() -> None:
    connection = op.get_bind()
    for position, (code, name, counts_in, kind) in enumerate(CHANNELS):
        connection.execute(
            CHANNEL,
            {"code": code, "name": name, "counts_in": counts_in, "kind": kind,
             "position": position},
        )  # fmt: skip
    for name, value in CITY_RULES:
        _rule(name, value, city=CITY)
    for kind, days in FAMILY_RULES:
        _rule("window_days", days, city=CITY, channel="family_doctor", kind=kind)
    for name, short_name, initials, level, rule in EXCEPTIONS:
        given = {"city": CITY, "name": name, "short_name": short_name, "initials": initials}
        hospital = connection.execute(HOSPITAL, given | {"level": level}).scalar_one()
        _rule(*rule, hospital=hospital)


def _rule(name: str, value: str, **where: object) -> None:
    narrowed = dict.fromkeys(("city", "hospital", "channel", "kind")) | where
    op.get_bind().execute(RULE, {"name": name, "value": value, "from_": FROM} | narrowed)


def downgrade() -> None:
    for table in (
        "text_message", "booking", "booking_ban", "patient_account", "patient", "slot",
        "booking_rule", "booking_channel", "resource", "doctor", "department", "campus",
        "hospital",
    ):  # fmt: skip
        op.drop_table(table)
    op.execute("DROP SEQUENCE booking_number")
