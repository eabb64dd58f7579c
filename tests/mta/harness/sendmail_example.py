"""conf/sendmail.mc.example, followed as a person would: its steps quote lines of Debian's own sendmail.mc and give others for them."""

import re


def commands(example, step):
    """What step number `step` tells to run."""
    part = example.partition(f"dnl {step}. ")[2].partition(f"dnl {step + 1}. ")[0]
    return re.findall(r"(?m)^dnl    (.*)$", part)


def followed(example, mc):
    """Debian's sendmail.mc, `mc`, after the example's steps. RuntimeError: it has no such line, or more than one."""
    for quoted, given in _replacements(example):
        for line in quoted:
            if mc.splitlines().count(line) != 1:
                raise RuntimeError(f"Debian's sendmail.mc does not have this line of conf/sendmail.mc.example once: {line}")
        first, *others = quoted
        mc = mc.replace(first + "\n", "\n".join(given) + "\n")
        for line in others:
            mc = mc.replace(line + "\n", "")
    return mc


def _replacements(example):
    """Of each step that gives lines: [(Debian's own that it quotes, what it gives)]."""
    steps = []
    for step in re.split(r"(?m)^dnl \d+\. ", example)[1:]:
        quoted = re.findall(r"(?m)^dnl    (.*\)dnl)$", step)
        given = [line for line in step.splitlines()[1:] if not line.startswith("dnl")]
        if given:
            steps.append((quoted, given))
    return steps
