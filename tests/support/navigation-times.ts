import type { Page } from "playwright";

/** A place of the main navigation. */
export interface Place {
  path: string;
  link: string;
}

/** ms. What takes longer has gone wrong. */
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

/**
 * From a click in the main navigation to the frame that shows the page's heading, in ms, as the page's
 * own clock has it: what the machine takes to bring the click to the page is not the product's.
 */
export async function clickThrough(page: Page, { path, link }: Place): Promise<number> {
  const timed = page.evaluate(
    ([path, patience]) =>
      new Promise<number>((resolve, reject) => {
        let clickedAt = Number.NaN;
        const old = document.querySelector("main h1");
        document.addEventListener("click", ({ timeStamp }) => (clickedAt = timeStamp), {
          once: true,
          capture: true,
        });
        const observer = new MutationObserver(() => {
          const heading = document.querySelector("main h1");
          const isThere = location.pathname.startsWith(path) && heading && heading !== old;
          if (!isThere || Number.isNaN(clickedAt)) return;
          observer.disconnect();
          requestAnimationFrame(() => resolve(performance.now() - clickedAt));
        });
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
        setTimeout(() => reject(new Error(`${path} has not come.`)), patience);
      }),
    [path, patience] as const,
  );
  await page
    .getByRole("navigation", { name: "Main" })
    .getByRole("link", { name: link, exact: true })
    .click();
  return timed;
}
