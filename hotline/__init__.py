"""A 12320 public-health hotline: calls, sorting, booking, statistics."""

__version__ = "0.1.0"
