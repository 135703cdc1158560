"""Backup into one file, and restore from it: all or nothing.

Secrets are not in it: whoever finds a backup must not be able to read the numbers. They are
kept apart, and a restore refuses when the ones at hand cannot open what the backup holds.
"""
