"""What the browser loads: by content, compressed, nothing else."""

from __future__ import annotations

import pytest

from hotline.console import assets

pytestmark = pytest.mark.skipif(not assets.is_built(), reason="front-end not built")


def test_a_built_file_may_be_kept_for_ever(client):
    version = assets._manifest()["app.js"]
    answer = client.get(f"/assets/{version}/app.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.mimetype == "text/javascript"
    answer.close()


def test_an_old_address_gets_the_new_file_and_keeps_nothing(client):
    answer = client.get("/assets/0123456789ab/app.css")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]
    answer.close()


def test_only_what_was_built_is_served(client):
    assert client.get("/assets/x/manifest.json").status_code == 404
    assert client.get("/assets/x/app.js.gz").status_code == 404


def test_no_page_loads_more_than_500_kb_of_script():
    scripts = [name for name in assets._manifest() if name.endswith(".js")]
    sent = sum((assets.BUILT / f"{name}.gz").stat().st_size for name in scripts)
    assert sent < 500_000
