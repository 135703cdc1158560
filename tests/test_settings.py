"""Settings are refused with a sentence when they are weak or wrong."""

import base64

import pytest

from hotline import settings
from hotline.errors import NotStarted

KEY = base64.b64encode(bytes(range(32))).decode()
STRONG = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture
def site(monkeypatch, tmp_path):
    """A function that reads settings from exactly these variables."""

    def read(**values):
        import os

        for name in list(os.environ):
            if name.startswith("HOTLINE_"):
                monkeypatch.delenv(name)
        monkeypatch.chdir(tmp_path)
        for name, value in values.items():
            monkeypatch.setenv(f"HOTLINE_{name.upper()}", value)
        settings.current.cache_clear()
        return settings.current()

    yield read
    settings.current.cache_clear()


def test_a_site_with_its_own_database_names_its_secrets(site):
    with pytest.raises(NotStarted, match="缺少密钥") as caught:
        _ = site(database_url="postgresql://db.example/hotline").secrets
    assert caught.value.exit_code == 78


def test_half_a_set_of_secrets_is_not_completed_by_made_ones(site):
    with pytest.raises(NotStarted, match="缺少密钥"):
        _ = site(secret_key=STRONG, demo="1").secrets


def test_one_machine_makes_its_secrets_once(site):
    first, again = site().secrets, site().secrets
    assert first.signing == again.signing


def test_lost_secrets_are_not_made_anew_beside_a_database(site, tmp_path):
    (tmp_path / "var" / "postgres").mkdir(parents=True)
    with pytest.raises(NotStarted, match="找不到密钥文件"):
        _ = site().secrets


@pytest.mark.parametrize("weak", ["short", "a" * 64])
def test_a_weak_secret_is_refused(site, weak):
    with pytest.raises(NotStarted, match="HOTLINE_SECRET_KEY 太弱"):
        site(secret_key=weak)


def test_encryption_keys_are_numbered(site):
    secrets = site(secret_key=STRONG, hash_key=STRONG, encryption_keys=f"1:{KEY},2:{KEY}").secrets
    assert set(secrets.encryption) == {1, 2}


@pytest.mark.parametrize("keys", ["1:short", f"0:{KEY}", f"300:{KEY}", "nonsense"])
def test_bad_encryption_keys_are_refused(site, keys):
    with pytest.raises(NotStarted, match="ENCRYPTION_KEYS"):
        site(secret_key=STRONG, hash_key=STRONG, encryption_keys=keys)


def test_a_wrong_port_names_the_setting(site):
    with pytest.raises(NotStarted, match="HOTLINE_PORT"):
        site(port="70000")


def test_demonstration_secrets_are_made_once_and_kept_private(site, tmp_path):
    first = site(demo="1", data_dir=str(tmp_path / "var")).secrets
    settings.current.cache_clear()
    second = site(demo="1", data_dir=str(tmp_path / "var")).secrets
    assert first.signing == second.signing
    assert first.encryption == second.encryption
    assert (tmp_path / "var" / "secrets.json").stat().st_mode & 0o077 == 0


def test_a_broken_secrets_file_is_named(site, tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secrets.json").write_text("{")
    with pytest.raises(NotStarted, match="已损坏"):
        _ = site(demo="1", data_dir=str(tmp_path / "var")).secrets


def test_without_running_servers_the_sentence_says_what_to_start(site):
    with pytest.raises(NotStarted, match="hotline up"):
        _ = site().database
