"""A call from ring to wrap-up: its events, its facts, its disposition, who must be called back."""
