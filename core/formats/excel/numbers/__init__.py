"""Numbers as workbooks show them.

formats     number formats: what kind of value they show, and as what text
digits      a number laid out by one section of a format
"""
