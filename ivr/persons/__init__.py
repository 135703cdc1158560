"""A person takes over, without a PBX: callers wait with music, agents answer at their page."""
