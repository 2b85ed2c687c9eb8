"""`crossquote serve`."""

import os
import socket
from contextlib import ExitStack
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from pipeline.cli.aligning import Directory
from pipeline.cli.terminal import Quiet, progress, say
from pipeline.errors import PipelineError

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def serve(
    folder: Directory,
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="0 for any that is free.")] = 8765,
    host: Annotated[
        str, typer.Option(metavar="ADDR", help="Where to listen; another address lets others read everything.")
    ] = "127.0.0.1",
    quiet: Quiet = False,
) -> None:
    """Show a collection of any size in the browser, with search by meaning and a JSON API; nothing can be changed.

    **Example:** `crossquote serve --in aligned/sample --port 8765`
    """
    import uvicorn

    from pipeline import engines
    from pipeline.cli.opening import to_serve
    from pipeline.serving.api import application
    from pipeline.serving.service import Service

    with ExitStack() as stack:
        beside = None
        if folder.is_dir() and not os.access(folder, os.W_OK):
            beside = Path(stack.enter_context(TemporaryDirectory(prefix="crossquote-")))
        service = Service(
            to_serve(folder, beside),
            engines.default,
            progress(quiet),
            translator=partial(engines.translator, None, threads=1),  # the other cores are for pages
            elsewhere=True,
        )
        listening = stack.enter_context(_listening(host, port))
        address, number = listening.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        if not ip_address(address).is_loopback:
            say("crossquote: others in this network can read the whole collection")
        say(f"http://{shown}:{number}/ (API: /docs); Ctrl-C ends it")
        app = application(service, _names(host, address))
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="on")
        uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens; PipelineError when the address is not ours or taken."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.create_server(address[:2], family=family)
        # Or each answer waits 40 ms for the last one's receipt.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made
    except OSError as error:
        raise PipelineError(
            f"cannot listen at {host} port {port}: {error.strerror or error}", "choose another: --port 0 takes any"
        ) from error


def _names(host: str, address: str) -> tuple[str, ...]:
    """Under which names a browser may ask: on the loopback only its own, so that no site can send one here."""
    return (*LOOPBACK, host) if ip_address(address).is_loopback else ("*",)
