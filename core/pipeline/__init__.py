"""read > map > check > load, and query > write: generators between steps, bounded memory.

judging      one batch: edited, mapped, cast, checked, held against file and table
importing    check a whole file into a spool; load the spool in one transaction
across       rules that need more than one batch: keys in the file, keys and parents in the table
references   names of parent rows become their keys
profiling    the profile of a file, beside its check
evidence     every violation and every rejected row, written as they are met
usual        what the columns of the target hold so far
trying       a rule held against rows that are in its table
evidence_index  where in the evidence what is found
rejected     pages of rejected rows, read back from the evidence
editing      a plan's edits laid over the rows as they are read
rejudging    rejected rows judged again by themselves
patches      rows by number with the cells a person mended
mended       a mended file of rejected rows becomes a patch
repairs      what might set a group of problems right, tried on its samples
remedies     … which edits are worth a try, by the kind of the column
spool        typed rows between checking and loading
previewing   the first rows of a file, raw and as they would be loaded
exporting    a selection of a table into a file
"""
