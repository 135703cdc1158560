"""One pool of bookable slots for every channel: hold, confirm, cancel, attend; never oversold."""
