"""Royalties: payments, batches of them, and who receives."""
