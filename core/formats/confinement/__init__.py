"""Reading uploads in a child process that has limits.

parser    that process as its parent sees it: detect and read, confined
process   what runs in it
frames    what the two say to each other
"""
