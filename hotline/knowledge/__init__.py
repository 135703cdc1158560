"""What callers often ask, and what is answered: for agents and for the voice line."""
