"""Commands of the house; features have theirs beside them."""
