"""What each user does, as functions over a `Suite` and Ape accounts. Demo, scripts and tests call the same ones."""
