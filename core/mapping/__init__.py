"""Which source column feeds which column of the table, and through what transforms.

    registry     what a transform is; the register they sign up in; which cells are blank
    options      what options hold, checked by their kind
    words        transforms of words: trim, upper, lower, title, boolean …
    parts        transforms of parts of a cell: replace, regex_extract, split_part
    blanks       transforms of what is missing: default_if_empty, null_words
    values       the transform `map_values`: whole cells for whole cells
    number       the transform `number`: figures as people write them
    rounding     the transform `round`: exactly, on decimal text
    date         the transform `date`: calendar days as people write them
    date_formats the patterns it may be told
    makers       transforms that make cells by themselves: constant, concatenate, now …
    expression   the transform `expression`: SQL over the columns of a row
    canonical    values as canonical text
    transforms   all of them together: find one by name or alias, list them for screens and docs
    sources      which source columns a mapping reads
    wire         steps as JSON: option values of any type, stored as text
    document     mappings as JSON: every spelling the API accepts, the one it emits
    validate     does a mapping fit the file and the table?
    apply        a batch of source cells → text under the table's own column names + problems
    vocabulary   the words columns are called by, in seven languages
    likeness     are two names the same by some rule?
    resemblance  how much do two other names resemble each other?
    fitting      do these cells fit that column, and through which steps?
    traits       what the values of a column are like
    evidence     what the values tell for or against a column of the table
    assign       the likeliest way to pair up columns, and how likely each pair is
    suggest      a proposal for every source column, with the reason
    new_names    names for the columns of a new table
    fingerprint  by which names of columns a file is known again

A transform maps text to text: it never decides a database type. What a text means for a
column of the table is settled afterwards by the checks.
"""
