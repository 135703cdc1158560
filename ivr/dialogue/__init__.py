"""What callers mean and what is said next: pure, but for ``catalogue``."""
