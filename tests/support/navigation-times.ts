import type { Page } from "playwright";

/** A place of the main navigation. */
export interface Place {
  path: string;
  link: string;
}

/** ms. Anything longer has gone wrong. */
const patience = 15_000;

export const places: readonly Place[] = [
  { path: "/connections", link: "Connections" },
  { path: "/assistants", link: "Assistants" },
  { path: "/chat", link: "Chat" },
  { path: "/refreshes", link: "Refreshes" },
  { path: "/people", link: "People" },
  { path: "/audit", link: "Audit" },
  { path: "/settings", link: "Settings" },
  { path: "/mcp-servers", link: "MCP Servers" },
];

/** Where the page keeps the data of a measurement. */
interface Marked {
  markedAt?: number;
  oldHeading?: Element | null;
}

/** Records the moment of the next click or key as `markedAt`, by the page's own clock. */
export function markNext(page: Page, event: "click" | "keydown"): Promise<void> {
  return page.evaluate((event) => {
    const marked = window as Marked;
    delete marked.markedAt;
    document.addEventListener(
      event,
      ({ timeStamp }) => {
        marked.markedAt = timeStamp;
      },
      { once: true, capture: true },
    );
  }, event);
}

/**
 * From a click in the main navigation to the frame that shows the page's heading, in ms, by the page's
 * own clock: the time the machine takes to deliver the click to the page is not the product's.
 */
export async function clickThrough(page: Page, { path, link }: Place): Promise<number> {
  await markNext(page, "click");
  await page.evaluate(() => {
    (window as Marked).oldHeading = document.querySelector("main h1");
  });
  const shown = page.waitForFunction(
    (path) => {
      const { markedAt, oldHeading } = window as Marked;
      const heading = document.querySelector("main h1");
      const isThere = location.pathname.startsWith(path) && heading && heading !== oldHeading;
      return markedAt !== undefined && isThere && performance.now() - markedAt;
    },
    path,
    { polling: "raf", timeout: patience },
  );
  await page
    .getByRole("navigation", { name: "Main" })
    .getByRole("link", { name: link, exact: true })
    .click();
  return Number(await (await shown).jsonValue());
}
