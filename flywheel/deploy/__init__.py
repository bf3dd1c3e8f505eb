"""A deployment: its parameters, plan, journal, wiring, roles, and the suite of its contracts."""
