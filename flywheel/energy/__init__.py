"""What a run used: importers of measurements and estimates, each of which gives one report."""
