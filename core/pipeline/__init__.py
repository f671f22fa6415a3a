"""read > map > check > load, and query > write: generators between steps, bounded memory.

judging      one batch: edited, mapped, cast, checked, held against file and table
importing    check a whole file, its accepted rows handed on
loading      the rows of a spool into their table, in one transaction
flowing      … or load rows while the next are checked
across       rules that need more than one batch: keys in the file, keys and parents in the table
planning     … what loading them would change, told without loading
change_file  … kept row by row, and pages of it read back
moved        … how the table has moved on since, in words
set_order    which file of a set comes when
set_keys     what earlier files of a set bring for later ones to refer to
set_circle   … and for earlier ones, where tables go round in a circle
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
readings     in which ways the cells of a column can be read, over a whole file
new_columns  the column that takes them all, and why
proposing    a table for a file: its columns and its key
kept_check   … with all that the check found, for another worker to go on with
previewing   the first rows of a file, raw and as they would be loaded
exporting    a selection of a table into a file
"""
