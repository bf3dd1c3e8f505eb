"""Licences: terms, dues, rights, and what happens to late licensees."""
