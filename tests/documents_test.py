"""The documents for those who work on suppressd: doc/architecture.md names every layer, what it may use, and every
table; the files that documents name exist; no document names a path of the machine that it was written on."""

import pathlib
import re
import sys

import layers_test

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARCHITECTURE = ROOT / "doc/architecture.md"
GUIDES = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "doc").glob("*.md"))]
DOCUMENTS = [ROOT / "README.md", *GUIDES]
FOLDERS = ("cmake", "conf", "doc", "include", "packaging", "src", "systemd", "tests")
SUFFIXES = (".awk", ".cpp", ".h", ".in", ".md", ".py", ".sh", ".sql", ".toml", ".txt")
ELSEWHERE = re.compile(r"/home/|/Users/|/root/|/tmp/|/work/|/mnt/|\.\./|[A-Z]:\\")
LONGEST_LINE = 100


def section(title):
    """The rows of the first table below a heading, as lists of cells, without its head."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    found = re.search(rf"(?ms)^#+ {re.escape(title)}$[^|]*\n((?:\|[^\n]*\n)+)", text)
    rows = found[1].splitlines()[2:] if found else []
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


def wrong_layers():
    """Of the table of layers; a row may use what is above it, or the layers that it names."""
    folders = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
    rows = [row for row in section("Layers") if names(row[0])]
    above = []
    for row in rows:
        layer, may = names(row[0])[0], set(names(row[2]))
        if row[2].startswith("all above"):
            may = set(above) - may
        expected = layers_test.LAYERS.get(layer, set()) - {layer}
        if may != expected:
            yield f"layer {layer} may use {sorted(expected)}, not {sorted(may)}"
        above.append(layer)
    for layer in sorted(folders ^ set(above)):
        yield f"layer {layer} is {'not in the table of layers' if layer in folders else 'not a folder of src'}"


def wrong_tables():
    schema = (ROOT / "src/store/schema.sql").read_text(encoding="utf-8")
    tables = set(re.findall(r"(?m)^CREATE TABLE (\w+)", schema))
    named = {row_name for title in ("The list's tables", "This host's tables") for row in section(title)
             for row_name in names(row[0])}
    for table in sorted(tables ^ named):
        yield f"table {table} is {'not in the lists of tables' if table in tables else 'not in schema.sql'}"


def named_files(text):
    """What looks like a file or a folder of the project; NAME and * stand for others."""
    words = re.findall(r"[\w./*-]+", text)
    inside = {word.rstrip(".") for word in words if word.startswith(tuple(f"{folder}/" for folder in FOLDERS))}
    quoted = {word for word in re.findall(r"`([\w./*-]+)`", text) if word.endswith(SUFFIXES)}
    linked = {word for word in re.findall(r"\]\(([^)#]+)\)", text) if not word.startswith("http")}
    return {word for word in inside | quoted | linked if "NAME" not in word and "*" not in word and word[0] != "/"}


def missing_files():
    """A name may leave out the folders that it begins with: `base/scan.h`."""
    known = {path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).rglob("*")}
    known |= {path.name for path in ROOT.iterdir()}
    ends = {"/".join(path.split("/")[start:]) for path in known for start in range(path.count("/") + 1)}
    for document in DOCUMENTS:
        for name in sorted(named_files(document.read_text(encoding="utf-8"))):
            beside = (document.parent / name).exists()
            if not beside and name.rstrip("/") not in ends:
                yield f"{document.relative_to(ROOT)}: there is no {name}"


def wrong_lines():
    for document in [*DOCUMENTS, ROOT / "CHANGELOG.md"]:
        for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
            where = f"{document.relative_to(ROOT)}:{number}"
            if found := ELSEWHERE.search(line):
                yield f"{where}: {found[0]} is on the machine of whoever wrote it"
            if document in GUIDES and len(line) > LONGEST_LINE:
                yield f"{where}: longer than {LONGEST_LINE} columns"


if __name__ == "__main__":
    breaches = [*wrong_layers(), *wrong_tables(), *missing_files(), *wrong_lines()]
    print("\n".join(breaches) or f"{len(DOCUMENTS)} documents: what they name is there")
    sys.exit(1 if breaches else 0)
