"""The insides of a workbook's file: what its values alone do not tell.

archive         the ZIP archive, checked before anything parses it
package         the parts of .xlsx, .xlsm and .xlsb
styles          the cell styles of .xlsx and .xlsm
sheet_xml       the XML of a sheet as plain text, and how far it reaches
sheet_texts     that text, unpacked once for two looks at it
scanning        cells of .xlsx and .xlsm: errors, formulas without results, shown texts
binary          error cells of .xlsb
legacy          error cells of .xls
opendocument    error cells of .ods
notes           what is to be said of single cells
"""
