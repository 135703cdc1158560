"""12345 work orders, exchanged with the city and the province."""
