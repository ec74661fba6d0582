#!/usr/bin/env bash
# Starts a server with the data directory $1 on $2 and an agent that watches this machine; Ctrl-C stops both.
# `./dev run` builds first and then comes here.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
data=$1 listen=$2
bin=build/release/bin
mkdir -p -m 0700 "$data" "$data/agent"

server= agent=
stop() {
  trap - INT TERM EXIT
  [[ -z $agent ]] || kill "$agent" 2>/dev/null || true
  [[ -z $agent ]] || wait "$agent" 2>/dev/null || true
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  [[ -z $server ]] || wait "$server" 2>/dev/null || true
  echo "stopped; the data stays in $data"
}
trap stop EXIT
trap 'exit 0' INT TERM

"$bin/sentinella-server" --data-dir "$data/server" --listen "$listen" --ui-dir ui/dist --log-file "$data/server.log" &
server=$!
for _ in $(seq 200); do
  [[ -f $data/server/ready ]] && break
  kill -0 "$server" 2>/dev/null || { tail -5 "$data/server.log" >&2; exit 1; }
  sleep 0.05
done
url=$(cat "$data/server/ready")

if [[ ! -f $data/agent/sentinella.conf ]]; then
  SENTINELLA_ACCOUNT_KEY=$(sed -n 's/.*"account_key":"\([^"]*\)".*/\1/p' "$data/server/bootstrap.json") \
    "$bin/sentinella" -c "$data/agent/sentinella.conf" init --yes --server-url "$url" --state-dir "$data/agent/state" \
    --log-file "$data/agent.log" >/dev/null
fi
"$bin/sentinella" -c "$data/agent/sentinella.conf" -p "$data/agent/sentinella.pid" run &
agent=$!

link=$("$bin/sentinella-server" login-link --data-dir "$data/server")
cat <<EOF

  Sentinella is watching this machine.

    open   $link
           (works once, for an hour; ./dev run prints a new one each time)
    data   $data
    logs   $data/server.log
           $data/agent.log

  Ctrl-C stops server and agent.

EOF
wait -n "$server" "$agent" || true
echo "one of the programs ended by itself; the last lines of its log:" >&2
tail -n 5 "$data/server.log" "$data/agent.log" >&2
exit 1
