"""Reading uploads in a child process that has limits.

parser     that process as its parent sees it: detect and read, confined
process    what runs in it
rewinding  the pipe it reads from, twice for what detection looks at
frames     what the two say to each other
"""
