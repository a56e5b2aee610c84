"""The sandbox: a provider that lives in the house, for trying things out. Nothing leaves the machine."""
