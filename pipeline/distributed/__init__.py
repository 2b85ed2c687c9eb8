"""The pipeline over many processes and machines, on Ray. It needs `pip install crossquote[ray]`.

    files -> parts -> batches -> quotations -> blocks -> neighbours -> pairs -> components -> lots -> a collection

A batch of articles goes through the same functions as a collection on one machine does: it is one, in the memory of a
worker. What it comes to is kept as Parquet, in a folder that all machines share. Texts are then looked at in blocks, each
against each, and statements are made in lots of whole components, again by the functions of one machine.
"""
