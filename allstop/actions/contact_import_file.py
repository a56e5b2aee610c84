"""The file of an import of contacts, kept in pieces: no process must hold the whole of it."""

from collections.abc import Iterable, Iterator

from allstop.store.models import ContactImport, ContactImportPiece

PIECE = 1 << 20  # bytes


def keep_pieces(source: ContactImport, chunks: Iterable[bytes]) -> None:
    number = 0
    rest = b""
    for chunk in chunks:
        rest += chunk
        while len(rest) >= PIECE:
            ContactImportPiece.objects.create(source=source, number=number, content=rest[:PIECE])
            rest, number = rest[PIECE:], number + 1
    if rest:
        ContactImportPiece.objects.create(source=source, number=number, content=rest)


def pieces_of(import_id: int) -> Iterator[bytes]:
    """From the first, one at a time."""
    number = 0
    found = ContactImportPiece.objects.filter(source_id=import_id)
    while (piece := found.filter(number=number).values_list("content", flat=True).first()) is not None:
        yield bytes(piece)
        number += 1
