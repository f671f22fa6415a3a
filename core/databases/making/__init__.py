"""Tables that are made for a file.

    declared   what each backend declares a column of each kind as
    soundness  what no table can be made with
    tables     the table as it will be reflected, its CREATE TABLE, and making it

SQLite and PostgreSQL make tables within a transaction: what fails afterwards leaves none.
"""
