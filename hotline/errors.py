"""How the service says no."""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):
    """A rule of the trade says no: a code for machines, a sentence for people.

    ``fields`` names the inputs at fault, each with its own sentence.
    ``status`` is the HTTP status that fits.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 422,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = dict(fields or {})


class NotStarted(Exception):
    """The service cannot start or go on: a sentence that says why and what to do.

    ``exit_code`` follows sysexits.h (69 unavailable, 73 cannot create, 78 configuration).
    """

    def __init__(self, message: str, exit_code: int = 69) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
