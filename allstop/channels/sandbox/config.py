"""The sandbox's settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    shortest_delay_ms: int = 20  # until the answer, and again until each receipt or reply
    longest_delay_ms: int = 80
    max_connections: int = 100

    def faults(self) -> list[str]:
        faults = []
        if not 0 <= self.shortest_delay_ms <= self.longest_delay_ms:
            faults.append("The shortest delay must be 0 or more and not above the longest.")
        if self.max_connections < 1:
            faults.append("There must be at least one connection.")
        return faults
