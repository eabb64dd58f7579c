# Makes the manual page suppressd.conf(5) of conf/suppressd.conf, which is the only place where the
# keys are documented:
#   awk -v version=0.1.0 -f packaging/suppressd.conf.5.awk conf/suppressd.conf >suppressd.conf.5
#
# What it understands: `[section]`; `#key = default`; comments, of which those directly above a key
# belong to that key (and to the keys directly below it), the others to their section, or, before the
# first section, to the file. In a comment, an empty line ends a paragraph, text that is indented by
# two further columns is shown as it is, a line that begins with `Example:` is shown by itself, and
# `text` is bold. The first paragraph of the file is left out. Any other line is an error.

BEGIN {
  print ".\\\" Made by packaging/suppressd.conf.5.awk of conf/suppressd.conf: change that file."
  print ".TH SUPPRESSD.CONF 5 2026-11-29 \"suppressd " version "\" \"File Formats\""
  print ".nh"
  print ".ad l"
  print ".SH NAME"
  print "suppressd.conf \\- configuration of suppressd and suppressctl"
  print ".SH SYNOPSIS"
  print ".I /etc/suppressd/suppressd.conf"
  print ".SH DESCRIPTION"
}

# Text as roff reads it.
function roff(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  gsub(/"/, "\\(dq", text)
  gsub(/'/, "\\(aq", text)
  return text
}

function put(line) {
  if (line ~ /^[.]/) line = "\\&" line
  print line
}

# Prints a paragraph in lines of at most 100 columns. What is between two backquotes is bold.
function put_paragraph(text,    parts, words, count, line, i) {
  count = split(text, parts, "`")
  if (count % 2 == 0) fail("a backquote without its pair: " text)
  text = ""
  for (i = 1; i <= count; ++i) text = text (i % 2 ? roff(parts[i]) : "\\fB" roff(parts[i]) "\\fP")
  count = split(text, words, " ")
  line = words[1]
  for (i = 2; i <= count; ++i) {
    if (length(line) + 1 + length(words[i]) > 100) {
      put(line)
      line = words[i]
    } else {
      line = line " " words[i]
    }
  }
  put(line)
}

# Prints the comments gathered so far; the paragraphs after the first begin with `macro`.
function put_comments(macro,    i, paragraph, shown, begun) {
  comments[++lines] = ""
  for (i = 1; i <= lines; ++i) {
    if (paragraph != "" && comments[i] ~ /^(Example:|  |$)/) {
      if (begun++) print macro
      put_paragraph(paragraph)
      paragraph = ""
    }
    if (comments[i] ~ /^  /) {
      if (!shown) print macro "\n.nf"
      shown = 1
      put(roff(substr(comments[i], 3)))
    } else if (shown) {
      shown = 0
      print ".fi"
    }
    if (comments[i] ~ /^Example: /) {
      print begun++ ? ".br" : macro
      put("Example: \\fB" roff(substr(comments[i], 10)) "\\fP")
    } else if (comments[i] !~ /^  /) {
      paragraph = paragraph (paragraph == "" || comments[i] == "" ? "" : " ") comments[i]
    }
  }
  lines = 0
}

function fail(what) {
  print FILENAME ":" FNR ": " what >"/dev/stderr"
  failed = 1
  exit 1
}

# Prints the keys gathered so far, and what is said of them.
function put_keys(    i) {
  for (i = 1; i <= keys; ++i) {
    print i == 1 ? ".TP" : ".TQ"
    print ".B " key[i]
  }
  if (!lines) fail("nothing is said of " key[1])
  put_comments(".IP")
  keys = 0
}

# Comments that belong to no key.
function put_prose() {
  if (!lines) return
  if (section == "") {
    while (lines && comments[1] != "") drop_first()
    drop_first()
  }
  put_comments(".PP")
}

function drop_first(    i) {
  for (i = 1; i < lines; ++i) comments[i] = comments[i + 1]
  --lines
}

/^#[a-z_-]+ = / {
  name = substr($1, 2)
  value = $0
  sub(/^[^ ]* = /, "", value)
  key[++keys] = roff(section "." name) " \\fR= " roff(value)
  next
}

keys { put_keys() }

/^\[[a-z_]+\]$/ {
  put_prose()
  if (section == "") print ".SH KEYS\nEach key is shown with its default."
  section = substr($0, 2, length($0) - 2)
  print ".SS [" section "]"
  next
}

/^#($| )/ {
  comments[++lines] = substr($0, 3)
  next
}

/^$/ {
  put_prose()
  next
}

{ fail("neither a comment, a section nor a key: " $0) }

END {
  if (failed) exit 1
  if (keys) put_keys()
  print ".SH SEE ALSO"
  print ".BR suppressd (8),"
  print ".BR suppressctl (1),"
  print ".BR suppressd\\-database (7)"
}
