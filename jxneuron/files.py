"""Where generated files are kept, and how a file is replaced so that nobody sees half of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def cache_folder() -> Path:
    """Return the folder for generated files: ``JXNEURON_CACHE``, else the user's cache folder."""
    own = os.environ.get("JXNEURON_CACHE")
    if own:
        return Path(own)
    import platformdirs

    return Path(platformdirs.user_cache_dir("jxneuron"))


@contextmanager
def replacing(path: str | Path) -> Iterator[BinaryIO]:
    """Give a stream whose content becomes the file at ``path`` when the block ends.

    The file is either complete or as it was before. Several processes may replace one file; the last one wins.

    Raises:
        OSError: the folder cannot be written to.
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with part.open("wb") as stream:
            yield stream
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Replace a file by ``content`` (text as UTF-8); see `replacing`.

    Raises:
        OSError: the folder cannot be written to.
    """
    with replacing(path) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
