"""The ways in for programs. A door parses, calls an action and answers; it never sends and never decides."""
