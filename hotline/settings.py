"""Every setting, read once from ``HOTLINE_*`` (environment or ``.env``) and then frozen."""

from __future__ import annotations

import json
from datetime import time
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from hotline.errors import NotStarted
from hotline.site_secrets import MINIMUM_LENGTH, Secrets, decoded, is_weak


class Settings(BaseSettings):
    """What a site decides. Units stand in the names."""

    model_config = SettingsConfigDict(
        env_prefix="HOTLINE_", env_file=".env", frozen=True, extra="ignore"
    )

    data_dir: Path = Field(
        Path("var"), description="数据目录：内置数据库、附件、录音和密钥都在这里"
    )
    demo: bool = Field(False, description="演示模式：页面带横幅，可用生成的密钥")
    database_url: str | None = Field(None, description="PostgreSQL 地址；不设则用内置数据库")
    redis_url: str | None = Field(None, description="Redis 地址；不设则用内置服务")
    host: str = Field("127.0.0.1", description="网页服务监听的地址")
    port: int = Field(8320, ge=1, le=65535, description="网页服务端口")
    public_url: str | None = Field(None, description="对外网址，例如 https://hotline.example.cn")
    trusted_proxies: int = Field(0, ge=0, le=5, description="前面有几层反向代理")
    web_workers: int = Field(2, ge=1, le=64, description="网页进程数")
    web_threads: int = Field(
        160, ge=8, le=1000, description="每个网页进程的线程数（每个在线坐席占一个）"
    )
    job_workers: int = Field(2, ge=1, le=32, description="后台任务进程数")
    database_pool: int = Field(12, ge=2, le=100, description="每个进程的数据库连接数")

    secret_key: SecretStr | None = Field(None, description="会话和表单签名密钥，至少 32 个字符")
    encryption_keys: Annotated[dict[int, SecretStr], NoDecode] = Field(
        default_factory=dict,
        description="个人信息加密密钥，“编号:base64(32字节)”，逗号分隔，编号最大的用于写入",
    )
    hash_key: SecretStr | None = Field(None, description="号码检索用的散列密钥，至少 32 个字符")

    session_idle_minutes: int = Field(30, ge=1, le=720, description="多久不操作自动退出")
    session_hours: int = Field(12, ge=1, le=24, description="一次登录最长多久")
    sign_in_attempts: int = Field(5, ge=3, le=20, description="密码连续错几次锁定")
    lock_out_minutes: int = Field(15, ge=1, le=1440, description="锁定多久")
    requests_per_minute: int = Field(1200, ge=10, description="每个接口令牌每分钟的请求上限")

    area_code: str = Field("025", pattern=r"^0\d{2,3}$", description="本地区号，补全八位固话")
    short_abandon_seconds: int = Field(5, ge=0, le=60, description="多少秒内挂断算短放弃")
    stale_call_minutes: int = Field(240, ge=5, description="没有结束事件的通话多久后按异常关闭")
    city: str = Field("南京", max_length=20, description="本市：导入的医院默认属于哪个城市")
    office_opens: time = Field(time(9), description="上班时间：工单时限按工作时间计的部分从这时起")
    office_closes: time = Field(time(17, 30), description="下班时间：工单到期日到这时为止")
    schedule_horizon_days: int = Field(
        30, ge=1, le=366, description="按排班提前多少天生成号源（总会超过最长的可约天数）"
    )
    bookings_before: str | None = Field(
        None,
        pattern=r"^\d{4}-(0[1-9]|1[0-2]):\d{1,12}$",
        description="总预约挂号量的起点（月末累计），例如 2020-04:19238954；不设则从第一个预约算起",
    )
    sms_url: str | None = Field(
        None, pattern="^https?://", description="短信网关地址；不设则只写日志，不发短信"
    )
    sms_token: SecretStr | None = Field(None, description="短信网关令牌（Authorization: Bearer）")
    wrap_up_seconds: int = Field(90, ge=10, description="话后整理的提示时长")

    ivr_model: str = Field(
        "auto",
        description="语音识别模型：auto（已安装的最好的）、cn、small-cn、embedded 或模型目录",
    )
    ivr_model_url: str = Field(
        "https://alphacephei.com/vosk/models/",
        pattern="^https://|^http://(localhost|127\\.0\\.0\\.1)[:/]",
        description="下载官方语音模型的地址",
    )
    ivr_model_sha256: str | None = Field(
        None,
        pattern="^[a-z-]+:[0-9a-f]{64}(,[a-z-]+:[0-9a-f]{64})*$",
        description="官方模型压缩包的 SHA-256，“名称:十六进制”，逗号分隔",
    )

    ivr_host: str = Field("127.0.0.1", description="语音线路监听的地址")
    ivr_audiosocket_port: int = Field(
        9092, ge=1, le=65535, description="AudioSocket 端口（Asterisk 的语音）"
    )
    ivr_agi_port: int = Field(
        4573, ge=1, le=65535, description="FastAGI 端口（Asterisk 的拨号方案）"
    )
    ivr_ws_port: int = Field(9093, ge=1, le=65535, description="网页通话的 WebSocket 端口")
    ivr_ws_url: str | None = Field(
        None,
        pattern="^wss?://",
        description="浏览器怎样找到网页通话，例如 wss://hotline.example.cn/voice；"
        "不设则用网页的主机名加上面的端口",
    )
    ivr_person: str = Field(
        "pbx",
        pattern="^(pbx|desk)$",
        description="语音线路转人工去哪里：pbx 交回话务系统排队，desk 由坐席在网页上接听"
        "（网页打来的电话总是后者）",
    )
    ivr_page_seconds: int = Field(
        15, ge=5, le=600,
        description="坐席接听后网页断开（浏览器关掉、断网）多久，来电人回到队列由别人接",
    )  # fmt: skip
    ivr_calls: int = Field(40, ge=0, le=1000, description="语音线路同时接几路，再多直接排队等人工")
    ivr_drain_seconds: int = Field(
        30, ge=0, le=3600, description="停止语音线路时等通话自己结束多久，之后转人工"
    )
    recording_days: int = Field(
        180, ge=0, le=3660, description="录音保留多少天，0 为不录音；有危机警报的至少三年"
    )

    workorders_send_per_second: float = Field(
        5, gt=0, le=200, description="每秒最多向一个 12345 平台发送几个事件"
    )
    workorders_give_up_attempts: int = Field(
        12, ge=1, le=1000, description="发往 12345 平台的事件至少试几次才交人工处理"
    )
    workorders_give_up_hours: int = Field(
        48, ge=0, le=720, description="发往 12345 平台的事件至少试多少小时才交人工处理"
    )
    workorders_clock_skew_seconds: int = Field(
        300, ge=30, le=3600, description="12345 平台推送的签名时间与本机最多相差多少秒"
    )
    workorders_file_days: int = Field(
        30, ge=1, le=365, description="随回复发给 12345 平台的附件地址多少天内有效"
    )

    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="日志级别")
    log_json: bool = Field(True, description="日志用 JSON；false 为便于阅读的文本")

    @field_validator("encryption_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.split(":", 1) for part in value.split(",") if part.strip()]
        if any(len(pair) != 2 for pair in pairs):
            raise ValueError("应写成“编号:base64密钥”，多个用逗号分隔")
        return {int(number): key.strip() for number, key in pairs}

    @model_validator(mode="after")
    def _refuse_no_hours(self) -> Settings:
        if self.office_closes <= self.office_opens:
            raise ValueError("HOTLINE_OFFICE_CLOSES 应晚于 HOTLINE_OFFICE_OPENS")
        return self

    @model_validator(mode="after")
    def _refuse_weak_secrets(self) -> Settings:
        for name in ("secret_key", "hash_key"):
            secret = getattr(self, name)
            if secret and is_weak(secret.get_secret_value()):
                raise ValueError(f"HOTLINE_{name.upper()} 太弱：至少 {MINIMUM_LENGTH} 个随机字符")
        for number, key in self.encryption_keys.items():
            if not 1 <= number <= 255 or len(decoded(key.get_secret_value())) != 32:
                raise ValueError("HOTLINE_ENCRYPTION_KEYS 应为“1..255:base64(32字节)”")
        return self

    @cached_property
    def run_dir(self) -> Path:
        """Where running processes leave their addresses and process ids."""
        return self.data_dir.absolute() / "run"

    @cached_property
    def database(self) -> str:
        """SQLAlchemy URL of PostgreSQL: the site's own, or the embedded one that is running."""
        url = self.database_url or self._embedded("database_url", "HOTLINE_DATABASE_URL")
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @cached_property
    def redis(self) -> str:
        """URL of Redis: the site's own, or the embedded one that is running."""
        return self.redis_url or self._embedded("redis_url", "HOTLINE_REDIS_URL")

    def _embedded(self, key: str, variable: str) -> str:
        try:
            found: str = json.loads((self.run_dir / "servers.json").read_text())[key]
        except (OSError, KeyError, ValueError):
            raise NotStarted(
                f"数据目录 {self.data_dir} 里没有正在运行的内置服务。"
                f"请先运行 hotline up（make run），或设置 {variable}。"
            ) from None
        return found

    @cached_property
    def secrets(self) -> Secrets:
        """The three secrets.

        Where the database is embedded, or the data invented, they are made once and kept in
        the data directory; a site with a database of its own says them itself.
        """
        if self.secret_key and self.hash_key and self.encryption_keys:
            return Secrets(
                self.secret_key.get_secret_value(),
                {n: decoded(k.get_secret_value()) for n, k in self.encryption_keys.items()},
                self.hash_key.get_secret_value().encode(),
            )
        none_given = not (self.secret_key or self.hash_key or self.encryption_keys)
        if none_given and (self.demo or not self.database_url):
            return Secrets.kept_in(self.data_dir.absolute() / "secrets.json")
        raise NotStarted(
            "缺少密钥：请设置 HOTLINE_SECRET_KEY、HOTLINE_HASH_KEY 和 HOTLINE_ENCRYPTION_KEYS"
            "（hotline secrets 可生成一组）。",
            78,
        )


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process. Raises NotStarted with a sentence when they are wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [_explain(item["loc"], str(item["msg"])) for item in error.errors()]
        raise NotStarted("设置有误：\n  " + "\n  ".join(lines), 78) from None


def _explain(location: tuple[int | str, ...], message: str) -> str:
    name = "HOTLINE_" + str(location[0]).upper() if location else ""
    return f"{name} {message.removeprefix('Value error, ')}".strip()
