"""The level-2 tree of categories, as shipped; a city edits it.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# code, level-1 category, heading, label, first letters of its pinyin, position
SHIPPED = [
    ("disease_control", "consultation", "consultation", "疾病预防控制", "jbyfkz", 1),
    ("vaccination", "consultation", "consultation", "预防接种", "yfjz", 2),
    ("care_guidance", "consultation", "consultation", "寻医问药/就医指导", "xywyjyzd", 3),
    ("policy", "consultation", "consultation", "政策法规", "zcfg", 4),
    ("maternal_child", "consultation", "consultation", "妇幼", "fy", 5),
    ("mental_health", "consultation", "consultation", "精神卫生", "jsws", 6),
    ("health_knowledge", "consultation", "consultation", "健康知识", "jkzs", 7),
    ("emergency_event", "consultation", "consultation", "突发公卫", "tfgw", 8),
    ("records", "consultation", "consultation", "检验/档案查询", "jydacx", 9),
    ("smoking_cessation", "consultation", "consultation", "戒烟", "jy", 10),
    ("consultation_other", "consultation", "consultation", "其他", "qt", 11),
    ("attitude", "complaint", "complaint", "服务态度", "fwtd", 12),
    ("quality", "complaint", "complaint", "医疗质量", "ylzl", 13),
    ("fees", "complaint", "complaint", "收费", "sf", 14),
    ("waiting", "complaint", "complaint", "流程/等候", "lcdh", 15),
    ("ethics", "complaint", "complaint", "医德医风", "ydyf", 16),
    ("public_health_body", "complaint", "complaint", "公共卫生机构", "ggwsjg", 17),
    ("illegal_practice", "complaint", "report", "非法行医", "ffxy", 18),
    ("smoking_in_public", "complaint", "report", "公共场所吸烟", "ggcsxy", 19),
    ("health_inspection", "complaint", "report", "卫生监督", "wsjd", 20),
    ("suggestion", "consultation", "suggestion", "建议", "jy", 21),
    ("praise", "consultation", "praise", "表扬", "by", 22),
    ("book", "booking", "booking", "预约", "yy", 23),
    ("cancel", "booking", "booking", "退约", "ty", 24),
    ("query", "booking", "booking", "查询", "cx", 25),
    ("account", "booking", "booking", "账号", "zh", 26),
    ("silent", "non_business", "non_business", "无声", "ws", 27),
    ("harassment", "non_business", "non_business", "骚扰", "sr", 28),
    ("wrong_number", "non_business", "non_business", "误拨", "wb", 29),
    ("test", "non_business", "non_business", "测试", "cs", 30),
    ("hang_up", "non_business", "non_business", "挂断", "gd", 31),
    ("fraud", "non_business", "non_business", "诈骗", "zp", 32),
]


def upgrade() -> None:
    table = op.create_table(
        "subcategory",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("group", sa.String(32), nullable=False),
        sa.Column("label", sa.String(30), nullable=False),
        sa.Column("initials", sa.String(30), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.CheckConstraint("position >= 0", name="ck_subcategory_position"),
    )
    names = ("code", "category", "group", "label", "initials", "position")
    rows = [dict(zip(names, row, strict=True), is_active=True) for row in SHIPPED]
    op.bulk_insert(table, rows)


def downgrade() -> None:
    op.drop_table("subcategory")
