"""What a text is about: danger first, then category, then department."""
