"""Become another program that does not outlive its parent: a script, run by `spawn`.

    python -I -S tether.py PARENT_PID SIGNAL UID PROGRAM [ARGUMENT...]

The kernel sends SIGNAL when the parent dies, however it dies. UID (``-`` for none) is whom to
become: PostgreSQL will not run as root. This happens here, after the exec, and not in a
``preexec_fn``, which may dead-lock in a parent with threads; and after the change of user,
because that change unties the tether. Imports the standard library only, to start in 30 ms.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Change user, tie the tether, become the program."""
    parent, signal, user = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if user != "-":
        _become(int(user))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:  # it died before the tether was tied
        sys.exit(1)
    os.execv(sys.argv[4], sys.argv[4:])  # noqa: S606 - no shell is wanted


def _become(uid: int) -> None:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


if __name__ == "__main__":
    main()
