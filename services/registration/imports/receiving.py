"""An upload on its way into the database, each piece in a transaction of its own."""

import hashlib
from collections.abc import Callable

from services.registration.imports import handlers
from services.registration.imports.domain import Import
from services.registration.imports.uploads import Upload
from shared.database import Sessions


async def receive(
    sessions: Sessions, upload: Upload, admit: Callable[[Upload], None] | None = None
) -> tuple[Import, bool]:
    """Keep a file as it comes; gives its import, and whether that is new.

    `admit` is asked before the first piece is kept, with the fields that stood before the file.

    Raises:
        Problem: the body is not whole, `admit` refused it, or it is somebody else's list.
    """
    async with sessions.begin() as session:
        id_ = await handlers.begin_upload(session, upload.name)
    try:
        size, number, digest = 0, 0, hashlib.sha256()
        async for piece in upload.pieces():
            if admit and number == 0:
                admit(upload)
            async with sessions.begin() as session:
                await handlers.keep_piece(session, id_, number, piece)
            size, number = size + len(piece), number + 1
            digest.update(piece)
        if admit and number == 0:
            admit(upload)
        async with sessions.begin() as session:
            return await handlers.finish_upload(session, id_, upload.name, size, digest.digest())
    except BaseException:
        async with sessions.begin() as session:
            await handlers.give_up_upload(session, id_)
        raise
