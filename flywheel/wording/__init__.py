"""Calls of the suite in words: what a proposal really does, for people who vote on it."""
