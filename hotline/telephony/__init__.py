"""What a PBX tells us, live or in files, turned into call events."""
