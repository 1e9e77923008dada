#!/bin/sh
#
# Installs MailWok as a systemd service, or brings an installation to this version. Running it again changes nothing
# that is right already. --uninstall leaves configuration and data where they are.

set -eu

BINARY=
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

  --binary FILE    install this executable instead of building one
  --hostname NAME  written into a new configuration (default: the name of this machine)
  --prefix DIR     where bin/mailwok goes (default: /usr/local)
  --destdir DIR    put everything below DIR: no user is made, no service started
  --no-start       install without starting
  --dry-run        say what would be done, do nothing
  --uninstall      stop and remove the service and the executable; keep configuration and data
  --help           this text
TEXT
}

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

parse() {
  while [ $# -gt 0 ]; do
    case $1 in
      --binary | --hostname | --prefix | --destdir)
        [ $# -ge 2 ] || fail "$1 wants a value" 2
        case $1 in
          --binary) BINARY=$2 ;;
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

find_binary() {
  if [ -n "$BINARY" ]; then
    [ -f "$BINARY" ] || fail "$BINARY is not a file"
    return
  fi
  BINARY=$HERE/dist/mailwok
  if command -v node >/dev/null 2>&1; then
    act node "$HERE/scripts/run.mjs" build
  elif command -v bun >/dev/null 2>&1; then
    act bun "$HERE/scripts/run.mjs" build
  else
    fail 'building wants node with npm, or bun; or give --binary FILE'
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

write_unit() {
  sed "s|^ExecStart=/usr/local/bin/mailwok|ExecStart=$PREFIX/bin/mailwok|" \
    "$HERE/assets/mailwok.service" >"$WORK/mailwok.service"
  place "$WORK/mailwok.service" 0644 "$UNIT"
}

start_service() {
  if ! has_systemd; then
    say "start it with: $PREFIX/bin/mailwok serve --config /etc/mailwok/mailwok.toml"
    return
  fi
  if [ "$CHANGED" = yes ]; then act systemctl daemon-reload; fi
  act systemctl enable mailwok.service
  if [ "$START" = no ]; then return; fi
  if [ "$CHANGED" = yes ]; then
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
  if [ "$DRY_RUN" = yes ] && [ ! -f "$BINARY" ]; then
    say "would: install $BIN"
  else
    place "$BINARY" 0755 "$BIN"
  fi
  write_config
  write_unit
  if [ "$DRY_RUN" = no ]; then "$BIN" config check --config "$CONFIG" || fail "see $CONFIG" 3; fi
  start_service
}

uninstall_all() {
  if has_systemd && [ -f "$UNIT" ]; then
    act systemctl disable --now mailwok.service
  fi
  for path in "$UNIT" "$BIN"; do
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
if [ "$UNINSTALL" = yes ]; then uninstall_all; else install_all; fi
