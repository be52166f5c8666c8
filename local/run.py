"""`python -m local.run`: the whole system on a machine with only Python, from empty folder to address, and down again."""

import contextlib
import os
import pathlib
import shlex
import sys
import time
from collections.abc import Callable

from local import environment, interrupt, places, ports, servers, welcome
from local.children import Children, Record, python, say

LOCK = places.DATA / "run.lock"
TICK = 0.2
MIGRATE = "migrate --noinput"
# Quiet: no banners. The warning is meant for messages that are pickled; ours are JSON.
CELERY = ("-W", "ignore:You're running the worker with superuser", "-m", "celery", "-q", "-A", "config")


def step(title: str, work: Callable[[], object]) -> None:
    """Do a part of the start, telling how long it took."""
    began = time.monotonic()
    work()
    say(f"  {title} … {time.monotonic() - began:.1f} 秒")


def only_run() -> contextlib.AbstractContextManager[object]:
    """Return the lock that makes this the only run on this data folder, or end with the address of the other."""
    lock = places.try_lock(LOCK)
    if lock is None:
        raise SystemExit(f"已有一个实例在运行：{LOCK.read_text().strip() or '正在启动'}")
    lock.truncate(0)
    lock.write(f"{environment.base_url()}（进程 {os.getpid()}）")
    lock.flush()
    return lock


def commands(env: dict[str, str], embedded: bool) -> list[str]:
    """Return the management commands that fill the database, in their order; `migrate` ran before, as owner."""
    lines = ["collectstatic --noinput", "load_work_days", "load_report"]
    if environment.demonstration(env):
        people = f" --people {shlex.quote(str(welcome.PEOPLE))}" if embedded else ""
        lines.append(f"demo --base-url {env['BASE_URL']}{people}")
    return [*lines, "open_months", "sweep"]


def load(children: Children, env: dict[str, str], embedded: bool) -> None:
    """Migrate as the owner of the tables, then load as the application."""
    owner = env | {"DATABASE_URL": env["OWNER_DATABASE_URL"]}
    children.step("migrate", python("-m", "local.load", MIGRATE), owner)
    children.step("load", python("-m", "local.load", *commands(env, embedded)), without_owner(env))


def without_owner(env: dict[str, str]) -> dict[str, str]:
    """Return the environment of what runs: it must not know the way to the owner's rights."""
    return {key: value for key, value in env.items() if key != "OWNER_DATABASE_URL"}


def start_programs(children: Children, env: dict[str, str]) -> None:
    """Start web, worker and beat."""
    port = str(environment.port())
    granian = ["--interface", "wsgi", "config.wsgi:application", "--host", "127.0.0.1", "--port", port, "--no-ws"]
    processes = ["--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "--log-level", "warning"]
    programs = {
        "web": python("-m", "granian", *granian, *processes),
        "worker": python(*CELERY, "worker", "--loglevel", "WARNING", "--concurrency", "2"),
        "beat": python(*CELERY, "beat", "--loglevel", "WARNING"),
    }
    for name, command in programs.items():
        children.add(name, command, without_owner(env), f"{name:<6} | ")


def start_mail(children: Children, env: dict[str, str]) -> None:
    """Start the mail sink on the port that the environment names."""
    port = env["EMAIL_URL"].rpartition(":")[2]
    command = python("-m", "local.mail", port, str(places.DATA / "mail"))
    children.add("mail", command, without_owner(env), "mail   | ")


def watch(children: Children, greet: welcome.Welcome) -> None:
    """Keep programs and servers alive until somebody ends us."""
    while True:
        time.sleep(TICK)
        interrupt.check()
        if not children.keep():
            raise RuntimeError("有程序反复退出，系统停止")
        if not servers.running(places.DATA):
            say("数据库或队列意外退出，重新启动")
            servers.start(places.DATA)
        greet.look()


def run(children: Children) -> None:
    """Start everything in its order, then watch."""
    began = time.monotonic()
    addresses: dict[str, str] = {}
    step("启动 PostgreSQL 与 Valkey", lambda: addresses.update(servers.start(places.DATA)))
    interrupt.check()
    env = environment.complete(addresses)
    if "EMAIL_URL" not in os.environ:
        start_mail(children, env)
    embedded = "DATABASE_URL" not in os.environ
    environment.write(env)
    load(children, env, embedded)
    start_programs(children, env)
    watch(children, welcome.Welcome(env, began, embedded))


def stop(children: Children) -> None:
    """End the programs warm, then the servers."""
    say("正在停止 …")
    try:
        children.end()
    finally:
        environment.FILE.unlink(missing_ok=True)
        servers.stop(places.DATA)
    say("已停止。")


def supervise() -> int:
    """Run until the end; the exit code tells how it came."""
    children = Children(Record(places.DATA / "run.pids"))
    if left := children.record.end_left_over():
        say(f"上次运行遗留的 {left} 个进程已结束。")
    if not ports.is_free(environment.port()):
        say(f"端口 {environment.port()} 已被占用，可换一个：make run PORT=8001")
        return 1
    interrupt.listen()
    try:
        run(children)
    except interrupt.Stop as asked:
        return 128 + asked.number
    except (RuntimeError, OSError) as error:
        say(f"启动失败：{error}")
    finally:
        stop(children)
    return 1


def main() -> int:
    """Take the lock and run."""
    os.chdir(places.ROOT)
    environment.drop_empty()
    try:
        places.make_base(places.DATA)
        with only_run():
            return supervise()
    except PermissionError as error:
        return report_foreign(pathlib.Path(error.filename or places.DATA))


def report_foreign(path: pathlib.Path) -> int:
    """Say that another user made the data folder."""
    say(f"无权写入 {path}：它由另一个用户创建。请以该用户运行，或删除 {places.DATA} 后重来。")
    return 1


if __name__ == "__main__":
    sys.exit(main())
