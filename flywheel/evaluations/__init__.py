"""Measured scores of weights: what others measured, who attests it, and what is on chain of it."""
