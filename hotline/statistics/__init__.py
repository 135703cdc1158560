"""Figures: a month's categories, service metrics, a forecast, and the bulletin made of them."""
