"""Data contributors' rewards: labelled work, its split, Merkle trees."""
