"""The API's description as a page that needs neither a script nor a network."""

from typing import Any

from pipeline.self_contained import environment, integrity

STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: .9em ui-monospace, monospace }
table { border-collapse: collapse; width: 100% }
th, td { text-align: start; vertical-align: top; padding: .25rem .75rem .25rem 0; border-top: 1px solid #8886 }
h2 { margin-top: 2.5rem } h2 code { font-size: 1em }
"""


def page(openapi: dict[str, Any]) -> tuple[str, str]:
    """(HTML, the policy that admits its style and nothing else)."""
    template = environment("pipeline.serving").get_template("docs.html")
    text = template.render(api=openapi, style=STYLE, type_of=type_of)
    style = integrity(STYLE)
    return text, f"default-src 'none'; style-src {style}; base-uri 'none'; frame-ancestors 'none'"


def type_of(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words: ``string or null``, ``list of Member``, ``en, ru, uk``."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(type_of, schema["anyOf"])))
    if "enum" in schema:
        return ", ".join(schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema['items'])}" if schema.get("items") else "list"
    name = str(schema.get("format") or schema.get("type") or "any")
    bounds = [f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema]
    return " ".join([name, *bounds])
