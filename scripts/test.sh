#!/usr/bin/env bash
# Runs the tests but for the slow ones, or with `--all` those too: the JavaScript's, then
# pytest's, with the arguments given. Installs the Debian packages that are missing where it
# may; else says what is skipped for want of them. With CI=true a skipped test is a failure
# (tests/conftest.py).
set -uo pipefail
cd "$(dirname "$0")/.."
skipped=()
quick=yes
if [ "${1:-}" = --all ]; then
    quick=no
    shift
fi

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

missing_packages() {
    command -v chromium >/dev/null || echo chromium
    command -v strace >/dev/null || echo strace
    command -v openssl >/dev/null || echo openssl
    # For the load generator.
    command -v cc >/dev/null || printf '%s\n' gcc libc6-dev
    command -v systemd-analyze >/dev/null || echo systemd
    # Neither starts anything by itself where there is no systemd running; /usr/sbin may not be in
    # the path of a person.
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || echo nginx-light
    command -v caddy >/dev/null || echo caddy
    command -v redis-server >/dev/null || echo redis-server
    [ "$quick" = yes ] || command -v haproxy >/dev/null || [ -x /usr/sbin/haproxy ] || echo haproxy
    # For its promtool, which only slow tests ask.
    [ $quick = yes ] || command -v promtool >/dev/null || echo prometheus
    # Debian keeps the server out of everybody's path. The tests start their own.
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo postgresql
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
    # A terminal for `conclave chat`.
    [ "$quick" = yes ] || command -v tmux >/dev/null || echo tmux
    # Without fonts the browser draws boxes, and 東京 or an emoji is where it shows.
    [ -d /usr/share/fonts/truetype/dejavu ] || echo fonts-dejavu-core
    [ -d /usr/share/fonts/opentype/noto ] || echo fonts-noto-cjk
    [ -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf ] || echo fonts-noto-color-emoji
}

# The same browser without a window is quicker; without it the whole one does.
install_light_browser() {
    command -v chromium-headless-shell >/dev/null || ! may_install ||
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends chromium-headless-shell >/dev/null 2>&1 </dev/null
}

# Else the package makes a database, and a service that starts with the machine.
make_no_database() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        postgresql-common >/dev/null </dev/null &&
        as_root sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' \
            /etc/postgresql-common/createcluster.conf
}

install_packages() {
    local packages
    mapfile -t packages < <(missing_packages)
    [ ${#packages[@]} -gt 0 ] || return 0
    if may_install; then
        echo "Installing ${packages[*]} …"
        as_root apt-get update -qq
        case " ${packages[*]} " in *" postgresql "*) make_no_database ;; esac
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "${packages[@]}" >/dev/null </dev/null && return 0
    fi
    skipped+=("what needs ${packages[*]}: apt install ${packages[*]}")
}

run_web_tests() {
    local files
    mapfile -t files < <(find tests/web -name '*.test.*js' 2>/dev/null | sort)
    [ ${#files[@]} -gt 0 ] || return 0
    if ! command -v node >/dev/null; then
        skipped+=("tests/web: apt install nodejs npm")
        return 0
    fi
    if command -v npm >/dev/null && [ -f package-lock.json ]; then
        make --no-print-directory -s node_modules/.ready || return
    fi
    node --test "${files[@]}"
}

# The files that have what runs alone: to look into all others takes longer than some of it. Who
# names files has chosen already.
files_of_alone() {
    local argument marks="mark\.alone"
    [ $quick = yes ] || marks="mark\.(alone|slow)|in_time\("
    for argument in "$@"; do
        [ "${argument#-}" != "$argument" ] || return 0
    done
    {
        grep -rlE "$marks" --include='test_*.py' tests
        # Slow over one of the stores: their conftest says so.
        [ $quick = yes ] || ls tests/conformance/test_*.py
    } | sort -u
}

# First what gets along with others, in as many processes as keep the cores busy: much of it
# waits. Then one after the other what measures, and what loads the machine with full counts.
run_python_tests() {
    local together alone files marked="alone or slow"
    [ $quick = no ] || marked="alone and not slow"
    .venv/bin/python -m pytest --numprocesses $(($(nproc) + 1)) --dist loadfile \
        --no-loadscope-reorder -m "not alone and not slow" "$@"
    together=$?
    mapfile -t files < <(files_of_alone "$@")
    .venv/bin/python -m pytest -m "$marked" "$@" "${files[@]}"
    alone=$?
    # 5: nothing that was asked for belongs there.
    [ $together != 5 ] || together=$alone
    [ $alone != 5 ] || alone=$together
    [ $together = 0 ] && [ $alone = 0 ]
}

install_packages
install_light_browser
run_web_tests
web=$?
run_python_tests "$@"
python=$?
for reason in "${skipped[@]}"; do
    echo "Skipped $reason"
done
[ "$web" = 0 ] || echo "The tests of the JavaScript failed: see above the Python ones."
if [ "${CI:-}" = true ] && [ ${#skipped[@]} -gt 0 ]; then
    exit 1
fi
[ "$web" = 0 ] && [ "$python" = 0 ]
