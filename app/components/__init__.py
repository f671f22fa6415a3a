"""What the screens are made of. Pages stay thin: they pick components and pass them jobs.

visit           who is looking, checked again on every run
screens         where the screens are, for links between them
text            words for people: escaping, numbers, sizes, times, states
failures        an error of ours shown as a sentence, its code and what to do
frames          rows of text as data frames
grid_theme      AgGrid in the fonts and colours of the theme
live            a part of a screen that refreshes while a job is active
pace            how fast a running job is
redirect        leaving for an address of this server; signing out
download        a link that looks like a button
uploader        the drop zone: a file straight to the server, with progress
step_rail       where one is in a task, and the way back
stacked_bar     parts of a whole in one thin bar
table_picker    connection and table
schema_view     a table's columns and what they demand; the visitor's limits
import_state    where an import stands; import_start … import_run are its five steps
new_table       a table made for a file, its columns changed in new_table_grid
previews        the first rows of an import's file, read once per plan
dialect_form    how a file is read, each choice with its evidence
mapping_table   source columns to table columns, in AgGrid; transform_words for its menu
option_fields   form fields for the declared options of transforms and rules
rule_list       the rules of a table, changed in rule_form; rule_words says them
steps_editor    the transforms of one column, beside what they do to real rows
reference_form  references given by name, with a decision for each that is not plain
checked_grid    rows with the cells at fault in colour, in AgGrid
check_report    what checking found, in numbers
problem_cards   the problems of a check, each with repairs to take or leave
fix_rows        rejected rows mended in fix_grid, fetched as a file, handed in mended
mended_rejects  mended rejects handed in, on the start step and after a run
edit_tools      find and replace, the list of changes, undo
profile_view    what each column of a file is like
export_plan     what to export, by column_picker, filter_builder and format_form
export_run      an export that was asked for, and its file
job_card        a job in one line; job_detail is a job in full

Two rules hold for all of them. Text of users and files is never markdown or HTML: it goes
through `text.plain`, st.text, a data frame, or textContent. And options of a grid that may run
functions are constant: see mapping_table.
"""
