# shellcheck shell=sh
# Sourced by the scripts that install Debian packages: install-deps.sh, demo.sh, tests/run.sh,
# tests/soak.sh.

# install_packages NAME...: installs the missing ones. If none is missing, it does nothing, not even
# `apt-get update`. It removes nothing: if that would remove another mail server, it fails and says
# so.
install_packages() {
  missing=
  for package in "$@"; do
    case "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" in
      installed) ;;
      *) missing="$missing $package" ;;
    esac
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "missing packages:$missing; run this as root, or: sudo apt-get install$missing" >&2
    return 1
  fi
  echo "installing:$missing"
  packages_log=$(mktemp)
  # shellcheck disable=SC2086  # one word per package
  if { apt-get update -q &&
      DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends --no-remove $missing; } \
      >"$packages_log" 2>&1 </dev/null; then
    rm -f "$packages_log"
  else
    cat "$packages_log" >&2
    rm -f "$packages_log"
    echo "could not install:$missing" >&2
    return 1
  fi
}

# install_postfix: installs Postfix's programs without a configuration, and without a service that
# runs now or at boot because of us. A Postfix that is already installed is left as it is.
install_postfix() {
  if [ "$(dpkg-query -W -f '${db:Status-Status}' postfix 2>/dev/null)" = installed ]; then
    return 0
  fi
  if [ "$(id -u)" -eq 0 ]; then
    echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  fi
  # policy-rc.d is Debian's way to keep a package from starting its service; an existing one is
  # kept.
  policy=/usr/sbin/policy-rc.d
  made_policy=
  if [ "$(id -u)" -eq 0 ] && [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made_policy=yes
  fi
  status=0
  install_packages postfix || status=$?
  if [ -n "$made_policy" ]; then rm -f "$policy"; fi
  if [ "$status" -eq 0 ] && [ -d /run/systemd/system ]; then
    systemctl disable --quiet postfix.service 2>/dev/null || :
  fi
  return "$status"
}

# install_test_packages: installs what the tests need besides Postfix. The libraries are Sendmail's:
# its own packages conflict with Postfix, so the tests fetch and unpack them instead of installing
# them. The tests that boot a Debian make its root with mmdebstrap, and install the
# package in it.
install_test_packages() {
  install_packages postfix-sqlite python3 sqlite3 xz-utils zstd systemd systemd-journal-remote m4 make \
    libseccomp-dev miltertest faketime groff-base mmdebstrap debian-archive-keyring systemd-container \
    iproute2 debhelper lintian zsh libdb5.3 libldap-2.5-0 libnsl2 libsasl2-2 libwrap0
}

# give_back FOLDER: under sudo, changes the owner of the build to the user who called sudo.
give_back() {
  if [ -n "${SUDO_UID:-}" ] && [ "$(id -u)" -eq 0 ]; then chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$1"; fi
}
