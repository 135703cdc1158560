"""Deadlines of work orders: rules, clocks, why a deadline is what it is, and what breaks next."""
