"""Uploads and artifacts on disk: encrypted at rest, looked at before they are kept.

    frames      the encrypted file format: 1 MiB frames with random access
    store       a folder of such files, published whole or not at all
    scratch     such a file without a name, for one process and a moment
    screening   what may come in: extension, content (core.model.content), test virus
    clamd       an optional virus scanner, asked over its socket
    filenames   names given by users are text, never paths

Plain bytes never touch the disk.
"""
