"""A page in a real browser: headless Chromium, driven through its DevTools protocol."""

import asyncio
import base64
import itertools
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # what a page asks for is seen, and goes nowhere
    "--remote-debugging-port=0",
)
ENDPOINT = re.compile(rb"DevTools listening on ws://(127\.0\.0\.1:\d+)/")
MAX_MESSAGE_BYTES = 2**28  # screenshots are long


@dataclass(frozen=True)
class Observed:
    """What a page did when it was opened."""

    requests: list[str]  # URLs of all that it asked for, itself first
    complaints: list[str]  # what the browser had to say of it, violations of its policy among them
    value: Any  # of the expression
    screenshot: bytes  # PNG, the whole page


def open_page(file: Path, expression: str, *, width_px: int = 1000, scheme: str = "light") -> Observed:
    """Open `file`, wait until it is loaded, and evaluate a JavaScript expression, which its policy does not bind.

    Fails, and does not skip, where there is no Chromium.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("This test needs the program chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="m3w-chromium-", ignore_cleanup_errors=True) as profile:
        return asyncio.run(_open_page(chromium, profile, file, expression, width_px, scheme))


async def _open_page(chromium: str, profile: str, file: Path, expression: str, width_px: int, scheme: str) -> Observed:
    process = await asyncio.create_subprocess_exec(
        chromium, *FLAGS, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        while not (endpoint := ENDPOINT.search(line := await process.stderr.readline())):
            assert line, "Chromium ended before it listened."
        drain = asyncio.create_task(process.stderr.read())  # a full pipe would stop it
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://{endpoint[1].decode()}/json/list") as response:
                targets = await response.json(content_type=None)
            address = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
            async with session.ws_connect(address, max_msg_size=MAX_MESSAGE_BYTES) as socket:
                observed = await _observe(_Tab(socket), file, expression, width_px, scheme)
        drain.cancel()
        return observed
    finally:
        process.kill()
        await process.wait()


class _Tab:
    """Commands and their answers; the events that come between are kept."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while (message := await self._socket.receive_json()).get("id") != number:
            self.events.append(message)
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    async def wait_for(self, event: str) -> None:
        while not any(message["method"] == event for message in self.events):
            self.events.append(await self._socket.receive_json())

    def of(self, event: str) -> list[dict[str, Any]]:
        return [message["params"] for message in self.events if message["method"] == event]


async def _observe(tab: _Tab, file: Path, expression: str, width_px: int, scheme: str) -> Observed:
    for domain in ("Network", "Page", "Log", "Runtime"):
        await tab.call(f"{domain}.enable")
    await tab.call(
        "Emulation.setDeviceMetricsOverride", width=width_px, height=800, deviceScaleFactor=1, mobile=width_px < 600
    )
    await tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    tab.events.clear()
    await tab.call("Page.navigate", url=file.as_uri())
    await tab.wait_for("Page.loadEventFired")
    answer = await tab.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
    assert "exceptionDetails" not in answer, answer
    screenshot = await tab.call("Page.captureScreenshot", captureBeyondViewport=True)
    return Observed(
        requests=[event["request"]["url"] for event in tab.of("Network.requestWillBeSent")],
        complaints=[event["entry"]["text"] for event in tab.of("Log.entryAdded")],
        value=answer["result"]["value"],
        screenshot=base64.b64decode(screenshot["data"]),
    )
