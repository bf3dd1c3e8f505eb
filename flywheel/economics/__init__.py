"""What attacks and cheating earn under the rules of a parameters file: `make economics`."""
