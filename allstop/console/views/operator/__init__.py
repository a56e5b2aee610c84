"""For operators: every account of the installation, what its status does, and the lists behind it."""
