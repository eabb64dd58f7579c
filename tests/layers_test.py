"""Who includes whom: each layer only those below it, of them only what is in include/, where nothing else is, and of the outside
libraries only its own. Fails with the lines that break it."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS = {
    "base": {"base"},
    "core": {"base", "core"},
    "mta": {"base", "core", "mta"},
    "report": {"base", "core", "report"},
    "source": {"base", "core", "source"},
    "store": {"base", "core", "store"},
    "milter": {"base", "core", "milter"},
    "learn": {"base", "core", "mta", "report", "source", "store", "learn"},
    "config": {"base", "core", "mta", "report", "source", "store", "milter", "learn", "config"},
    "doctor": {"base", "core", "mta", "report", "source", "store", "milter", "learn", "config", "doctor"},
    "daemon": {"base", "core", "mta", "report", "source", "store", "milter", "learn", "config", "daemon"},
    "ctl": {"base", "core", "mta", "report", "source", "store", "milter", "learn", "config", "doctor", "ctl"},
}
# Headers that are not the standard library's or the operating system's, by how they begin.
LIBRARIES = {
    "re2/": {"core", "report"},
    "idn2": {"core"},
    "libpsl": {"core"},
    "openssl/": {"base", "source"},
    "cctz/": {"base"},
    "gmime": {"report"},
    "sqlite3": {"store"},
    "libmilter/": {"milter"},
    "systemd/": {"source", "daemon"},
    "archive": {"source"},
    "spdlog/": {"daemon"},
    "toml": {"config"},
    "CLI/": {"config", "ctl"},
    "nlohmann/": {"base", "report", "ctl"},
}


def is_private_to(folder, path, name):
    """A header of the layer that is not in include/, named from the file's own folder or the layer's."""
    found = [place for place in ((path.parent / name).resolve(), (folder / name).resolve()) if place.exists()]
    return found and found[0].is_relative_to(folder) and folder.is_relative_to(ROOT / "src")


def breaches():
    for layer, may in LAYERS.items():
        for folder in (ROOT / "include" / "suppressd" / layer, ROOT / "src" / layer):
            for path in sorted([*folder.rglob("*.h"), *folder.rglob("*.cpp")]):
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                    included = re.match(r'#include (["<])([^">]+)[">]', line)
                    if not included:
                        continue
                    name = included.group(2)
                    where = f"{path.relative_to(ROOT)}:{number}: {layer} includes {name}"
                    ours = re.match(r"suppressd/(\w+)/", name)
                    if ours and ours.group(1) not in may:
                        yield where
                    if included.group(1) == '"' and not ours and not is_private_to(folder, path, name):
                        yield where
                    for library, users in LIBRARIES.items():
                        if not ours and name.startswith(library) and layer not in users:
                            yield where


def headers_of_one_layer():
    """Headers in include/ that no other layer uses, neither by name nor because another header needs them."""
    headers = {str(path.relative_to(ROOT / "include")): path for path in (ROOT / "include").rglob("*.h")}
    layer_of = lambda path: path.relative_to(ROOT).parts[2 if path.is_relative_to(ROOT / "include") else 1]
    files = [*headers.values(), *(ROOT / "src").rglob("*.h"), *(ROOT / "src").rglob("*.cpp")]
    named = {path: set(re.findall(r'#include "([^"]+)"', path.read_text(encoding="utf-8"))) & set(headers) for path in files}
    used = {name for path, names in named.items() for name in names if layer_of(headers[name]) != layer_of(path)}
    while more := {needed for name in used for needed in named[headers[name]]} - used:
        used |= more
    for name in sorted(set(headers) - used):
        yield f"include/{name}: only its own layer uses it: it belongs beside its source"


if __name__ == "__main__":
    found = [*breaches(), *headers_of_one_layer()]
    print("\n".join(found) or f"{len(LAYERS)} layers, none includes what it may not")
    sys.exit(1 if found else 0)
