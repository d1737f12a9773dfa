#!/usr/bin/env bash
# Run the core of the Autobahn TestSuite (247 cases: all but limits, 9, and
# compression, 12 and 13) against the echo server, which is the real listener and its frames,
# and against the socket of the Python client.
#
# The suite is a program for CPython 2.7. It gets an environment of its own under
# .autobahn/, kept between runs, with versions that still install there. Where CPython 2.7
# is missing this says so and stops: an error in CI, where nothing may be skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

here=.autobahn
python=.venv/bin/python
suite=$here/suite

find_python27() {
  # A shim of pyenv is on the path and still runs nothing: try each.
  local candidate
  for candidate in "${PY27:-}" python2.7 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/2.7.*/bin/python2.7; do
    if [[ -n $candidate ]] && "$candidate" -c 'import ssl, zlib' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
}

build_suite() {
  local py27=$1
  echo "Building the Autobahn TestSuite in $suite, once…"
  rm -rf "$suite" "$here/maker"
  # The last line of virtualenv releases that can make an environment of 2.7.
  "$python" -m venv "$here/maker"
  "$here/maker/bin/pip" install -q 'virtualenv<20.22'
  "$here/maker/bin/virtualenv" -q -p "$py27" "$suite"
  local pip=("$suite/bin/pip" install -q --no-python-version-warning)
  "${pip[@]}" --only-binary=cryptography,cffi \
    setuptools==44.0.0 incremental==16.10.1 txaio==2.1.0 zope.interface==4.6.0 pyOpenSSL==19.1.0 \
    cryptography==3.3.2 six==1.16.0 jinja2==2.11.3 markupsafe==1.1.1 Werkzeug==1.0.1 \
    klein==17.10.0 service_identity==18.1.0 unittest2==1.1.0
  "${pip[@]}" --no-build-isolation Twisted==19.10.0
  # It asks for versions that no longer install: what it needs is above.
  "${pip[@]}" --no-deps autobahn==0.10.9 autobahntestsuite==25.10.1
  "$suite/bin/wstest" --help >/dev/null
  touch "$suite/.ready"
}

py27=$(find_python27 || true)
if [[ -z $py27 ]]; then
  echo "Autobahn TestSuite not run: it needs CPython 2.7, and there is none here (PY27=/path/to/python2.7)."
  if [[ ${CI:-} == true ]]; then exit 1; fi
  exit 0
fi
mkdir -p "$here"
if [[ ! -e $suite/.ready ]]; then build_suite "$py27"; fi

judge() {
  # 6.4.3 and 6.4.4 want text refused in the middle of a frame; we see whole frames.
  echo "The $1:"
  "$python" scripts/autobahn_report.py "$2/index.json" --cases 247 --non-strict 2
}

fill_in() {
  sed -e "s|@URL@|$2|" -e "s|@REPORTS@|$3|" "$1"
}

run_against_server() {
  local reports=$here/reports url
  coproc ECHO { exec "$python" -m conclave.testing echo --port 0; }
  trap 'kill "$ECHO_PID" 2>/dev/null || true' EXIT
  read -r _ _ url <&"${ECHO[0]}"
  fill_in scripts/autobahn.json "$url" "$reports" >"$here/spec.json"
  "$suite/bin/wstest" --mode fuzzingclient --spec "$here/spec.json" >"$here/wstest.log" 2>&1 ||
    { tail -n 20 "$here/wstest.log"; exit 1; }
  kill "$ECHO_PID"
  judge server "$reports"
}

run_against_client() {
  local reports=$here/client-reports url
  # The suite takes no port 0.
  url=ws://127.0.0.1:$("$python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
  fill_in scripts/autobahn_client.json "$url" "$reports" >"$here/client-spec.json"
  "$suite/bin/wstest" --mode fuzzingserver --webport=0 --spec "$here/client-spec.json" \
    >"$here/wstest-client.log" 2>&1 &
  trap 'kill %% 2>/dev/null || true' EXIT
  for _ in {1..100}; do
    if (: <>"/dev/tcp/127.0.0.1/${url##*:}") 2>/dev/null; then break; fi
    sleep 0.1
  done
  "$python" scripts/autobahn_client.py "$url"
  kill %%
  judge client "$reports"
}

rm -rf "$here/reports" "$here/client-reports"
case ${1:-both} in
  server) run_against_server ;;
  client) run_against_client ;;
  both) (run_against_server) && (run_against_client) ;;
esac
