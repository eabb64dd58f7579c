"""sbom.py PACKAGE.deb: prints what the package is made of, as SPDX 2.3 in JSON.

Its shared libraries as its dependencies name them, and the libraries whose headers are compiled into it, with the
versions that are installed here. The same package gives the same bytes.
"""

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys

# Debian packages of headers that leave code in the programs.
COMPILED_IN = ("libcli11-dev", "libtomlplusplus-dev", "nlohmann-json3-dev", "libspdlog-dev")


def said(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def field(package, name):
    return said("dpkg-deb", "--field", package, name).strip()


def debian_package(name):
    version, source, home = said("dpkg-query", "-W", "-f", "${Version}\t${source:Package}\t${Homepage}", name).split("\t")
    return {
        "SPDXID": f"SPDXRef-{name}",
        "name": name,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "sourceInfo": f"built from Debian's source package {source}",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "homepage": home or "NOASSERTION",
        "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": f"pkg:deb/debian/{name}@{version}"}
        ],
    }


def dependencies(package):
    """Installed packages that Depends names; of alternatives, the first that is installed."""
    for alternatives in field(package, "Depends").split(","):
        for one in alternatives.split("|"):
            name = re.sub(r"[\s(:].*", "", one.strip())
            if subprocess.run(["dpkg-query", "-W", name], capture_output=True, check=False).returncode == 0:
                yield name
                break


def main():
    package = sys.argv[1]
    with open(package, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    created = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    version = field(package, "Version")
    itself = {
        "SPDXID": "SPDXRef-suppressd",
        "name": "suppressd",
        "versionInfo": version,
        "packageFileName": os.path.basename(package),
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseDeclared": "Apache-2.0",
        "licenseConcluded": "Apache-2.0",
        "primaryPackagePurpose": "APPLICATION",
    }
    linked, compiled_in = sorted(set(dependencies(package))), sorted(COMPILED_IN)
    relationships = [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-suppressd")]
    relationships += [("SPDXRef-suppressd", "DEPENDS_ON", f"SPDXRef-{name}") for name in linked]
    relationships += [("SPDXRef-suppressd", "CONTAINS", f"SPDXRef-{name}") for name in compiled_in]
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"suppressd-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/suppressd-{version}-{digest[:16]}",
        "creationInfo": {"created": f"{created:%Y-%m-%dT%H:%M:%SZ}", "creators": ["Tool: suppressd-sbom", "Organization: The suppressd developers"]},
        "packages": [itself, *map(debian_package, [*linked, *compiled_in])],
        "relationships": [
            {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other} for one, kind, other in relationships
        ],
    }
    print(json.dumps(document, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
