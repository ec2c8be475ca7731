#!/bin/sh
# A virtual environment in $2 from the Python $1, also where Debian ships Python without its venv part.
set -eu
python=$1 venv=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "stationfeed needs Python 3.11 or later; $python is $("$python" -V 2>&1). Name another: make PYTHON=/path/to/python3" >&2
    exit 1
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing $package, which Debian's Python needs ..."
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null
    else
        echo "This Python lacks its venv part. Type: sudo apt install $package" >&2
        exit 1
    fi
}
"$python" -m venv "$venv"
