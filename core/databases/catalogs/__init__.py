"""What a database says about its tables, one module per backend.

    sqlite       PRAGMAs and the kept text of CREATE TABLE
    postgresql   pg_catalog
    mysql        information_schema

They are read directly: SQLAlchemy's inspector misses `UNIQUE` behind some types on SQLite, warns
about types it does not know, and costs several queries more per table. Each module has
`list_tables(connection)` and `read_table(connection, ref)`.
"""
