"""The commands of `tableport`, one module per noun.

    shell         the group: failures, interrupts and exit codes
    output        --json for programs, tables and progress for people
    home          the workspace of whoever runs the command
    serving       serve, worker, doctor
    importing     import
    import_set    import-set
    new_tables    import --create-table
    reporting     report
    forms         template, rejects
    exporting     export
    running       a job in this process, its progress, Ctrl-C
    progress      the bar
    pairs         name=value options and comma lists
    filters       what `export --filter` understands
    converting    convert
    users         user add | list | password | disable | enable | role
    rules         rule kinds | list | add | try | remove
    grants        grant set | list | remove
    connections   connection add | list | check | remove

Modules import only click and light modules at their top, so that `tableport --help` is quick.
"""
