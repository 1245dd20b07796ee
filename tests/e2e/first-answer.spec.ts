import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Locator, Page } from "@playwright/test";
import { startAuthorizationServer } from "@/demo/authorization-server";
import { startPersonalFiles } from "@/demo/practice-files";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent } from "@/tests/e2e/provider-page";
import type { Stage } from "@/tests/e2e/stage";

const opened: { close(): Promise<void> }[] = [];
let restarted: Stage | null = null;
test.afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  await restarted?.stop();
  await restarted?.start();
  restarted = null;
});

/** Usher with a company's own entry in the catalogue. */
async function offer(stage: Stage, entry: Partial<VendorServer>): Promise<void> {
  const file = path.join(stage.folder, "catalogue.json");
  await writeFile(file, JSON.stringify([{ ...practiceEntry, ...entry }]));
  restarted = stage;
  await stage.stop();
  await stage.start({ CATALOGUE_FILE: file });
}

const practiceEntry: VendorServer = {
  id: "practice-wiki",
  name: "Practice Wiki",
  vendor: "Practice",
  category: "work",
  description: "Read and write the team’s practice files.",
  color: "#0b7285",
  url: "https://wiki.example.com/mcp",
  urlParts: [],
  transport: "STREAMABLE_HTTP",
  registration: "DYNAMIC",
  approvedClientsOnly: false,
  authorizationHosts: [],
  endpoints: null,
  scopes: { recommended: null, readOnly: null },
  header: null,
  quirks: {},
  steps: [],
  setupUrl: null,
  note: null,
  enterpriseManaged: false,
  documentation: "https://wiki.example.com/docs",
  sources: ["https://wiki.example.com/docs"],
  checkedOn: "2026-11-27",
};

/** A person's actions with mouse and keyboard, counted. */
class Trip {
  clicks = 0;
  fields = 0;

  async click(what: Locator): Promise<void> {
    this.clicks += 1;
    await what.click();
  }

  async type(what: Locator, text: string): Promise<void> {
    this.fields += 1;
    await what.fill(text);
  }
}

/** From the page of an added server to the tool's answer. */
async function goOn(page: Page, trip: Trip, question: string, answer: string): Promise<void> {
  await trip.click(page.getByRole("link", { name: "Authorize Practice Wiki" }));
  trip.clicks += 1;
  await consent(page, "Ada Lovelace");
  await trip.click(page.getByRole("button", { name: "Add to an assistant" }));
  await trip.click(page.getByRole("button", { name: "Add", exact: true }));
  await trip.click(page.getByRole("link", { name: "Try it in the chat" }));
  const chat = Chat.onPage(page);
  await expect(chat.input).toBeFocused();
  await trip.type(chat.input, question);
  await chat.input.press("Enter");
  await expect(chat.answer).toContainText(answer);
}

test("where the vendor registers clients, it takes at most 7 clicks and 2 typed fields from a tile to a tool's answer", async ({
  people,
  stage,
}) => {
  test.slow();
  const provider = await startAuthorizationServer({ redirectUris: [], registration: true });
  opened.push(provider);
  const files = await startPersonalFiles({ provider, dataDir: path.join(stage.folder, "wiki") });
  opened.push(files);
  await offer(stage, { url: files.url });
  const page = await people.visit(stage.admin, { path: "/mcp-servers/new" });
  const trip = new Trip();
  await trip.click(page.getByRole("link", { name: "Practice Wiki" }));
  await expect(page.getByText(/Usher registers itself: nothing to enter/)).toBeInViewport();
  expect(await accessibilityProblems(page)).toEqual([]);
  await trip.click(page.getByRole("button", { name: "Add Practice Wiki" }));
  await goOn(page, trip, "List the Practice Wiki", "todo.md");
  expect(trip.clicks).toBeLessThanOrEqual(7);
  expect(trip.fields).toBeLessThanOrEqual(2);
});

test("with an OAuth app, it takes at most 9 clicks and 3 typed fields, and the steps are shown beside them", async ({
  people,
  stage,
}) => {
  test.slow();
  const { handbook, provider } = stage;
  await offer(stage, {
    url: handbook.url,
    registration: "PRE_REGISTERED",
    steps: ["Open the practice provider.", "Add {callbackUrl} as a redirect URI."],
    setupUrl: "https://wiki.example.com/apps",
  });
  const page = await people.visit(stage.admin, { path: "/mcp-servers/new?search=wiki" });
  const trip = new Trip();
  await trip.click(page.getByRole("link", { name: "Practice Wiki" }));
  await expect(page.getByText(`Add ${stage.url}/oauth/callback as a redirect URI.`)).toBeVisible();
  await expect(page.getByRole("button", { name: "Copy callback URL" })).toBeVisible();
  const clientId = page.getByRole("textbox", { name: "Client ID" });
  await expect(clientId).toBeFocused();
  await page.getByRole("button", { name: "Add Practice Wiki" }).click();
  await expect(clientId).toHaveAccessibleDescription(/Enter the client ID of your Practice app/);
  expect(await accessibilityProblems(page)).toEqual([]);
  await trip.type(clientId, provider.clientId);
  await trip.type(page.getByRole("textbox", { name: "Client secret" }), provider.clientSecret);
  await trip.click(page.getByRole("button", { name: "Add Practice Wiki" }));
  await goOn(page, trip, "Read onboarding.md from the Practice Wiki", "Gertrude");
  expect(trip.clicks).toBeLessThanOrEqual(9);
  expect(trip.fields).toBeLessThanOrEqual(3);
});
