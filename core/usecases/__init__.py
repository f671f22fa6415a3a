"""The front door: one public function per act, each checking rights at the time it runs.

    sessions users       who is here
    rules plan_rules     what keepers of a table ask of its rows; what one import asks
    access approvals     who may do what; what waits for a reviewer
    connections tables   the databases and what is in them
    formats              what can be read, written, transformed, checked
    uploads imports      a file into a table
    planning             what an import would change, before anything is written
    new_tables           a table for a file that has none, as table_proposals reads it;
                         new_table_document has it as JSON
    import_sets          several files into several tables as one
    set_tables           … which table each is for, by its name
    set_members          … how a set and its imports are tied together
    proposals remembering which column belongs where; how files like it were mapped before
    references           columns given by names: what was found, what is decided
    chunked_uploads      an upload in parts that survives a cut connection
    exports              a table into a file
    findings profiles    what the check found; what the columns of the file are like
    fixing               problems with repairs, edits, rows judged again at once
    mending              mended rejected rows, dropped back in
    check_page           the same as a report that people can send
    forms                workbooks: blank templates, rejected rows to be mended
    jobs audit health    what has been done, and how the service is
    working              the worker: carries out what the others queued
    local conversion     what the command line does without a server
    doctor demo          is all well; a ready example

`rights` is how the others ask the one question of `core.access`. Screens, API and command line call
these functions and nothing else.
"""
