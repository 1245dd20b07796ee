import type { Page } from "playwright";

/** A place of the main navigation, and the heading by which a person knows that they are there. */
export interface Place {
  path: string;
  link: string;
  heading: string;
}

export const places: readonly Place[] = [
  { path: "/connections", link: "Connections", heading: "Connections" },
  { path: "/assistants", link: "Assistants", heading: "Assistants" },
  { path: "/chat", link: "Chat", heading: "Chat" },
  { path: "/refreshes", link: "Refreshes", heading: "Refreshes" },
  { path: "/people", link: "People", heading: "People" },
  { path: "/audit", link: "Audit", heading: "Audit" },
  { path: "/settings", link: "Settings", heading: "Settings" },
  { path: "/mcp-servers", link: "MCP Servers", heading: "MCP servers" },
];

/**
 * From a click in the main navigation to the frame that shows the page's heading, in ms, as the page's
 * own clock has it: what the machine takes to bring the click to the page is not the product's.
 */
export async function clickThrough(page: Page, { link, heading }: Place): Promise<number> {
  const timed = page.evaluate(
    (expected) =>
      new Promise<number>((resolve) => {
        let clickedAt = Number.NaN;
        document.addEventListener("click", ({ timeStamp }) => (clickedAt = timeStamp), {
          once: true,
          capture: true,
        });
        const isThere = () =>
          !Number.isNaN(clickedAt) &&
          [...document.querySelectorAll("main h1")].some(
            (each) => each.textContent?.trim().toLowerCase() === expected.toLowerCase(),
          );
        const observer = new MutationObserver(() => {
          if (!isThere()) return;
          observer.disconnect();
          requestAnimationFrame(() => resolve(performance.now() - clickedAt));
        });
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
      }),
    heading,
  );
  await page
    .getByRole("navigation", { name: "Main" })
    .getByRole("link", { name: link, exact: true })
    .click();
  return timed;
}
