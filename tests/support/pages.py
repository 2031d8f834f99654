"""Pages that are made from the engine's own data: `python -m tests.support.pages` writes them, a test holds them up to date."""

import json
from pathlib import Path

ENGINE = Path(__file__).parents[2] / "engine"


def problems_page() -> str:
    """engine/PROBLEMS.md: one heading a code."""
    parts = ["# Problems\n\nEvery code the engine can answer with, when it arises and what to do. Codes are never re-used. Made from "
             "`engine/texts/problems/` by `python -m tests.support.pages`.\n"]  # fmt: skip
    for file in sorted((ENGINE / "texts" / "problems").glob("*.json")):
        parts.append(f"\n## {file.stem}\n")
        for code, text in sorted(json.loads(file.read_text(encoding="utf-8")).items()):
            en, zh = text["en"], text["zh-CN"]
            parts.append(
                f"\n### {code}\n\n{text['about']}\n\n> {en['title']} {en['hint']}\n>\n> {zh['title']}{zh['hint']}\n"
            )
    return "".join(parts)


if __name__ == "__main__":
    (ENGINE / "PROBLEMS.md").write_text(problems_page(), encoding="utf-8")
