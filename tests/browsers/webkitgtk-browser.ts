import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Builder, By, until, type WebDriver } from "selenium-webdriver";
import { type DrivenBrowser, waitMs } from "@/tests/browsers/driven-browser";
import { freePort } from "@/tests/e2e/next-server";

export interface WebKitGtk {
  /** WebKitWebDriver. */
  driver: string;
  /** The smallest browser around the engine; it is installed with it. */
  miniBrowser: string;
  /** A display without a screen. */
  xvfb: string;
}

/** Safari's engine. */
export async function openWebKitGtk(programs: WebKitGtk): Promise<DrivenBrowser> {
  const home = await mkdtemp(path.join(tmpdir(), "usher-webkit-"));
  const processes: ChildProcess[] = [];
  const display = await startDisplay(programs.xvfb, processes);
  const port = await freePort();
  const driverProcess = spawn(programs.driver, [`--port=${port}`, "--host=127.0.0.1"], {
    env: { ...process.env, HOME: home, DISPLAY: display },
    stdio: "ignore",
  });
  processes.push(driverProcess);
  const driver = await connect(`http://127.0.0.1:${port}`, programs.miniBrowser);
  await driver.manage().window().setRect({ width: 1440, height: 900, x: 0, y: 0 });

  const find = async (xpath: string) => {
    const found = await driver.wait(until.elementLocated(By.xpath(xpath)), waitMs, xpath);
    return driver.wait(until.elementIsVisible(found), waitMs, xpath);
  };
  return {
    errors: [],
    open: (url) => driver.get(url),
    click: (xpath) => patiently(async () => (await find(xpath)).click()),
    type: (xpath, text) => patiently(async () => (await find(xpath)).sendKeys(text)),
    see: async (xpath) => void (await patiently(() => find(xpath))),
    inNewTab: async (open, work) => {
      const before = await driver.getWindowHandle();
      const known = new Set(await driver.getAllWindowHandles());
      await open();
      const opened = await driver.wait(
        async () =>
          (await driver.getAllWindowHandles()).find((handle) => !known.has(handle)) ?? false,
        waitMs,
        "no tab was opened",
      );
      await driver.switchTo().window(opened as string);
      await work();
      await driver.switchTo().window(before);
    },
    screenshot: async () => Buffer.from(await driver.takeScreenshot(), "base64"),
    close: async () => {
      await driver.quit().catch(() => {});
      for (const child of processes.reverse()) await end(child);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** React may remove an element between finding and using it. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const startedAt = Date.now(); ; ) {
    try {
      return await work();
    } catch (error) {
      const passing = /stale|not interactable|intercepted/i.test(String(error));
      if (!passing || Date.now() - startedAt > waitMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Xvfb chooses a free display and writes its number to the given descriptor. */
async function startDisplay(xvfb: string, processes: ChildProcess[]): Promise<string> {
  const child = spawn(
    xvfb,
    ["-displayfd", "3", "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
    {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    },
  );
  processes.push(child);
  const output = child.stdio[3] as NodeJS.ReadableStream;
  const [number] = (await once(output, "data")) as [Buffer];
  return `:${number.toString().trim()}`;
}

async function connect(server: string, miniBrowser: string): Promise<WebDriver> {
  for (const startedAt = Date.now(); ; ) {
    try {
      return await new Builder()
        .usingServer(server)
        .withCapabilities({
          browserName: "MiniBrowser",
          "webkitgtk:browserOptions": { binary: miniBrowser, args: ["--automation"] },
        })
        .build();
    } catch (error) {
      if (Date.now() - startedAt > waitMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
