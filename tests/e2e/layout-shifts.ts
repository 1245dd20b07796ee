import type { Page } from "@playwright/test";

/** What moves on this page from now on without a person's doing: the sum of its layout-shift scores. */
export async function watchLayoutShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const seen = { total: 0 };
    Object.assign(window, { layoutShifts: seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[]) {
        if (!entry.hadRecentInput) seen.total += entry.value;
      }
    }).observe({ type: "layout-shift" });
  });
  return () =>
    page.evaluate(
      () => (window as unknown as { layoutShifts: { total: number } }).layoutShifts.total,
    );
}
