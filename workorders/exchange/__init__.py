"""What goes to the platforms and comes from them: rows first, then the network."""
