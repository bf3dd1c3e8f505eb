"""What each user does, as functions that demo, scripts and tests share."""
