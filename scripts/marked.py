"""Where does a script keep what it has measured? Between two marks of a page."""

from pathlib import Path


def rewrite(page: Path, mark: str, text: str) -> bool:
    """Put a text between the marks of a page, if it has them; say whether it has.

    Parameters
    ----------
    page : Path
        A Markdown file with `<!-- mark -->` and, further down, `<!-- /mark -->`.
    mark : str
    text : str
        Without a line break at its ends.
    """
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    head, found, rest = old.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        return False
    page.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")
    return True
