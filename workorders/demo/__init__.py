"""Made-up orders: the stand-in platforms' and our own, a month of them in every stage."""
