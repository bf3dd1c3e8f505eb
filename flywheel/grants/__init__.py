"""Grants by milestones, leases of compute, records of energy."""
