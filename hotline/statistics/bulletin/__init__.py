"""The monthly bulletin: outside figures, identities, closing a month, documents from a snapshot."""
