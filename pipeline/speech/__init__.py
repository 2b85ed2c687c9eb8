"""How speech is set into an article: what `quotes` and `speakers` are made of.

marks       which stretches stand between quotation marks        dialogue   which lines a dash gives to somebody
nonquotes   which of them are names and irony, not speech         narration  the narrator's text, a stretch one token
attributions  the verb of saying and its subject: `english` by word order, `slavic` by agreement (pymorphy3)
reported    the clauses that report without marks                 sources    what these find: Source, Attribution
mentions    the people and roles that an article names            baseforms, morphology   their words in base form
"""
