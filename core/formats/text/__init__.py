"""What every format made of text needs.

encoding    which encoding, and decoding that loses no bad byte
splitting   the tolerant splitter, one row at a time
rows        walking through text by line, row or block
header      is the first row one
heads       what readers of text tell about the head of a file
"""
