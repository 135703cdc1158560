"""A city that lives: made-up people and calls for a demonstration, and their removal."""
