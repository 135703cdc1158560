"""The door at which a platform fetches the files that a reply named."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import BaseModel

from hotline import access, api
from hotline.db import transaction
from workorders import downloads, handing_out

bp = api.blueprint("workorder_files", "/workorders/files", "12345 工单")
bp.abp_security = []  # the address itself is signed
_FILE: dict[str, Any] = {
    "description": "the file",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


class TokenPath(BaseModel):
    """What a reply's ``attachments[].url`` ends with."""

    token: str


@bp.get("/<token>", responses={200: _FILE}, summary="平台取回复里的附件")
@access.by_signature
def get_file(path: TokenPath) -> Response:
    """A file that we sent with a reply, decrypted while it is sent. 404 when the address was
    altered, is too old, or the file is no longer to be had."""
    with transaction() as session:
        kept, pieces = handing_out.opened(session, path.token)
    return downloads.answer(kept, pieces)
