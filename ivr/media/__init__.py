"""Sound and keys of a call, whatever the door it comes through."""
