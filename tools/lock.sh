#!/bin/sh
# Pins every dependency with its hashes; no line names where a file comes from.
set -eu
bin=$1
"$bin/python" -m pip install --quiet --disable-pip-version-check uv==0.13.9
compile="$bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header
    --no-annotate --no-emit-index-url --quiet --extra audio"
$compile --output-file requirements/run.txt
$compile --group dev --output-file requirements/dev.txt
$compile --group peers --constraint requirements/dev.txt --output-file requirements/peers.txt
