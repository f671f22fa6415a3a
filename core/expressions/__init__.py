"""Formulas and patterns that people write, made safe to run on every row of a file.

    tokens     a formula as words, signs, names, texts and numbers
    naming     what its words stand for: columns, and what is allowed
    words      the functions, signs and nodes that are let through
    copies     how large Polars makes a formula, told before it does
    patterns   regular expressions of bounded size
    exactness  numbers that overflow, divide by nothing or lose digits: caught, never bent
    widths     how long a text can become, told before any is made
    functions  which functions of Polars a formula may come to
    steps      the nodes of a formula, one after another, as columns of a frame
    sql        a formula, read once and evaluated batch by batch

A formula is the SQL that Polars reads, of one row: no other table, no file, no query inside, no
function of several rows. It passes two gates: its words before Polars reads it, since reading a
query may open what it names, and the nodes that Polars made of it. What is not on the lists of
`words` is refused.
"""
