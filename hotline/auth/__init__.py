"""Signing in: password, second factor, lock-out, change of password."""
