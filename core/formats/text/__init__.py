"""What every format made of text needs.

encoding    which encoding, and decoding that loses no bad byte
splitting   the tolerant splitter, one row at a time
rows        walking through text by line, row or block
header      is the first row one, and how many rows it takes
layout      what comes before the data rows, and the names of columns
mending     rows with too many or too few cells: what they were meant to be
requoting   other readings of a line whose quotes are out of place
kinds       what cells look like
heads       what readers of text tell about the head of a file
"""
