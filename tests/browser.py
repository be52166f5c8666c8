"""Finds a real browser and starts it; without one, browser tests fail in CI and are skipped elsewhere."""

import json
import os
import pathlib
import platform
import shutil
import tarfile

import pytest
from playwright.sync_api import Browser, Playwright

from local import node, places

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKED = places.ROOT / "node_modules/@sparticuz/chromium"
# Python has no brotli, Node has.
UNPACK = """
const fs = require("fs"), zlib = require("zlib"), { pipeline } = require("stream");
const [from, to] = process.argv.slice(1);
pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(to), (e) => { if (e) throw e; });
"""
# A test must not wait for what the browser asks of the wide world.
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def unpack(name: str, target: pathlib.Path) -> pathlib.Path:
    """Unpack one file of the npm package, wholly or not at all."""
    draft = target.with_name(f"{target.name}.new")
    if node.run("node", "-e", UNPACK, str(PACKED / "bin" / name), str(draft)):
        raise RuntimeError(f"{name} 无法解压")
    draft.chmod(0o755)
    return draft.rename(target)


def unpack_libraries(folder: pathlib.Path) -> None:
    """Unpack the libraries that a bare machine lacks, plain files only: Python 3.11.2 knows no safe `extractall`."""
    (folder / "lib").mkdir(exist_ok=True)
    with tarfile.open(unpack("al2023.tar.br", folder / "libraries.tar")) as archive:
        for member in archive:
            if (content := archive.extractfile(member)) and member.isfile():
                (folder / "lib" / pathlib.PurePath(member.name).name).write_bytes(content.read())


def npm_browser() -> pathlib.Path | None:
    """Return the browser of the npm package, unpacked on first use; it exists for Linux on x86_64 alone."""
    if not (PACKED / "bin/chromium.br").exists() or (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return None
    version = json.loads((PACKED / "package.json").read_text())["version"]
    folder = places.DATA / f"browser/{version}"
    places.make_base(folder)
    with places.only_one(folder / "lock"):
        if not (folder / "chromium").exists():
            unpack_libraries(folder)
            unpack("chromium.br", folder / "chromium")
    return folder / "chromium"


def find_browser() -> str | None:
    """Return the path of a browser: the one named, the machine's, or the one of the npm package."""
    if named := os.environ.get("BROWSER_PATH"):
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or (str(copy) if (copy := npm_browser()) else None)


def launch(playwright: Playwright) -> Browser:
    """Start a browser, or skip the test; in CI a green run without a browser would lie, so fail."""
    path = find_browser()
    if not path and not pathlib.Path(playwright.chromium.executable_path).exists():
        reason = "没有浏览器：请安装 chromium，或设置 BROWSER_PATH"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from_npm = bool(path) and places.DATA in pathlib.Path(path or "").parents
    arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 or from_npm else QUIET
    env: dict[str, str | float | bool] = {**os.environ}
    if from_npm and path:  # the machine's own libraries come first
        env["LD_LIBRARY_PATH"] = f"{os.environ.get('LD_LIBRARY_PATH', '')}:{pathlib.Path(path).parent / 'lib'}".strip(":")
    return playwright.chromium.launch(executable_path=path, args=arguments, env=env)
