"""What makes a row acceptable.

    problems      the frame problems travel in, and how a message quotes a cell
    builtin       the names of all checks with their explanations; checks of text alone
    casting       text → typed values, column by column; a cell that will not go is a problem
    figures       … integers, exact and floating numbers
    moments       … dates, datetimes, times
    constraints   the CHECK constraints simple enough to be tried before the database sees a row
    from_table    a Pandera schema from the reflected table
    run           all of it on one batch: accepted rows, problems, rejected rows
    across        what only the whole file can tell: keys that repeat
    report        violations of a whole file, counted and sampled in bounded memory

Pandera is imported inside functions: it costs 1.5 s and brings pandas along.
"""
