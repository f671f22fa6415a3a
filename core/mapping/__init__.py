"""Which source column feeds which column of the table, and through what transforms.

    registry     what a transform is; the register they sign up in; which cells are blank
    words        transforms of words: trim, upper, lower, boolean
    number       the transform `number`: figures as people write them
    date         the transform `date`: calendar days as people write them
    transforms   all of them together: find one by name or alias, list them for screens and docs
    document     mappings as JSON: every spelling the API accepts, the one it emits
    validate     does a mapping fit the file and the table?
    apply        a batch of source cells → text under the table's own column names + problems
    likeness     how alike are two names?
    fitting      do these cells fit that column, and through which steps?
    suggest      a proposal for every source column, with the reason

A transform maps text to text: it never decides a database type. What a text means for a
column of the table is settled afterwards by the checks.
"""
