"""Real peers on loopback: servers that the channels talk to in tests, each on a port that was free."""
