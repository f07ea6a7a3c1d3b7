#!/bin/sh
# Installs the program under a prefix: used by the Dockerfile, and by scripts/image-check without an engine.
#   docker/install.sh SOURCE PREFIX
# After it, PREFIX/app holds the program with its collected static files in PREFIX/data/static, PREFIX/venv its Python.
set -eu
source=$1
prefix=$2

# The check runs on machines that have these already; an image starts with none.
missing=""
for package in libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; do
    dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed \
        || missing="$missing $package"
done
if [ -n "$missing" ]; then
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
    rm -rf /var/lib/apt/lists/*
fi

mkdir -p "$prefix/app" "$prefix/data/files" "$prefix/data/signing"
for part in manage.py portal nexi_quota credit_insurance guarantee_lookup esurety templates static; do
    cp -R "$source/$part" "$prefix/app/"
done

"${PYTHON:-python3}" -m venv "$prefix/venv"
"$prefix/venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
    --only-binary=:all: --require-hashes --requirement "$source/requirements.txt"

cd "$prefix/app"
DATA_DIR="$prefix/data" "$prefix/venv/bin/python" manage.py collectstatic --noinput --verbosity 0
"$prefix/venv/bin/python" -m compileall -q .
