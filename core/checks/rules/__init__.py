"""What the keepers of a table ask of its rows beyond what the database demands.

    registry   the kinds of rules, what each is called with; a kind is one function
    options    the options of a rule, read and refused
    texts      kinds on texts: email, url, pattern, length
    values     kinds on values: required, date, range, allowed
    rows       kinds on whole rows: compare, expression
    keys       the kind that only the whole file can tell: unique
    forms      what a rule becomes: a test of cells, of rows or of keys
    kept       the rules of one table, ready for the batches of one file

A rule is made into a test once for each file, against the table as it is then.
"""
