"""The manual pages: all of them render without a warning, and suppressd.conf(5) has every key of
conf/suppressd.conf. Takes the path of the page that the build has made."""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [ROOT / "packaging" / name for name in ("suppressctl.1", "suppressd.8", "suppressd-database.7")]
RENDERERS = [
    ["groff", "-man", "-Tutf8", "-ww", "-z"],
    ["man", "--warnings=w", "-l"],
    ["mandoc", "-Tlint", "-Wwarning"],
]


def warnings(page):
    for command in RENDERERS:
        if shutil.which(command[0]):
            result = subprocess.run([*command, str(page)], capture_output=True, text=True, check=False)
            said = result.stderr + (result.stdout if command[0] == "mandoc" else "")
            yield from (f"{command[0]}: {line}" for line in said.splitlines())
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if len(line) > 110:
            yield f"{page}:{number}: longer than 110 columns"


def keys():
    """The keys of the configuration file with their defaults, as `section.key = value`."""
    section = ""
    for line in (ROOT / "conf/suppressd.conf").read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif match := re.fullmatch(r"#([a-z_-]+) = (.*)", line):
            yield f"{section}.{match[1]} = {match[2]}"


def documented(page):
    text = re.sub(r"(?m)^\.T[PQ]\n\.B (.*)$", r"KEY \1", page.read_text(encoding="utf-8"))
    for line in re.findall(r"(?m)^KEY (.*)$", text):
        yield line.replace(r"\fR", "").replace(r"\-", "-").replace(r"\(dq", '"')


def main():
    made = pathlib.Path(sys.argv[1])
    found = [line for page in [*PAGES, made] for line in warnings(page)]
    if list(documented(made)) != list(keys()):
        found.append(f"{made}: its keys are not those of conf/suppressd.conf")
    if not any(shutil.which(command[0]) for command in RENDERERS):
        print("neither groff, man nor mandoc is installed: only keys and lengths of lines were checked")
    print(*found, sep="\n")
    return 1 if found else 0


sys.exit(main())
