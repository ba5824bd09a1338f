// A headless Chromium driven through its debugging pipe: descriptors 3 and 4, one JSON message each, ended by NUL
// (https://chromedevtools.github.io/devtools-protocol/).
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const PROGRAM = process.env.CHROMIUM ?? "chromium";
const PATIENCE_MS = 300_000;  // machines that build beside the tests are slow

export class Browser {
  static async start() {
    const profile = await mkdtemp(join(tmpdir(), "vkmembench-chromium-"));
    // Root has no sandbox; small machines have a small /dev/shm.
    const child = spawn(
      PROGRAM,
      [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--force-color-profile=srgb",
        `--user-data-dir=${profile}`,
        "--remote-debugging-pipe",
        "about:blank",
      ],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
    );
    const browser = new Browser(child, profile);
    await browser.send("Browser.getVersion");
    return browser;
  }

  constructor(child, profile) {
    this.child = child;
    this.profile = profile;
    this.waiting = new Map();
    this.sessions = new Map();
    this.last = 0;
    let rest = "";
    child.stdio[4].setEncoding("utf8").on("data", (data) => {
      const messages = (rest + data).split("\0");
      rest = messages.pop();
      for (const message of messages) this.receive(JSON.parse(message));
    });
    const fail = (reason) => {
      for (const { reject } of this.waiting.values()) reject(new Error(reason));
      this.waiting.clear();
    };
    child.on("error", (error) => fail(`${PROGRAM} cannot be started (${error.message}); install Debian's chromium or set CHROMIUM`));
    child.on("exit", (code) => fail(`${PROGRAM} ended with ${code}`));
    child.stdio[3].on("error", () => {});
  }

  receive({ id, method, params, sessionId, result, error }) {
    if (id === undefined) {
      this.sessions.get(sessionId)?.(method, params);
      return;
    }
    const request = this.waiting.get(id);
    this.waiting.delete(id);
    clearTimeout(request?.timer);
    if (error) request?.reject(new Error(`${request.method}: ${error.message}`));
    else request?.resolve(result);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), PATIENCE_MS);
      this.waiting.set(id, { resolve, reject, method, timer });
      this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  // Opens a file in a new tab of this size and waits until the page says that it is ready.
  // `before` is a script that runs before the page's own.
  async open(file, { width = 1400, height = 900, before } = {}) {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(this, sessionId, targetId);
    await Promise.all(["Page", "Runtime", "Log", "Network"].map((domain) => tab.send(`${domain}.enable`)));
    if (before) await tab.send("Page.addScriptToEvaluateOnNewDocument", { source: before });
    await tab.resize(width, height);
    await tab.send("Page.navigate", { url: pathToFileURL(file).href });
    await tab.until("document.documentElement?.dataset.ready !== undefined");
    return tab;
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    await this.send("Browser.close").catch(() => this.child.kill());
    await ended;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Tab {
  constructor(browser, session, target) {
    this.browser = browser;
    this.session = session;
    this.target = target;
    this.complaints = [];  // what the console, the page and the network complained of
    this.requests = [];
    browser.sessions.set(session, (method, params) => this.hear(method, params));
  }
  hear(method, params) {
    if (method === "Runtime.exceptionThrown") this.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) this.complaints.push(JSON.stringify(params.args));
    if (method === "Log.entryAdded" && params.entry.level === "error") this.complaints.push(params.entry.text);
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
  }
  send(method, params) {
    return this.browser.send(method, params, this.session);
  }
  resize(width, height) {
    return this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  }
  media(type) {
    return this.send("Emulation.setEmulatedMedia", { media: type });
  }
  colors(scheme) {
    return this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  }

  // The value of an expression in the page.
  async value(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  }
  async until(expression) {
    const end = Date.now() + PATIENCE_MS;
    while (!(await this.value(expression))) {
      if (Date.now() > end) throw new Error(`never: ${expression}; complaints: ${this.complaints.join("; ")}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  // Two frames: what was asked for is on the screen.
  settle() {
    return this.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
  }
  async moveTo(x, y) {
    await this.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
    await this.settle();
  }
  async click(x, y) {
    for (const type of ["mousePressed", "mouseReleased"]) await this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    await this.settle();
  }
  async press(key) {
    const codes = { ArrowLeft: 37, ArrowRight: 39, Escape: 27 };
    for (const type of ["keyDown", "keyUp"]) await this.send("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: codes[key] });
    await this.settle();
  }
  async drop(files) {
    const data = { items: [], files, dragOperationsMask: 1 };
    // The page answers an event after the browser has: the drop needs the answer to what came before.
    for (const type of ["dragEnter", "dragOver", "dragOver"]) {
      await this.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
      await this.settle();
    }
    await this.send("Input.dispatchDragEvent", { type: "drop", x: 200, y: 200, data });
  }
  // The middle of the first match, once it is in view.
  async placeOf(selector) {
    return this.value(`(() => { const e = document.querySelector(${JSON.stringify(selector)}); e.scrollIntoView({ block: "center" });
      const box = e.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2, left: box.x, top: box.y, width: box.width, height: box.height }; })()`);
  }
  // The whole page as a PNG file.
  async screenshot(file) {
    await this.settle();
    const { cssContentSize } = await this.send("Page.getLayoutMetrics");
    const { data } = await this.send("Page.captureScreenshot", {
      captureBeyondViewport: true,
      clip: { x: 0, y: 0, width: cssContentSize.width, height: Math.min(cssContentSize.height, 12000), scale: 1 },
    });
    await writeFile(file, Buffer.from(data, "base64"));
  }
  async print(file) {
    const { data } = await this.send("Page.printToPDF", { printBackground: true, preferCSSPageSize: false });
    const pdf = Buffer.from(data, "base64");
    await writeFile(file, pdf);
    return pdf;
  }
  close() {
    this.browser.sessions.delete(this.session);
    return this.browser.send("Target.closeTarget", { targetId: this.target });
  }
}
