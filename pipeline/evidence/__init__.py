"""Evidence: one statement with everything that shows who said it where and when, in one zip that can be checked.

    manifest.json     the statement, its articles, and where each was read from; versions, models and settings
    members.jsonl     each member with its words in their context
    articles/001.txt  the text of each article as the collection keeps it; offsets count in it
    inputs/001.html   the bytes that it was read from; of JSON Lines the line, of a web archive the record
    payloads/001.html the page in a web archive's record, as a browser got it
    evidence.html     all of it to read
    SHA256SUMS        the hashes of all other files, as `sha256sum --check` reads them

`gathering` makes the files, `packing` the zip, `verifying` checks one. The same collection and inputs give the same bytes.
"""
