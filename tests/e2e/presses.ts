import type { BrowserContext } from "@playwright/test";

/** From now on: everything that a person's pointer pressed, in any tab and on any site. */
export async function countPresses(context: BrowserContext): Promise<string[]> {
  const presses: string[] = [];
  await context.exposeBinding("pressed", (_source, words: string) => presses.push(words));
  await context.addInitScript(watchPresses);
  for (const page of context.pages()) await page.evaluate(watchPresses);
  return presses;
}

function watchPresses(): void {
  const { pressed } = window as unknown as { pressed: (words: string) => void };
  window.addEventListener(
    "pointerdown",
    ({ target }) => pressed(target instanceof HTMLElement ? target.textContent.slice(0, 60) : ""),
    { capture: true },
  );
}
