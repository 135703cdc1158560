"""The voice line: callers book by speech and keypad."""
