"""Text formats packed with gzip, zip or zstd: read and written as streams, never whole.

source      the packed bytes, counted, with a look ahead
gzipped     unpacking RFC 1952
zipped      unpacking the one data file of a ZIP archive, front to back
zstandard   unpacking RFC 8878
reading     the unpacked bytes as a file, within limits
writing     packing what a writer writes

How packed files are named and begin, core.model.packing knows.
"""
