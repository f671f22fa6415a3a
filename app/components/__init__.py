"""What the screens are made of. Pages stay thin: they pick components and pass them jobs.

visit          who is looking, checked again on every run
text           words for people: escaping, numbers, sizes, times, states
failures       an error of ours shown as a sentence, its code and what to do
frames         rows of text as data frames
grid_theme     AgGrid in the fonts and colours of the theme
redirect       leaving for an address of this server; signing out
uploader       the drop zone: a file straight to the server, with progress
step_rail      where one is in a task, and the way back
stacked_bar    parts of a whole in one thin bar
live           a part of a screen that refreshes while a job is active
table_picker   connection and table
schema_view    a table's columns and what they demand; your limits
import_*       the five steps of an import
dialect_form   how a file is read, each choice with its evidence
mapping_table  source columns to table columns, in AgGrid
check_report   what checking found
rejects_grid   rejected rows with the cells at fault in red, in AgGrid
column_picker, filter_builder, format_form    the choices of an export
job_card, job_detail    a job in one line, and in full
"""
