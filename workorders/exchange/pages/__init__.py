"""Pages of the exchange: 对账, what waits for a person, how the platforms are, connecting them."""
