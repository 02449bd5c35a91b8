#!/bin/sh
# Creates the topics in topics.tsv that a cluster does not have yet.
#
#   infra/kafka/create-topics.sh <bootstrap server> <tenant>…
#   infra/kafka/create-topics.sh kafka:9092 storaadal vesterhede faelles
#
# REPLICATION_FACTOR (default 3) is 1 on a single broker. COMMAND_CONFIG names a properties file
# with credentials. Kafka's kafka-topics.sh must be on the PATH. Topics that are there stay as they
# are; Sidemand's services say at start when one of them has another number of partitions.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 <bootstrap server> <tenant>…   (add faelles for shared knowledge)" >&2
    exit 2
fi
server=$1
shift
for tenant in "$@"; do
    case $tenant in
        [!a-z]* | *[!a-z0-9-]* | ?)
            echo "$tenant is no tenant: 2 to 40 of a-z, 0-9 and -, a letter first" >&2
            exit 2
            ;;
    esac
done
if ! command -v kafka-topics.sh >/dev/null; then
    echo "kafka-topics.sh is not on the PATH; it lies in the folder bin of Kafka" >&2
    exit 3
fi

table=$(dirname "$0")/topics.tsv
tab=$(printf '\t')

kafka_topics() {
    kafka-topics.sh --bootstrap-server "$server" \
        ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} "$@" </dev/null
}

existing=$(kafka_topics --list)

# create <name> <partitions> <name=value,…>
create() {
    if printf '%s\n' "$existing" | grep -qxF "$1"; then
        return
    fi
    # A function shares the script's variables: these are not those of the loop below.
    wanted=$1 count=$2 left=$3
    set --
    while [ -n "$left" ]; do
        set -- "$@" --config "${left%%,*}"
        case $left in
            *,*) left=${left#*,} ;;
            *) left= ;;
        esac
    done
    kafka_topics --create --if-not-exists --topic "$wanted" --partitions "$count" \
        --replication-factor "${REPLICATION_FACTOR:-3}" "$@"
}

while IFS=$tab read -r name partitions settings; do
    case $name in
        '#'* | '') ;;
        '{tenant}'*)
            for tenant in "$@"; do
                case $tenant$name in
                    faelles*casework*) ;; # a case never belongs to the shared tenant
                    *) create "$tenant${name#\{tenant\}}" "$partitions" "$settings" ;;
                esac
            done
            ;;
        *) create "$name" "$partitions" "$settings" ;;
    esac
done <"$table"
