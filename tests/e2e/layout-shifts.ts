import type { Page } from "@playwright/test";

/** Everything that shifts on this page from now on without a person's action: the sum of layout-shift scores. */
export async function watchLayoutShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(observe);
  return async () => (await layoutShifts(page)).total;
}

/** The same for every page loaded from now on, from its first paint. */
export function watchLayoutShiftsOfLoads(page: Page): Promise<unknown> {
  return page.addInitScript(observe);
}

export interface LayoutShifts {
  total: number;
  /** The HTML of what shifted. */
  moved: string[];
}

export function layoutShifts(page: Page): Promise<LayoutShifts> {
  return page.evaluate(() => (window as unknown as { layoutShifts: LayoutShifts }).layoutShifts);
}

function observe(): void {
  const seen: LayoutShifts = { total: 0, moved: [] };
  Object.assign(window, { layoutShifts: seen });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      value: number;
      hadRecentInput: boolean;
      sources: { node: Node | null }[];
    })[]) {
      if (entry.hadRecentInput) continue;
      seen.total += entry.value;
      for (const { node } of entry.sources) {
        seen.moved.push(node instanceof Element ? node.outerHTML.slice(0, 200) : "text");
      }
    }
  }).observe({ type: "layout-shift" });
}
