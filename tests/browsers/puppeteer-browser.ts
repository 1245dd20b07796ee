import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import puppeteer, { type ElementHandle, type Page } from "puppeteer-core";
import { type DrivenBrowser, waitMs } from "@/tests/browsers/driven-browser";

/** Chromium, and Firefox by WebDriver BiDi. */
export async function openPuppeteerBrowser(
  name: "chrome" | "firefox",
  executablePath: string,
  /** Only errors on this page's own origin count. */
  origin: string,
): Promise<DrivenBrowser> {
  const profile = await mkdtemp(path.join(tmpdir(), "usher-browser-"));
  const browser = await puppeteer.launch({
    browser: name,
    executablePath,
    userDataDir: profile,
    args: name === "chrome" ? ["--no-sandbox", "--disable-quic"] : [],
    defaultViewport: { width: 1440, height: 900 },
    // Nothing from the machine's other profiles or proxies.
    extraPrefsFirefox: { "network.proxy.type": 0 },
  });
  const errors: string[] = [];
  let page = await browser.newPage();
  listen(page);

  function listen(opened: Page): void {
    opened.on("pageerror", (error) => {
      if (opened.url().startsWith(origin)) errors.push(String(error));
    });
  }
  async function find(xpath: string): Promise<ElementHandle<Element>> {
    const found = await page.waitForSelector(`::-p-xpath(${xpath})`, {
      visible: true,
      timeout: waitMs,
    });
    if (!found) throw new Error(`${xpath} was not found.`);
    return found as ElementHandle<Element>;
  }

  return {
    errors,
    open: async (url) => void (await page.goto(url)),
    click: async (xpath) => (await find(xpath)).click(),
    type: async (xpath, text) => (await find(xpath)).type(text),
    see: async (xpath) => void (await find(xpath)),
    inNewTab: async (open, work) => {
      const before = page;
      const opened = new Promise<Page>((resolve) =>
        before.once("popup", (tab) => resolve(tab as Page)),
      );
      const known = new Set(await browser.pages());
      await open();
      // A tab without an opener is not a popup.
      page = await Promise.race([opened, newPage(() => browser.pages(), known)]);
      listen(page);
      await work();
      page = before;
      await page.bringToFront();
    },
    screenshot: async () => Buffer.from(await page.screenshot()),
    close: async () => {
      await browser.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

async function newPage(pages: () => Promise<Page[]>, known: ReadonlySet<Page>): Promise<Page> {
  for (const startedAt = Date.now(); Date.now() - startedAt < waitMs; ) {
    const found = (await pages()).find((page) => !known.has(page));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("No tab was opened.");
}
