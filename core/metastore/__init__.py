"""Our own tables: users, grants, jobs, files, audit; on SQLite or PostgreSQL.

    engine       open the metastore; read and write transactions; migrate
    migrations   Alembic scripts: the tables as they grew
    schema       the tables as they are now
    sqltypes     UTC times and the database's own clock
    text         what a text column of ours can hold
    users        accounts and their passwords' hashes
    sessions     signed-in sessions and one-time tickets
    permissions  the guide's permission rows, the roles' grants
    grants       the effective grant of one user on one table
    connections  the named databases, their secrets sealed
    rules        what keepers of tables ask of their rows
    remembered   how users mapped their files before
    files        uploads and artifacts
    parts        uploads on their way, part by part
    audit        who did what, chained and append-only
    jobrows      a job as a row, and back
    jobs         make, find, list and change jobs
    approvals    a reviewer's decision on an import
    queue        claim, beat, finish: the job tables are the queue
    workers      which workers live

Only this room speaks SQL about ourselves. Functions take a connection first and never
commit: the caller holds the transaction (`with metastore.begin() as db`).
"""
