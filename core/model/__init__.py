"""Plain frozen data: the words every other room shares.

    table     tables, columns, kinds, keys, as reflected
    dialect   how a file is written, and how we came to think so
    mapping   which source column feeds which column, through what transforms
    reference what a value that names a row of another table was found to be
    edit      what a person changed in the rows of a file, beside the file
    repair    proposals for setting problems right, and what an edit would do
    check     violations, their severity, and the report of a whole file
    plan      an import or an export as data
    changes   what an import would change, row by row
    job       one plan carried out once: status, counts
    content   what content really is, by its first bytes
    access    users, roles, actions, grants and the limits in them
    file      uploads and artifacts
    audit     who did what
    health    how the service is

No module here knows a database, a frame or a file format library.
"""
