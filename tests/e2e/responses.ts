import type { BrowserContext, Response } from "@playwright/test";

/** Every text that Usher sends to a browser from now on: pages, data, streams, redirects. */
export function recordResponses(context: BrowserContext): { texts(): Promise<string[]> } {
  const texts: Promise<string>[] = [];
  context.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.startsWith("/_next/static/")) texts.push(textOf(response));
  });
  return { texts: () => Promise.all(texts) };
}

async function textOf(response: Response): Promise<string> {
  const headers = JSON.stringify(await response.allHeaders().catch(() => ({})));
  // The browser keeps no body for a redirect, nor for a page that it has left.
  const body = await response.text().catch(() => "");
  return `${response.url()}\n${headers}\n${body}`;
}
