"""Gas of whole transactions on a real node, ours and OpenZeppelin's in one run: `make bench`."""
