"""Runs benchmarks: `./dev bench` all of them, `./dev bench NAME...` some. Each bench/NAME.py has a run() that prints."""
import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests/e2e")]


def main(names):
    known = sorted(p.stem for p in HERE.glob("*.py") if p.stem != "run")
    for name in names or known:
        if name not in known:
            sys.exit(f"bench: unknown benchmark \"{name}\"; there are: {', '.join(known)}")
        module = importlib.import_module(name)
        print(f"## {name}: {module.__doc__.strip().splitlines()[0]}\n")
        module.run()
        print(flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
