"""How the outside world of 12345 speaks: signatures, orders, statuses, adapters. No tables."""
