"""`hotline workorders`: 12345 work orders."""

from __future__ import annotations

import click

from workorders.exchange.cli import platform, sync
from workorders.exchange.reconciling_cli import reconcile
from workorders.standin.cli import standin


@click.group(short_help="12345 工单")
def workorders() -> None:
    """12345 工单：与市、省平台交换，对账。"""


for each in (platform, sync, reconcile, standin):
    workorders.add_command(each)
