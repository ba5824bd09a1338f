"""What the program compresses: by Python's own zstd, the package zstandard, or the system's libzstd, whichever is there."""
from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 256 << 20  # of a text: what claims more is no report


def by_module(data: bytes) -> bytes | None:
    """None without a module for it."""
    try:
        return import_module("compression.zstd").decompress(data)
    except ImportError:
        pass
    try:
        return import_module("zstandard").ZstdDecompressor().decompressobj().decompress(data)
    except ImportError:
        return None


@cache
def system_library() -> ctypes.CDLL | None:
    name = ctypes.util.find_library("zstd")
    if name is None:
        return None
    library = ctypes.CDLL(name)
    library.ZSTD_createDStream.restype = ctypes.c_void_p
    library.ZSTD_freeDStream.argtypes = [ctypes.c_void_p]
    library.ZSTD_decompressStream.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    library.ZSTD_decompressStream.restype = ctypes.c_size_t
    library.ZSTD_getErrorName.argtypes = [ctypes.c_size_t]
    library.ZSTD_getErrorName.restype = ctypes.c_char_p
    return library


class Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer."""

    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("position", ctypes.c_size_t)]


def by_library(library: ctypes.CDLL, data: bytes) -> bytes:
    """Frames need not say how long their text is, so it comes in pieces."""
    piece = ctypes.create_string_buffer(1 << 20)
    source = Buffer(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data), 0)
    parts, length = [], 0
    stream = library.ZSTD_createDStream()
    try:
        while True:
            out = Buffer(ctypes.cast(piece, ctypes.c_void_p), len(piece), 0)
            left = library.ZSTD_decompressStream(stream, ctypes.byref(out), ctypes.byref(source))
            if library.ZSTD_isError(ctypes.c_size_t(left)):
                raise ValueError(library.ZSTD_getErrorName(left).decode())
            parts.append(piece.raw[:out.position])
            length += out.position
            if length > MOST_BYTES:
                raise ValueError(f"its text is longer than {MOST_BYTES >> 20} MiB")
            if source.position == source.size and out.position < out.size:
                if left:
                    raise ValueError("it is cut off")
                return b"".join(parts)
    finally:
        library.ZSTD_freeDStream(stream)


def decompress(data: bytes) -> bytes:
    """The text of compressed bytes. ValueError for what is damaged or cut, OSError where nothing here knows zstd."""
    modules: Callable[[bytes], bytes | None] = by_module
    try:
        text = modules(data)
    except Exception as error:  # each module has an error of its own
        raise ValueError(str(error)) from None
    if text is not None:
        return text
    library = system_library()
    if library is None:
        raise OSError(0, "it is compressed, and no zstd is here: pip install zstandard")
    return by_library(library, data)
