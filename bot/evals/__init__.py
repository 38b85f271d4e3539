"""How well a model decides: cases, a house in memory that plays them, and scores."""
