"""Proposals, ballots and what they do: in calls and back."""
