"""What callers say, as text: model files, grammars, the recogniser, names that sound alike."""
