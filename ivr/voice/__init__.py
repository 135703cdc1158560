"""The sound of what is said: recorded pieces, and a plain voice for what nobody has recorded."""
