"""A 12345 platform to try the exchange against: the contract from its side, with its faults."""
