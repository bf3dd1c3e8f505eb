"""Rounds, allow-lists, redemptions."""
