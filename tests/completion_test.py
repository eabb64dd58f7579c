"""What `suppressctl completion` prints completes commands, theirs, and options, in bash and in zsh. Takes suppressctl's path."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

# What is typed, the last word not finished; what is offered among others; what is not.
CASES = [
    ("", "check", "add_check"),
    ("li", "list", None),
    ("exempt ", "remove", "check"),
    ("exempt add --", "--note", "--until-forever"),
    ("--json exempt ", "add", "replay"),
    ("undo --si", "--since", None),
    ("undo --since 2026-01-01 --", "--dry-run", None),
    ("incidents list --", "--json", None),
    ("--", "--config", "--soft.threshold"),
]
BASH = """source "$1"; shift
COMP_WORDS=(suppressctl "$@") COMP_CWORD=$#
_suppressctl
printf '%s\\n' "${COMPREPLY[@]}"
"""
# _describe matches by itself what was typed: all that is offered is printed here.
ZSH = """script=$1; shift
words=(suppressctl "$@") CURRENT=$(($# + 1))
_describe() { print -rl -- "${(P@)${@[-1]}}"; }
complete_it() { source $script }
complete_it
"""


def offered(shell, code, script, typed):
    words = [shell, *(["--noprofile", "--norc"] if shell == "bash" else ["-f"]), "-c", code, shell, script, *typed.split(" ")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise SystemExit(f"{shell}: {typed!r}: exit {done.returncode}: {done.stderr}")
    return [line.partition(":")[0] for line in done.stdout.splitlines()]


def main():
    wrong, shells = [], [(shell, code) for shell, code in (("bash", BASH), ("zsh", ZSH)) if shutil.which(shell)]
    with tempfile.TemporaryDirectory() as folder:
        for shell, code in shells:
            script = str(pathlib.Path(folder) / shell)
            made = subprocess.run([sys.argv[1], "completion", shell], capture_output=True, check=True).stdout
            pathlib.Path(script).write_bytes(made)
            for typed, one, other in CASES:
                found = offered(shell, code, script, typed)
                if one and one not in found or other in found:
                    wrong.append(f"{shell}: {typed!r}: {found}")
                if shell == "bash" and not all(word.startswith(typed.split(" ")[-1]) for word in found):
                    wrong.append(f"bash: {typed!r}: {found} do not begin so")
    print("\n".join(wrong) or f"{len(CASES)} cases complete in {', '.join(shell for shell, _ in shells)}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
