"""Files of people, read strictly: every reader goes through here and decides only what it means."""
