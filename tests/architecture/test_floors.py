"""A folder of src/ may include only itself and folders on a lower floor; no include cycle anywhere."""
import pathlib
import re

SRC = pathlib.Path(__file__).resolve().parents[2] / "src"
FLOOR = {
    "base": 0,
    "model": 1, "net": 1, "kv": 1,
    "codec": 2, "kv": 2,
    "series": 3, "logs": 3, "events": 3, "catalog": 3, "bus": 3,
    "ingest": 4, "query": 4, "scrape": 4, "auth": 4,
    "rules": 5, "alerts": 5, "notify": 5, "telemetry": 5,
    "api": 6,
    "server": 7, "agent": 7,
}
# The agent has no store of its own.
FORBIDDEN = {"agent": {"kv", "series", "logs", "events", "catalog", "bus", "ingest", "query", "auth", "rules", "alerts",
                       "notify", "telemetry", "api"}}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def sources():
    return [p for p in SRC.rglob("*") if p.suffix in (".h", ".cpp")]


def includes(path):
    return INCLUDE.findall(path.read_text(encoding="utf-8", errors="replace"))


def breaks_a_floor(folder, target):
    if folder == target:
        return False
    return FLOOR[target] >= FLOOR[folder] or target in FORBIDDEN.get(folder, set())


def test_every_folder_has_a_floor():
    assert {p.name for p in SRC.iterdir() if p.is_dir()} <= set(FLOOR)


def test_nobody_includes_an_upper_floor_or_a_neighbour():
    wrong = []
    for path in sources():
        folder = path.relative_to(SRC).parts[0]
        for target in includes(path):
            top = target.split("/")[0]
            if top in FLOOR and breaks_a_floor(folder, top):
                wrong.append(f"{path.relative_to(SRC)} includes {target}")
    assert not wrong, "\n".join(wrong)


def test_a_wrong_include_would_be_seen():
    assert breaks_a_floor("rules", "alerts")
    assert breaks_a_floor("codec", "series")
    assert breaks_a_floor("agent", "logs")
    assert not breaks_a_floor("api", "rules")


def test_includes_have_no_cycle():
    graph = {str(p.relative_to(SRC)): [t for t in includes(p) if (SRC / t).exists()] for p in sources()}
    done, path = set(), []

    def visit(node):
        if node in done:
            return
        assert node not in path, "include cycle: " + " -> ".join(path[path.index(node):] + [node])
        path.append(node)
        for target in graph.get(node, []):
            visit(target)
        path.pop()
        done.add(node)

    for node in graph:
        visit(node)


HEAVY = re.compile(r"#\s*include <(boost/asio|boost/beast|rocksdb/|yaml-cpp/|sqlite3|simdjson|protozero)")


def test_heavy_third_party_headers_stay_inside_one_folder():
    """A header of ours that pulls in a heavy library may be included by its own folder only, directly or not."""
    headers = {str(p.relative_to(SRC)): p for p in sources() if p.suffix == ".h"}
    heavy = {name for name, path in headers.items() if HEAVY.search(path.read_text())}
    while True:
        more = {name for name, path in headers.items() if name not in heavy and heavy & set(includes(path))}
        if not more:
            break
        heavy |= more
    wrong = [f"{p.relative_to(SRC)} includes {t}" for p in sources() for t in includes(p)
             if t in heavy and t.split("/")[0] != p.relative_to(SRC).parts[0]]
    assert not wrong, "\n".join(wrong)
