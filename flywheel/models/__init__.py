"""Models: cards, parents, lineage, revenue shares, registration."""
