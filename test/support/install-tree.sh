#!/bin/sh
#
# Runs inside a throwaway tree (chroot, own mounts, network and processes), as root: what an operator does from the first
# installation to the last. Each step says its name; the first that fails ends it.

set -eu
CONFIG=/etc/mailwok/mailwok.toml

step() { echo "step: $(date +%M:%S) $1"; }
fails() { echo "failed: $1" >&2; exit 1; }
shape() { stat -c '%U:%G %a' "$1"; }
is() { [ "$2" = "$3" ] || fails "$1: $2, want $3; $(tail -n 4 /root/log 2>/dev/null) $(cat /root/queue /root/sent 2>/dev/null)"; }

# As systemd does by the unit: its command, its user, the one capability.
start() {
  mkdir -p /run/mailwok && chown mailwok:mailwok /run/mailwok
  command=$(sed -n 's/^ExecStart=//p' "$1")
  # shellcheck disable=SC2086 # a command with its arguments
  setpriv --reuid mailwok --regid mailwok --init-groups --inh-caps=-all,+net_bind_service \
    --ambient-caps +net_bind_service --bounding-set=-all,+net_bind_service --no-new-privs $command >>/root/log 2>&1 &
  node=$!
  tries=0
  until mailwok status --json 2>/dev/null | grep -q '"running":true'; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fails "the node does not start: $(tail -n 5 /root/log)"
    sleep 0.1
  done
}

stop() {
  kill "$node"
  wait "$node" || true
}

owed() {
  mailwok queue list --json >/root/queue
  # While it is looked up it is leased.
  waiting=$(sed 's/.*"waiting":\([0-9]*\),"leased".*/\1/' /root/queue)
  leased=$(sed 's/.*"leased":\([0-9]*\),"held":.*/\1/' /root/queue)
  echo $((waiting + leased))
}

step 'an empty tree'
is 'user' "$(id mailwok 2>/dev/null || echo none)" none
is 'configuration' "$(ls /etc/mailwok 2>/dev/null || echo none)" none

step 'installed'
/srv/install.sh --binary /srv/older --hostname mail.example.com >/root/said || fails "$(cat /root/said)"
is 'binary' "$(shape /usr/local/bin/mailwok)" 'root:root 755'
is 'settings' "$(shape $CONFIG)" 'root:mailwok 640'
is 'data' "$(shape /var/lib/mailwok)" 'mailwok:mailwok 700'
for file in /usr/local/share/man/man1/mailwok.1 /usr/local/share/bash-completion/completions/mailwok \
  /usr/local/share/zsh/site-functions/_mailwok /usr/local/share/fish/vendor_completions.d/mailwok.fish; do
  grep -q mailwok "$file" || fails "$file"
done
cat >>$CONFIG <<TEXT

[domains]
require_verification = false
[tls]
mode = "self-signed"
TEXT
# The configuration has a [delivery] already; nothing answers a question about DNS in here.
printf '\n[dns]\nservers = ["127.0.0.1:5353"]\n' >>$CONFIG

step 'runs as its user'
start /etc/systemd/system/mailwok.service
is 'user of the node' "$(stat -c %U "/proc/$node")" mailwok
mailwok domain add example.com >/dev/null
mailwok send --from a@example.com --to b@example.net --subject Hello --text Hello >/root/sent
is 'owed' "$(owed)" 1

step 'upgraded over an older one with mail in the queue'
/srv/install.sh --binary /srv/mailwok >/root/said || fails "$(cat /root/said)"
cmp -s /srv/mailwok /usr/local/bin/mailwok || fails 'the older one is still there'
stop
start /etc/systemd/system/mailwok.service
is 'owed' "$(owed)" 1

step 'a second time changes nothing'
/srv/install.sh --binary /srv/mailwok >/root/said
if grep -q '^installed' /root/said; then fails "$(cat /root/said)"; fi

step 'uninstalled, mail and settings kept'
stop
/srv/install.sh --uninstall >/dev/null
is 'binary' "$(ls /usr/local/bin/mailwok 2>/dev/null || echo none)" none
is 'unit' "$(ls /etc/systemd/system/mailwok.service 2>/dev/null || echo none)" none
test -s /var/lib/mailwok/mailwok.db && test -s $CONFIG

step 'the package takes over what was kept'
dpkg --force-unsafe-io --no-triggers -i /srv/mailwok.deb >/root/said 2>&1 || fails "$(cat /root/said)"
is 'settings' "$(shape $CONFIG)" 'root:mailwok 640'
hash -r
start /lib/systemd/system/mailwok.service
is 'owed' "$(owed)" 1
if mailwok upgrade --binary /srv/mailwok 2>/root/said; then fails 'upgrade past dpkg'; fi
grep -q dpkg /root/said || fails "$(cat /root/said)"

step 'the package over itself'
dpkg --force-unsafe-io --no-triggers -i /srv/mailwok.deb >/root/said 2>&1 || fails "$(cat /root/said)"
stop

step 'removed, mail and settings kept'
dpkg --force-unsafe-io --no-triggers -r mailwok >/dev/null
is 'binary' "$(ls /usr/bin/mailwok 2>/dev/null || echo none)" none
test -s /var/lib/mailwok/mailwok.db && test -s $CONFIG

step 'purged, nothing kept'
dpkg --force-unsafe-io --no-triggers -P mailwok >/dev/null 2>&1
is 'data' "$(ls -d /var/lib/mailwok /etc/mailwok 2>/dev/null || echo none)" none
is 'user' "$(id mailwok 2>/dev/null || echo none)" none

step 'the package on its own'
dpkg --force-unsafe-io --no-triggers -i /srv/mailwok.deb >/root/said 2>&1 || fails "$(cat /root/said)"
is 'settings' "$(shape $CONFIG)" 'root:mailwok 640'
mailwok config check >/dev/null
dpkg --force-unsafe-io --no-triggers -P mailwok >/dev/null 2>&1
echo 'done: everything'
