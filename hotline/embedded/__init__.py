"""PostgreSQL and Valkey from wheels, for a newcomer's machine and for the tests.

`docs/decisions/0002-embedded-servers.md` says why, and how they run under root.
"""
