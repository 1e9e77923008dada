#!/bin/sh
#
# Installs MailWok as a systemd service, or brings an installation to another version. It says first what it will do.
# Running it again changes nothing that is right already. --uninstall leaves configuration and data where they are.
#
# The executable comes from --binary FILE, else from the checkout that this file stands in, else it is fetched: VERSION
# (default: latest) below MAILWOK_URL. What is fetched is installed only if its SHA-256 is the one in SHA256SUMS.

set -eu

BINARY=
VERSION=${VERSION:-}
MAILWOK_URL=${MAILWOK_URL:-https://github.com/mailwok/mailwok/releases}
DRY_RUN=no
UNINSTALL=no
START=yes
HOSTNAME_WANTED=
PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}
ACCOUNT=mailwok
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
WORK=

usage() {
  cat <<TEXT
usage: install.sh [options]

  --binary FILE    install this executable, neither build nor fetch one
  --version X      fetch this version, also inside a checkout (default without a checkout: latest)
  --hostname NAME  written into a new configuration (default: the name of this machine)
  --prefix DIR     where bin/mailwok goes (default: /usr/local)
  --destdir DIR    put everything below DIR: no user is made, no service started
  --no-start       install without starting
  --dry-run        say what would be done, do nothing
  --uninstall      stop and remove the service and the executable; keep configuration and data
  --help           this text

VERSION, PREFIX and DESTDIR are read from the environment too, and MAILWOK_URL: where released files are fetched from,
\$MAILWOK_URL/latest/download/FILE and \$MAILWOK_URL/download/vVERSION/FILE (now $MAILWOK_URL)
TEXT
}

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

parse() {
  while [ $# -gt 0 ]; do
    case $1 in
      --binary | --version | --hostname | --prefix | --destdir)
        [ $# -ge 2 ] || fail "$1 wants a value" 2
        case $1 in
          --binary) BINARY=$2 ;;
          --version) VERSION=$2 ;;
          --hostname) HOSTNAME_WANTED=$2 ;;
          --prefix) PREFIX=$2 ;;
          --destdir) DESTDIR=$2 ;;
        esac
        shift
        ;;
      --no-start) START=no ;;
      --dry-run) DRY_RUN=yes ;;
      --uninstall) UNINSTALL=yes ;;
      --help | -h)
        usage
        exit 0
        ;;
      *)
        usage >&2
        fail "unknown option $1" 2
        ;;
    esac
    shift
  done
}

# Does a thing, or only says it.
act() {
  if [ "$DRY_RUN" = yes ]; then
    printf 'would: %s\n' "$*"
  else
    "$@"
  fi
}

say() {
  printf '%s\n' "$1"
}

is_staged() {
  [ -n "$DESTDIR" ]
}

has_systemd() {
  ! is_staged && [ -d /run/systemd/system ]
}

cleanup() {
  if [ -n "$WORK" ]; then rm -rf "$WORK"; fi
}

paths() {
  BIN=$DESTDIR$PREFIX/bin/mailwok
  UNIT=$DESTDIR/etc/systemd/system/mailwok.service
  CONFIG_DIR=$DESTDIR/etc/mailwok
  CONFIG=$CONFIG_DIR/mailwok.toml
  DATA_DIR=$DESTDIR/var/lib/mailwok
  SHARE=$DESTDIR$PREFIX/share
  MANUAL=$SHARE/man/man1/mailwok.1
  BASH_COMPLETION=$SHARE/bash-completion/completions/mailwok
  ZSH_COMPLETION=$SHARE/zsh/site-functions/_mailwok
  FISH_COMPLETION=$SHARE/fish/vendor_completions.d/mailwok.fish
}

# Owner, group and mode; a staged tree belongs to whoever makes it.
own() {
  owner=$1 mode=$2 path=$3
  if ! is_staged; then act chown "$owner" "$path"; fi
  act chmod "$mode" "$path"
}

folder() {
  owner=$1 mode=$2 path=$3
  if [ ! -d "$path" ]; then act mkdir -p "$path"; fi
  own "$owner" "$mode" "$path"
}

# A file that is the same already is left alone; another one is replaced in one step.
place() {
  from=$1 mode=$2 path=$3
  if [ -f "$path" ] && cmp -s "$from" "$path"; then
    say "unchanged: $path"
    return
  fi
  act mkdir -p "$(dirname "$path")"
  act install -m "$mode" "$from" "$path.new"
  act mv -f "$path.new" "$path"
  CHANGED=yes
  if [ "$DRY_RUN" = no ]; then say "installed: $path"; fi
}

is_checkout() {
  [ -f "$HERE/package.json" ] && [ -f "$HERE/scripts/run.mjs" ]
}

# Where the executable comes from, in words.
origin() {
  if [ -n "$BINARY" ]; then
    printf '%s' "$BINARY"
  elif [ -z "$VERSION" ] && is_checkout; then
    printf 'built from %s' "$HERE"
  else
    printf 'fetched from %s, checked by its SHA-256' "$(release_url)"
  fi
}

announce() {
  if [ "$UNINSTALL" = yes ]; then
    say "This takes MailWok away:"
    say "  removed     $BIN, the unit, completions and manual"
    say "  kept        $CONFIG_DIR, $DATA_DIR and the user $ACCOUNT"
    return
  fi
  [ -n "$BINARY" ] || [ -n "$VERSION" ] || is_checkout || VERSION=latest
  say "This installs MailWok:"
  say "  executable  $BIN ($(origin))"
  say "  settings    $CONFIG (root:$ACCOUNT 0640; kept if it is there)"
  say "  mail, keys  $DATA_DIR ($ACCOUNT 0700; never touched)"
  say "  service     $UNIT, as the user $ACCOUNT"
  say "  for shells  manual and completions below $SHARE"
  if [ "$DRY_RUN" = yes ]; then say "Nothing of it is done now (--dry-run)."; fi
}

release_url() {
  case $VERSION in
    '' | latest) printf '%s/latest/download' "${MAILWOK_URL%/}" ;;
    *) printf '%s/download/v%s' "${MAILWOK_URL%/}" "${VERSION#v}" ;;
  esac
}

machine() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-amd64) printf x64 ;;
    Linux-aarch64 | Linux-arm64) printf arm64 ;;
    *) fail "there is no released executable for $(uname -s) $(uname -m); build one and give --binary FILE" ;;
  esac
}

fetch() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL --retry 2 --max-time 900 -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -T 60 -O "$2" "$1"
  else
    fail 'fetching wants curl or wget; or give --binary FILE'
  fi || fail "$1 could not be fetched"
}

fetch_binary() {
  kind=$(machine)
  url=$(release_url)
  fetch "$url/SHA256SUMS" "$WORK/SHA256SUMS"
  line=$(grep -E "^[0-9a-f]{64}  mailwok-[0-9A-Za-z.+-]+-linux-$kind\$" "$WORK/SHA256SUMS" | head -n 1)
  [ -n "$line" ] || fail "$url/SHA256SUMS names no executable for $kind"
  wanted=${line%% *} name=${line##* }
  case $VERSION in
    latest) ;;
    *) [ "$name" = "mailwok-${VERSION#v}-linux-$kind" ] || fail "$url/SHA256SUMS is of another version: $name" ;;
  esac
  fetch "$url/$name" "$WORK/$name"
  got=$(sha256sum "$WORK/$name")
  [ "${got%% *}" = "$wanted" ] || fail "$url/$name has the SHA-256 ${got%% *}, and SHA256SUMS says $wanted: nothing was installed"
  say "fetched: $name, its SHA-256 is right"
  BINARY=$WORK/$name
}

find_binary() {
  if [ -n "$BINARY" ]; then
    [ -f "$BINARY" ] || fail "$BINARY is not a file"
  elif [ -n "$VERSION" ]; then
    if [ "$DRY_RUN" = yes ]; then say "would: fetch from $(release_url)"; else fetch_binary; fi
  else
    BINARY=$HERE/dist/mailwok
    if command -v node >/dev/null 2>&1; then
      act node "$HERE/scripts/run.mjs" build
    elif command -v bun >/dev/null 2>&1; then
      act bun "$HERE/scripts/run.mjs" build
    else
      fail 'building wants node with npm, or bun; or give --binary FILE or --version latest'
    fi
  fi
}

make_account() {
  if is_staged || id "$ACCOUNT" >/dev/null 2>&1; then return; fi
  act useradd --system --user-group --home-dir /var/lib/mailwok --no-create-home \
    --shell /usr/sbin/nologin "$ACCOUNT"
}

write_config() {
  if [ -f "$CONFIG" ]; then
    own "root:$ACCOUNT" 0640 "$CONFIG"
    say "kept: $CONFIG"
    return
  fi
  name=${HOSTNAME_WANTED:-$(hostname -f 2>/dev/null || hostname)}
  cat >"$WORK/mailwok.toml" <<TEXT
# Every key with its default: mailwok config default
# After a change: mailwok config check && systemctl restart mailwok (reload takes a new certificate)

[server]
hostname = "$name"
operator = ""          # your address: alerts, postmaster@ and abuse@

[delivery]
mode = "direct"        # "capture" writes mail into files instead
TEXT
  place "$WORK/mailwok.toml" 0640 "$CONFIG"
  own "root:$ACCOUNT" 0640 "$CONFIG"
}

# What does not run here, or does not take the configuration, never takes the place of what does.
place_binary() {
  if [ "$DRY_RUN" = yes ]; then
    say "would: install $BIN, if it runs and takes $CONFIG"
    return
  fi
  candidate=$BINARY
  if ! cmp -s "$BINARY" "$BIN"; then
    mkdir -p "$(dirname "$BIN")"
    candidate=$BIN.candidate
    install -m 0755 "$BINARY" "$candidate"
  fi
  if ! said=$("$candidate" version 2>&1); then
    [ "$candidate" = "$BINARY" ] || rm -f "$candidate"
    fail "$BINARY does not run on this machine, nothing was replaced: $said"
  fi
  if ! "$candidate" config check --config "$CONFIG"; then
    [ "$candidate" = "$BINARY" ] || rm -f "$candidate"
    fail "see $CONFIG; the executable was not replaced" 3
  fi
  place "$BINARY" 0755 "$BIN"
  if [ "$candidate" != "$BINARY" ]; then rm -f "$candidate"; fi
}

# What the executable prints of itself is what belongs to it.
place_printed() {
  path=$1
  shift
  if [ "$DRY_RUN" = yes ]; then
    say "would: install $path"
    return
  fi
  "$BIN" "$@" >"$WORK/printed" || fail "$BIN $* failed"
  place "$WORK/printed" 0644 "$path"
}

write_unit() {
  place_printed "$UNIT" unit --executable "$PREFIX/bin/mailwok"
}

write_shell_parts() {
  place_printed "$MANUAL" man
  place_printed "$BASH_COMPLETION" completion bash
  place_printed "$ZSH_COMPLETION" completion zsh
  place_printed "$FISH_COMPLETION" completion fish
}

start_service() {
  if ! has_systemd; then
    say "start it with: $PREFIX/bin/mailwok serve --config /etc/mailwok/mailwok.toml"
    return
  fi
  if [ "$RESTART" = yes ]; then act systemctl daemon-reload; fi
  act systemctl enable mailwok.service
  if [ "$START" = no ]; then return; fi
  if [ "$RESTART" = yes ]; then
    act systemctl restart mailwok.service
  else
    act systemctl start mailwok.service
  fi
}

install_all() {
  CHANGED=no
  find_binary
  make_account
  folder "root:$ACCOUNT" 0750 "$CONFIG_DIR"
  folder "$ACCOUNT:$ACCOUNT" 0700 "$DATA_DIR"
  write_config
  place_binary
  write_unit
  RESTART=$CHANGED
  write_shell_parts
  start_service
}

uninstall_all() {
  if has_systemd && [ -f "$UNIT" ]; then
    act systemctl disable --now mailwok.service
  fi
  for path in "$UNIT" "$BIN" "$MANUAL" "$BASH_COMPLETION" "$ZSH_COMPLETION" "$FISH_COMPLETION"; do
    if [ -e "$path" ]; then
      act rm -f "$path"
      if [ "$DRY_RUN" = no ]; then say "removed: $path"; fi
    fi
  done
  if has_systemd; then act systemctl daemon-reload; fi
  say "kept: $CONFIG_DIR, $DATA_DIR and the user $ACCOUNT"
}

parse "$@"
paths
if [ -z "$DESTDIR" ] && [ "$DRY_RUN" = no ] && [ "$(id -u)" -ne 0 ]; then
  fail 'run this as root, or with --dry-run or --destdir'
fi
trap cleanup EXIT
WORK=$(mktemp -d)
announce
if [ "$UNINSTALL" = yes ]; then uninstall_all; else install_all; fi
