#!/bin/sh
# Once a night: `audit` compares what is stored with what is computed, `history_digest` seals the day's history.
# A restart after the hour makes up for the night. The digest is sealed whatever the audit says; a night without it is
# tried again; a difference keeps the service unhealthy until the next night.
set -u
digests=/digests

nightly() {
  python manage.py audit
  audited=$?
  python manage.py history_digest --into "$digests" || return 1
  touch "$digests/.$1"
  return $audited
}

while :; do
  day=$(date +%F)
  if [ "$(date +%H)" -ge "$AUDIT_HOUR" ] && [ ! -e "$digests/.$day" ]; then
    if nightly "$day"; then rm -f /tmp/failed; else touch /tmp/failed; fi
  fi
  sleep 300
done
