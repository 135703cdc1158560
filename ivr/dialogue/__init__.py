"""What callers mean and what is said next. Pure."""
