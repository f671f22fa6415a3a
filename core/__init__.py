"""Everything Tableport does, with no screen and no web server.

    usecases    what a person may ask for: one public function per act
    jobs        the queue, the worker, housekeeping
    workspace   the open resources of one Tableport
    pipeline    read > map > check > load, and query > write
    formats     one module per file format
    mapping     which source column feeds which field, and through what transforms
    checks      what makes a row acceptable
    databases   the user's own databases: reflect, select, load
    files       uploads and artifacts on disk, encrypted
    metastore   our own tables: users, grants, jobs, files, audit
    access      the one decision: may this user do this
    expressions formulas and patterns people write, made safe to run on every row
    keys        the master key: encryption, signing, tokens
    settings    the only reader of the environment
    model       the words all of them share
    errors      every failure that has a code

Each room may import only from the rooms below it; `lint-imports` holds the line.
"""
