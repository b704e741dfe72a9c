#!/usr/bin/env bash
# django-environ 0.14.0: a value that begins with `$` is taken for the name of another variable, in whatever way it was
# set. Where there is no variable of that name and the call has a default, the default is returned without a word; without
# a default, the error names the other variable, not the one that was asked for.
#
# One would guess that `env.str("DATA_DIR", default="var")` returns the default only where DATA_DIR is not set. In fact
# `DATA_DIR=$HOME/data` in a .env (where no shell expands it) means "the variable called HOME/data", which never exists,
# and the program goes on with the folder `var`. A password that begins with `$` has the same fate. `env.ENVIRON` reads
# the value as it is.
#
# Seen on 2026-11-28:
#   DATA_DIR='$HOME/data', default 'var' -> 'var'
#   PASSWORD='$ecret', default '' -> ''
#   without a default -> ImproperlyConfigured: Set the HOME/data environment variable
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check django-environ==0.14.0

printf 'DATA_DIR=$HOME/data\nPASSWORD=$ecret\n' > .env
cat > show.py <<'PY'
import os
import environ

environ.Env.read_env(".env")
env = environ.Env()
folder = env.str("DATA_DIR", default="var")
password = env.str("PASSWORD", default="")
print(f"DATA_DIR={os.environ['DATA_DIR']!r}, default 'var' -> {folder!r}")
print(f"PASSWORD={os.environ['PASSWORD']!r}, default '' -> {password!r}")
try:
    env.str("DATA_DIR")
    sentence = "a value"
except Exception as error:
    sentence = f"{type(error).__name__}: {error}"
print(f"without a default -> {sentence}")
raise SystemExit((folder, password) != ("var", "") or "HOME/data" not in sentence)
PY
env/bin/python show.py
