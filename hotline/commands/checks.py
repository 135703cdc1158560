"""Commands that look: doctor; and one that makes secrets."""

from __future__ import annotations

import sys

import click


@click.command(short_help="检查")
def doctor() -> None:
    """逐项检查设置、数据库、队列、文件等。✓ 正常，！ 注意，✗ 有问题（退出码 1）。"""
    from hotline.doctor import examine

    findings = list(examine())
    for finding in findings:
        click.echo(f"{finding.mark} {finding.sentence}")
    sys.exit(any(finding.mark == "✗" for finding in findings))


@click.command(short_help="生成密钥")
def secrets() -> None:
    """生成一组新密钥，每行一个环境变量。写入 .env 或密钥管理系统，并另行备份。"""
    from hotline.site_secrets import fresh_secrets

    made = fresh_secrets()
    keys = made.pop("encryption_keys")
    for name, value in made.items():
        click.echo(f"HOTLINE_{name.upper()}={value}")
    pairs = ",".join(f"{number}:{key}" for number, key in keys.items())
    click.echo(f"HOTLINE_ENCRYPTION_KEYS={pairs}")
