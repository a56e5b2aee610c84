#!/bin/sh
# All figures, tables and plots of docs/performance.md again: about an hour, on a machine where nothing else runs.
# 10 million queued messages need about 30 GB of disk meanwhile.
#
#   tools/measure.sh           everything
#   tools/measure.sh totals    one part of those below
set -eu

cd "$(dirname -- "$0")/.."
figures=docs/performance
mkdir -p "$figures"

measure() {
    name=$1
    shift
    ./run allstop bench "$@" --json >"$figures/$name.json.new"
    mv "$figures/$name.json.new" "$figures/$name.json"
}

part() {
    case $1 in
        queue) measure queue queue --queued 10000,100000,1000000,5000000,10000000 --workers 1,2 ;;
        old-snapshot) measure queue-old-snapshot queue --queued 100000,1000000,5000000 --workers 2 --old-snapshot ;;
        stop) measure stop stop ;;
        totals) measure totals totals --queued 10000,100000,1000000,10000000 ;;
        idle) measure idle idle ;;
        phonebook) measure phonebook phonebook --contacts 1000000 ;;
        contacts-import) measure contacts-import contacts-import ;;
        emails) measure emails channel email ;;
        texts) measure texts channel text ;;
        calls) measure calls channel call ;;
        intake) measure intake intake ;;
        mass-end) measure mass-end mass-end ;;
        webhooks) measure webhooks webhooks ;;
        feed) measure feed feed ;;
        bill-run) measure bill-run bill-run --rounds 1 --attempts 10000000 ;;
        *) echo "Unknown part: $1" >&2; exit 2 ;;
    esac
}

[ $# -gt 0 ] || set -- queue old-snapshot stop totals idle phonebook contacts-import emails texts calls intake mass-end webhooks feed bill-run
for one in "$@"; do part "$one"; done
.venv/bin/python -m tools.figures
