import type { Page } from "@playwright/test";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { expect, test } from "@/tests/e2e/fixtures";
import { fill } from "@/tests/e2e/server-form";
import { type OddProvider, startOddProvider, usualMetadata } from "@/tests/support/odd-provider";

const opened: OddProvider[] = [];
test.afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function discover(
  page: Page,
  replace: Parameters<typeof startOddProvider>[0],
): Promise<OddProvider> {
  const provider = await startOddProvider(replace);
  opened.push(provider);
  await fill(page, { "Server URL": provider.url });
  await page.getByRole("button", { name: "Discover", exact: true }).click();
  return provider;
}

const well = "/.well-known/oauth-authorization-server";

test.describe("the form asks for what only an admin can say, and axe finds no violation there:", () => {
  test("another issuer, and S256", async ({ people, stage }) => {
    const page = await people.visit(stage.admin, { path: "/mcp-servers/new?by=hand" });
    await discover(page, (origin) => ({
      servers: {
        [well]: usualMetadata(origin, {
          issuer: `${origin}/v2.0`,
          code_challenge_methods_supported: undefined,
        }),
      },
    }));
    await expect(page.getByText(/Use this issuer/).last()).toBeVisible();
    await expect(page.getByText(/This provider supports S256/).last()).toBeVisible();
    expect(await accessibilityProblems(page)).toEqual([]);
    await shots(page, "issuer-and-s256", page.getByText(/Use this issuer/).last());
  });

  test("an API key", async ({ people, stage }) => {
    const page = await people.visit(stage.admin, { path: "/mcp-servers/new?by=hand" });
    await discover(page, () => ({
      challenge: null,
      first: ({ path }) => (path === "/mcp" ? null : { status: 404 }),
    }));
    await expect(page.getByText(/Is it an API key\?/).first()).toBeVisible();
    expect(await accessibilityProblems(page)).toEqual([]);
    await shots(page, "api-key", page.getByText(/Is it an API key\?/).first());
  });
});

/** For visual inspection: SCREENSHOTS names a folder. */
async function shots(page: Page, name: string, at: ReturnType<Page["getByText"]>): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  for (const [width, colorScheme] of [
    [1440, "light"],
    [390, "light"],
    [1440, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await at.scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` });
  }
}
