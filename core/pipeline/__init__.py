"""read > map > check > load, and query > write: generators between steps, bounded memory.

judging      one batch: edited, mapped, cast, checked, held against file and table
importing    check a whole file into a spool; load the spool in one transaction
across       rules that need more than one batch: keys in the file, keys and parents in the table
evidence     every violation and every rejected row, written as they are met
rejected     pages of rejected rows, read back from the evidence
spool        typed rows between checking and loading
previewing   the first rows of a file, raw and as they would be loaded
exporting    a selection of a table into a file
"""
