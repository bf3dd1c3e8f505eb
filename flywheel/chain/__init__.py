"""One node: the connection, reverts, simulation, signatures, Safes, a development chain."""
