"""Secrets: the master key and all that follows from it.

    master      the master key, from the environment or a key file
    sealing     one key per purpose; short texts sealed for the metastore
    tokens      random tokens, their hashes, and signed links
    passwords   hashing, policy, generated passwords

This room stands below the rooms that use it: it knows no file format, table or user.
"""
