import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";
import type { AxeResults, RunOptions } from "axe-core";

const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

/** In this order, since a page that changes its theme or its size is styled again as a whole. */
const looks = [
  { size: desktop, colorScheme: "light" },
  { size: desktop, colorScheme: "dark" },
  { size: phone, colorScheme: "dark" },
  { size: phone, colorScheme: "light" },
] as const;

/** Rules that depend on the theme. The others read what both themes share. */
const rulesOfColour: RunOptions = {
  runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
};

/**
 * What axe-core finds on the page as it is: on a desktop and on a phone, in light and in dark.
 * One line per finding; empty is good.
 *
 * @param without rules that do not apply here
 */
export async function accessibilityProblems(
  page: Page,
  without: readonly string[] = [],
): Promise<string[]> {
  // The router sets it shortly after the page is shown.
  await page.waitForFunction(() => document.title !== "");
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  // Not as a script of the page: its content security policy allows none of ours.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(await axeSource());
  const problems: string[] = [];
  for (const { size, colorScheme } of looks) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    await themeSettled(page, colorScheme);
    const found = await run(page, colorScheme === "light" ? { rules } : rulesOfColour);
    problems.push(...found.map((line) => `${size.width} px, ${colorScheme}: ${line}`));
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(desktop);
  return problems;
}

/** The page follows the system's theme with a short delay. */
async function themeSettled(page: Page, theme: "light" | "dark"): Promise<void> {
  await expect(page.locator("html")).toHaveClass(new RegExp(`\\b${theme}\\b`));
}

async function run(page: Page, options: RunOptions): Promise<string[]> {
  return page.evaluate(async (given) => {
    // Finished, not awaited: an animation that is paused, or whose element is not rendered, never finishes.
    for (const animation of document.getAnimations()) {
      const endless = animation.effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY;
      if (!endless) animation.finish();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { axe } = window as unknown as {
      axe: { run(context: object, options: object): Promise<AxeResults> };
    };
    // A notice appears and disappears automatically, and adopts a new theme with its own delay.
    const context = { exclude: ["[data-sonner-toaster]"] };
    // Style sheets and media that none of these rules looks at would be fetched again each time.
    const usual = { resultTypes: ["violations"], preload: false, iframes: false };
    const { violations } = await axe.run(context, { ...usual, ...given });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, any, html }) => {
        const why = any.map(({ message }) => message).join("; ");
        return `${id} at ${target.join(" ")}: ${why} ${html.slice(0, 160)}`;
      }),
    );
  }, options);
}

let source: Promise<string> | undefined;

function axeSource(): Promise<string> {
  source ??= readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  return source;
}
