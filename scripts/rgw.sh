#!/bin/bash
# Starts or stops a Ceph RADOS Gateway (S3-compatible storage as the image archives run it) for tests and the demo:
# one monitor, one store in memory, one gateway, all on 127.0.0.1, all data below one folder.
#
#   scripts/rgw.sh start DIR [HTTP_PORT] [MON_PORT]   prints the gateway's address; MON_PORT and the next are used
#   scripts/rgw.sh stop DIR                           ends its processes and removes DIR
#
# Needs the Debian packages ceph-mon, ceph-osd, radosgw, ceph-common. Credentials: AKIDTEST / SECRETTEST.
set -euo pipefail

usage() { sed -n '2,8s/^# \?//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
MODE=$1 D=$2 P=${3:-7480} M=${4:-6790}

stop() {
  local pid file ours=()
  for file in "$D"/run/*.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    # A recorded id may have been given to another process since: only ours names this folder.
    if [ -n "$pid" ] && tr '\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null | grep -qF -- "$D/ceph.conf"; then
      ours+=("$pid")
      kill "$pid" 2> /dev/null || true
    fi
  done
  for pid in "${ours[@]}"; do # the data are in memory: nothing is lost by haste
    for _ in $(seq 20); do kill -0 "$pid" 2> /dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2> /dev/null || true
  done
}

if [ "$MODE" = stop ]; then
  [ -f "$D/ceph.conf" ] || { echo "rgw: nothing to stop in $D" >&2; exit 1; }
  stop
  rm -rf -- "$D"
  exit 0
fi
[ "$MODE" = start ] || usage

for tool in ceph ceph-mon ceph-osd radosgw radosgw-admin ceph-authtool monmaptool; do
  command -v "$tool" > /dev/null || { echo "rgw: $tool is missing: apt-get install radosgw ceph-osd ceph-mon ceph-common" >&2; exit 1; }
done
for port in "$P" "$M" $((M + 1)); do
  if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then echo "rgw: port $port is taken" >&2; exit 1; fi
done

mkdir -p "$D"/{mon,osd,run,log}
D=$(cd "$D" && pwd)
FSID=11111111-2222-3333-4444-555555555555 OSD=99999999-2222-3333-4444-555555555555
cat > "$D/ceph.conf" <<C
[global]
fsid = $FSID
mon host = [v2:127.0.0.1:$M/0,v1:127.0.0.1:$((M + 1))/0]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = $D/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail crit = 1
mon max pg per osd = 1000
run dir = $D/run
admin socket = $D/run/\$name.asok
log file = $D/log/\$name.log
pid file = $D/run/\$name.pid
ms bind ipv6 = false
[mon.a]
mon data = $D/mon
[osd]
osd objectstore = memstore
memstore device bytes = 2147483648
osd data = $D/osd
osd memory target = 939524096
[client.rgw.a]
# Without tcp_nodelay every small range read waits 40 ms.
rgw frontends = beast endpoint=127.0.0.1:$P tcp_nodelay=1
rgw thread pool size = 32
rgw dns name = localhost
C
C=$D/ceph.conf K=$D/keyring OUT=$D/log/start.log

step() { # runs a command quietly; a failure shows what it said and stops what was started
  if ! "$@" >> "$OUT" 2>&1; then
    echo "rgw: '$1' failed:" >&2
    tail -n 5 "$OUT" >&2
    stop
    exit 1
  fi
}
step ceph-authtool --create-keyring "$K" --gen-key -n mon. --cap mon 'allow *'
step ceph-authtool "$K" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
step ceph-authtool "$K" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
step ceph-authtool "$K" --gen-key -n client.rgw.a --cap mon 'allow rw' --cap osd 'allow rwx'
step monmaptool --create --clobber --fsid $FSID --addv a "[v2:127.0.0.1:$M,v1:127.0.0.1:$((M + 1))]" "$D/monmap"
step ceph-mon -c "$C" -i a --mkfs --monmap "$D/monmap" --keyring "$K"
step ceph-mon -c "$C" -i a
step ceph -c "$C" --connect-timeout 20 osd new $OSD
step ceph -c "$C" --connect-timeout 20 auth import -i "$K"
step ceph-osd -c "$C" -i 0 --mkfs --osd-uuid $OSD
step ceph-osd -c "$C" -i 0
step timeout 60 radosgw -c "$C" -n client.rgw.a
for _ in $(seq 300); do
  (exec 3<> "/dev/tcp/127.0.0.1/$P") 2> /dev/null && break
  sleep 0.1
done
step timeout 60 radosgw-admin -c "$C" user create --uid=test --display-name=test \
  --access-key=AKIDTEST --secret-key=SECRETTEST
echo "http://127.0.0.1:$P"
