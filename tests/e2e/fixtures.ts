import {
  type APIRequestContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Page,
} from "@playwright/test";
import type { AssistantInput } from "@/lib/contracts/assistant";
import type { RevokeInput } from "@/lib/contracts/connections/connection";
import type { ResetLink } from "@/lib/contracts/people/password-reset";
import type {
  AcceptInvitationInput,
  InviteInput,
  PeoplePage,
  Role,
} from "@/lib/contracts/people/person";
import { removeLists } from "@/tests/e2e/long-lists";
import { type Account, openStage, type Stage } from "@/tests/e2e/stage";

export { expect };

export interface Visit extends BrowserContextOptions {
  /** The first page to open; `/` unless given. */
  path?: string;
}

export interface People {
  /** Opens a separate browser for a person; null: signed out. */
  visit(account: Account | null, options?: Visit): Promise<Page>;
  /** Invites a person, who accepts. An e-mail address can be used only once. */
  join(name: string, role?: Role): Promise<Account>;
  /** As an admin creates it for a person. */
  resetLink(account: Account): Promise<string>;
  /** Creates an assistant with all tools of one server. It is deleted before the next story. */
  assistant(name: string, options: { serverId: string; model?: string }): Promise<void>;
  /** What this person's browser could ask the server for, without a browser. */
  api(account: Account): Promise<APIRequestContext>;
}

interface WorkerFixtures {
  stage: Stage;
  /** Sessions of this worker's people, by e-mail address. */
  sessions: Map<string, Session>;
}

interface TestFixtures {
  people: People;
  /** Whether a page fetches what its visible links lead to, as it does in a person's browser. */
  prefetch: boolean;
  freshStage: undefined;
}

type Session = Awaited<ReturnType<APIRequestContext["storageState"]>>;

export const test = base.extend<TestFixtures, WorkerFixtures>({
  stage: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off this pattern
    async ({}, use) => {
      const stage = await openStage();
      await use(stage);
      await stage.close();
    },
    { scope: "worker", timeout: 300_000 },
  ],
  sessions: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => use(new Map()),
    { scope: "worker" },
  ],
  baseURL: async ({ stage }, use) => use(stage.url),
  // Fetching links takes up to 40 % of a load's processor time. Stories about what changes while a page is open
  // turn it on: a page fetched earlier must not show what was true then.
  prefetch: [false, { option: true }],

  freshStage: [
    async ({ stage, people }, use, testInfo) => {
      await stage.reset();
      const before = stage.output.length;
      await cleanUp(stage, await people.api(stage.admin));
      await use(undefined);
      if (testInfo.status !== testInfo.expectedStatus) {
        const body = stage.output.slice(before).join("\n");
        await testInfo.attach("the server's output", { body, contentType: "text/plain" });
      }
    },
    { auto: true },
  ],

  people: async ({ stage, sessions, prefetch, browser, playwright }, use) => {
    const errors: string[] = [];
    const contexts: { close(): Promise<void> }[] = [];
    const requests: APIRequestContext[] = [];

    const open = async (storageState?: Session) => {
      const request = await playwright.request.newContext({
        baseURL: stage.url,
        extraHTTPHeaders: { origin: stage.url },
        ...(storageState && { storageState }),
      });
      requests.push(request);
      return request;
    };
    const sessionOf = async (account: Account) => {
      const known = sessions.get(account.email);
      if (known) return known;
      const session = await signIn(await open(), account);
      sessions.set(account.email, session);
      return session;
    };
    const api = async (account: Account) => open(await sessionOf(account));

    await use({
      api,
      visit: async (account, { path = "/", ...options } = {}) => {
        const context = await browser.newContext({
          baseURL: stage.url,
          ...(account && { storageState: await sessionOf(account) }),
          ...options,
        });
        contexts.push(context);
        context.on("weberror", (error) => errors.push(String(error.error().stack)));
        await context.addInitScript(reportViolations, violation);
        if (!prefetch) await context.addInitScript(ignoreVisibleLinks);
        context.on("console", (message) => {
          if (message.text().startsWith(violation)) errors.push(message.text());
        });
        const page = await context.newPage();
        await page.goto(path);
        return page;
      },
      assistant: async (name, { serverId, model = "" }) => {
        const admin = await api(stage.admin);
        const servers = [{ serverId, allTools: true, toolNames: [] }];
        const data: AssistantInput = { name, description: "", instructions: "", model, servers };
        expect((await admin.post("/api/assistants", { data })).status()).toBe(201);
      },
      resetLink: async ({ email }) => {
        const admin = await api(stage.admin);
        const found = await admin.get(`/api/people?${new URLSearchParams({ search: email })}`);
        const list = (await found.json()) as PeoplePage;
        const person = list.people.find((each) => each.email === email);
        const created = await admin.post(`/api/people/${person?.id}/reset-link`);
        expect(created.status()).toBe(201);
        return ((await created.json()) as ResetLink).link;
      },
      join: async (name, role = "MEMBER") => {
        const email = `${name.toLowerCase().replaceAll(" ", ".")}.${Date.now()}@usher.example`;
        const password = `${name}'s own password`;
        const admin = await api(stage.admin);
        const invited = await admin.post("/api/people/invitations", {
          data: { email, role } satisfies InviteInput,
        });
        expect(invited.status()).toBe(201);
        const { link } = (await invited.json()) as { link: string };
        const token = new URL(link).pathname.split("/").at(-1) ?? "";
        const somebody = await open();
        const accepted = await somebody.post("/api/invitations/accept", {
          data: { token, name, password } satisfies AcceptInvitationInput,
        });
        expect(accepted.ok()).toBe(true);
        return { email, password };
      },
    });

    await Promise.all([...contexts.map((one) => one.close()), ...requests.map((r) => r.dispose())]);
    expect(errors, "no page threw an error or broke its policy").toEqual([]);
  },
});

const violation = "The content security policy was violated";

/** Runs in each page before its own code. */
function reportViolations(words: string): void {
  document.addEventListener("securitypolicyviolation", (event) => {
    const { violatedDirective, blockedURI, sourceFile } = event;
    console.error(`${words}: ${violatedDirective} by ${blockedURI} in ${sourceFile}`);
  });
}

/** The router watches its links, and fetches what they lead to once they are in view. */
function ignoreVisibleLinks(): void {
  window.IntersectionObserver = class extends IntersectionObserver {
    override observe(target: Element): void {
      if (!(target instanceof HTMLAnchorElement)) super.observe(target);
    }
  };
}

/** What an earlier story left behind is removed the way an admin would remove it. */
async function cleanUp(stage: Stage, admin: APIRequestContext): Promise<void> {
  await removeLists(stage);
  const [left] = await stage.query<{ paths: string[] | null; authorized: string[] | null }>(
    `SELECT
       (SELECT array_agg(path) FROM (
         SELECT '/api/assistants/' || id AS path FROM "Assistant" WHERE name <> 'Guide'
         UNION ALL SELECT '/api/mcp-servers/' || id FROM "McpServer" WHERE id NOT IN ($1, $2)
       ) AS extra) AS paths,
       (SELECT array_agg(DISTINCT "serverId") FROM "StoredTokenSet"
         WHERE "serverId" IN ($1, $2)) AS authorized`,
    [stage.handbookId, stage.personalId],
  );
  for (const path of left?.paths ?? []) {
    expect((await admin.delete(path)).status(), path).toBe(204);
  }
  for (const id of left?.authorized ?? []) {
    const path = `/oauth/revoke/${id}`;
    expect(
      (await admin.post(path, { data: { what: "server" } satisfies RevokeInput })).ok(),
      path,
    ).toBe(true);
  }
  // From accounts that a story made up: no key opens their tokens, which the doctor would report.
  await stage.query('DELETE FROM "TokenRevocation"');
  await stage.query('DELETE FROM "Webhook"');
}

/** As the sign-in page does. */
async function signIn(request: APIRequestContext, account: Account): Promise<Session> {
  const { csrfToken } = await (await request.get("/api/auth/csrf")).json();
  const answer = await request.post("/api/auth/callback/credentials", {
    form: { ...account, csrfToken, json: "true" },
  });
  expect(answer.ok(), `${account.email} signs in`).toBe(true);
  return request.storageState();
}
