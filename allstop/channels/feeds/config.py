"""What the places of feeds need to be told. Secrets are named as allstop/store/sealing.py seals them."""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class FolderConfig:
    path: str

    def faults(self) -> list[str]:
        if not PurePosixPath(self.path).is_absolute():
            return ["Write the whole path of the folder, from / on."]
        return []


@dataclass(frozen=True, slots=True)
class PushConfig:
    """A program hands its files in with a token of the account: there is nothing to set."""

    def faults(self) -> list[str]:
        return []
