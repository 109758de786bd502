"""Looks at a page in headless Chromium as people do: on a wide and a narrow screen, light and dark,
and saves its figures by their buttons.

browse_page.py PAGE FOLDER: prints a JSON object: `views`, what is seen on each screen; `errors`,
what the browser complained of; `saved`, the files that the buttons put into FOLDER. Chromium is
driven by its DevTools protocol over a pipe, so the page is as it is shipped.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SEEN = """({
  wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  paper: getComputedStyle(document.body).backgroundColor,
  charts: [...document.querySelectorAll(".chart svg")].map((chart) => ({
    paper: getComputedStyle(chart).backgroundColor,
    wider: chart.getBoundingClientRect().right - document.documentElement.clientWidth,
  })),
})"""
CLICK = """[...document.querySelectorAll("figure button")]
  .filter((button) => button.textContent === "%s").slice(0, %d).map((button) => button.click()).length"""


class Browser:
    """One Chromium with one page."""

    def __init__(self, profile):
        to_browser, from_us = os.pipe()
        to_us, from_browser = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4.
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec chromium "$@" 3<&{to_browser} 4>&{from_browser}', "sh",
             "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(to_browser, from_browser), stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.input = os.fdopen(from_us, "wb", buffering=0)
        self.output = os.fdopen(to_us, "rb")
        self.number = 0
        self.events = []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def receive(self):
        message = bytearray()
        while (byte := self.output.read(1)) != b"\0":
            if not byte:
                raise RuntimeError("chromium has ended")
            message += byte
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.input.write(json.dumps(message).encode() + b"\0")
        while (answer := self.receive()).get("id") != self.number:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def wait_for(self, is_it):
        while True:
            for event in self.events:
                if is_it(event):
                    self.events.remove(event)
                    return event
            self.events.append(self.receive())

    def value_of(self, expression):
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"]))
        return found["result"].get("value")


def look(browser, width, scheme):
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=1000,
                 deviceScaleFactor=1, mobile=width < 600)
    browser.call("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": scheme}])
    # Charts follow within a frame or two.
    browser.value_of("new Promise((done) => setTimeout(done, 500))")
    return {"width": width, "scheme": scheme, **browser.value_of(SEEN)}


def save(browser, kind, most):
    """Clicks the first buttons of a kind and waits for their files."""
    count = browser.value_of(CLICK % (kind, most))
    for _ in range(count):
        browser.wait_for(lambda event: event["method"] == "Browser.downloadProgress"
                         and event["params"]["state"] != "inProgress")


def main():
    page, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    folder.mkdir()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        browser.call("Log.enable")
        browser.call("Page.enable")
        browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder),
                     eventsEnabled=True)
        browser.call("Page.navigate", url=page.as_uri())
        browser.wait_for(lambda event: event["method"] == "Page.loadEventFired")
        views = [look(browser, width, scheme)
                 for width in (1400, 400) for scheme in ("light", "dark")]
        save(browser, "SVG", 3)
        save(browser, "PNG", 3)
        errors = [event["params"]["entry"]["text"] for event in browser.events
                  if event["method"] == "Log.entryAdded"
                  and event["params"]["entry"]["level"] == "error"]
        browser.process.terminate()
        browser.process.wait()
    print(json.dumps({"views": views, "errors": errors,
                      "saved": sorted(file.name for file in folder.iterdir())}))


main()
