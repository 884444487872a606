#!/bin/sh
# Sends each file of a spool directory, and keeps it until the server has answered. Files hold one record a line.
# Whoever writes them moves them into the directory when they are whole:  mv /var/tmp/r.ndjson spool/
#
#   CLIENT=pipeline:demo ./send.sh http://localhost:8080 spool
#
# A file ends up in spool/sent, or in spool/rejected with the answer beside it: there, fix the records and send the
# file again, whole. What counted already is a duplicate, which is success.
server=$1 spool=$2
mkdir -p "$spool/sent" "$spool/rejected"
answer=$(mktemp) head=$(mktemp)
trap 'rm -f "$answer" "$head"' EXIT

new_token() {
  token=$(curl -s -u "$CLIENT" -d grant_type=client_credentials "$server/oauth/token" |
    sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
}

send() { # file
  wait=1
  while :; do
    status=$(curl -s -o "$answer" -D "$head" -w '%{http_code}' --max-time 120 -H "Authorization: Bearer $token" \
      -H 'Content-Type: application/x-ndjson' -H 'Prefer: handling=strict' --data-binary "@$1" "$server/express/usage/records")
    case $status in
      200 | 422)
        # A server that does not know the preference answers 200 also when it rejected some.
        if grep -q '"rejected":0,' "$answer"; then mv "$1" "$spool/sent/"; else
          mv "$1" "$spool/rejected/" && cp "$answer" "$spool/rejected/${1##*/}.answer"; fi
        echo "$status ${1##*/} $(sed 's/,"errors".*/}/' "$answer")"
        return ;;
      401) new_token ;;            # It expired.
      000 | 408 | 429 | 5??) ;;    # No answer, or not now. What counted already counts once.
      *) mv "$1" "$spool/rejected/" && cp "$answer" "$spool/rejected/${1##*/}.answer"
        echo "$status ${1##*/}"
        return ;;
    esac
    asked=$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]*\).*/\1/p' "$head")
    [ "$status" = 401 ] || echo "$status ${1##*/}: again in ${asked:-$wait} s"
    sleep "${asked:-$wait}"
    [ "$wait" -ge 60 ] || wait=$((wait * 2))
  done
}

new_token
while :; do
  for file in "$spool"/*.ndjson; do [ ! -f "$file" ] || send "$file"; done
  [ -z "$ONCE" ] || exit 0
  sleep 5
done
