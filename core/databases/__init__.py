"""The user's own databases. Nobody else in the house imports a driver.

    connect     addresses, engines, whether a database answers
    mysql       the same for MySQL and MariaDB
    beside      whether a database can be read while it is written to
    features    what a backend can do, as data
    names       quoted identifiers, and the two meta columns
    refusals    what a driver raised, in plain words; mysql_refusals has those by number
    wording     why one row was refused
    kinds       declared types to Kind and limits
    constraints reading a simple CHECK (column IN (...))
    catalogs    one module per backend: its tables, columns, keys as it lists them
    reflect     list_tables, reflect_table
    filters     a plan's filters as SQL conditions, values coerced first
    spelling    any cell as canonical text
    cells       how a cell is selected, and what came back as canonical text
    select      rows, pages, counts
    sampling    some rows of a table, in bounded time
    binding     typed frames as values a driver takes; mysql_binding for MySQL
    lookup      which keys are already there, which references lead nowhere
    parents     the rows of a parent table by name
    natural_keys by which columns the rows of a table can be told apart
    glimpse     a bounded look at what a table and its parents hold
    referring   who else refers to a table
    deletable   whether rows of a table may go without taking others along
    making      tables that are made for a file
    loaders     rows into a table, one transaction, one module per backend

Identifiers are always quoted and always come from a reflected table; values are always bound.
"""
