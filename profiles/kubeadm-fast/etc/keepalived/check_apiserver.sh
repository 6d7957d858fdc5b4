#!/bin/sh

errorExit() {
    echo "*** $*" 1>&2
    exit 1
}

curl -sfk --max-time 0.9 https://localhost:8443/livez -o /dev/null || errorExit "Error GET https://localhost:8443/livez"
