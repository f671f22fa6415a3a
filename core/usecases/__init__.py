"""The front door: one public function per act, each checking rights at the time it runs.

    sessions users       who is here
    access approvals     who may do what; what waits for a reviewer
    connections tables   the databases and what is in them
    formats              what can be read, written, transformed, checked
    uploads imports      a file into a table
    chunked_uploads      an upload in parts that survives a cut connection
    exports              a table into a file
    jobs audit health    what has been done, and how the service is
    working              the worker: carries out what the others queued
    local conversion     what the command line does without a server
    doctor demo          is all well; a ready example

`rights` is how the others ask the one question of `core.access`. Screens, API and command line call
these functions and nothing else.
"""
