"""The console's pages of 12345 work orders."""
