"""What makes a row acceptable.

    problems      the frame problems travel in, and how a message quotes a cell
    builtin       the names of all checks with their explanations; checks of text alone
    casting       text → typed values, column by column; a cell that will not go is a problem
    figures       … integers, exact and floating numbers
    moments       … dates, datetimes, times
    constraints   the CHECK constraints simple enough to be tried before the database sees a row
    comparing     values compared exactly, whatever they are held in
    rules         … what the keepers of a table ask beyond that
    unusual       values far from all that the table holds
    from_table    a Pandera schema from the reflected table
    run           all of it on one batch: accepted rows, problems, rejected rows
    across        what only the whole file can tell: keys that repeat
    nearness      which of the known values was probably meant
    shapes        what a cell is made of
    groups        violations by column, check and shape, counted and sampled
    report        violations of a whole file, counted and sampled in bounded memory
    profile       what each source column is like, of all rows in bounded memory
    kinds         … what its cells look like, with the evidence
    bars          … as a histogram
    sketches      … how many are different, which are frequent, a fair sample

Pandera is imported inside functions: it costs 1.5 s and brings pandas along.
"""
