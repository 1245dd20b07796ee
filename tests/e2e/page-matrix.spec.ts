import { readFile } from "node:fs/promises";
import pLimit from "p-limit";
import { expect, test } from "@/tests/e2e/fixtures";
import { type PageStage, type Role, roles, setPageStage } from "@/tests/e2e/page-stage";
import { type RawAnswer, rawRequest } from "@/tests/e2e/raw-request";

/** A status; for a redirect, the whole target. `forbidden` is 403 with a message. */
type Outcome = number | string;

interface Row extends Record<Role, Outcome> {
  /** The component that only people who may see the page receive. Null: everyone may. */
  shows: string | null;
}

const signIn = "/sign-in?callbackUrl=";
const anybody = (outcome: Outcome) =>
  row(outcome, outcome, outcome, outcome, outcome, outcome, null);
const people = (shows: string) => row(signIn, 200, 200, 200, 200, signIn, shows);
/** Everyone except auditors. */
const users = (shows: string) => row(signIn, 200, 200, "forbidden", 200, signIn, shows);
const auditing = (shows: string) => row(signIn, "forbidden", "forbidden", 200, 200, signIn, shows);
const admins = (shows: string) =>
  row(signIn, "forbidden", "forbidden", "forbidden", 200, signIn, shows);

/** Who gets what from each page of the build. A page without a row fails. */
const matrix: Record<string, Row> = {
  "/": row("/sign-in", "/chat", "/chat", "/audit", "/mcp-servers", "/sign-in", null),
  "/_global-error": anybody(500),
  "/_not-found": anybody(404),
  "/assistants": users("AssistantList"),
  "/assistants/[assistantId]": admins("EditAssistant"),
  "/assistants/new": admins("NewAssistant"),
  "/assistants/[assistantId]/access": admins("AccessPage"),
  "/audit": auditing("AuditPage"),
  "/chat": users("ChatPage"),
  // The same for the whole team: the conversation itself belongs to its owner (role-matrix.test.ts).
  "/chat/[conversationId]": users("ChatPage"),
  "/connections": people("ConnectionList"),
  "/connections/everyone": auditing("ConnectionConsole"),
  // Usher sends no mail here.
  "/forgot-password": anybody("/sign-in"),
  "/get-started": admins("GetStartedPage"),
  "/invite/[token]": anybody(200),
  "/mcp-servers": admins("ServerList"),
  "/mcp-servers/[serverId]": admins("ServerDetail"),
  "/mcp-servers/[serverId]/access": admins("AccessPage"),
  "/mcp-servers/[serverId]/edit": admins("EditServer"),
  "/mcp-servers/new": admins("NewServer"),
  "/notices": users("NoticesPage"),
  "/oauth/complete": anybody(200),
  "/oauth/confirm": people("AuthorizationConfirm"),
  // Its id refers to nothing: authorization-links.test.ts covers who may open a real one.
  "/oauth/link/[authorizationId]": people("AuthorizationLinkRefused"),
  "/oauth/refused": anybody(403),
  "/people": admins("PeoplePage"),
  "/people/[userId]": admins("PersonPage"),
  "/people/[userId]/access": admins("PersonAccessPage"),
  "/people/groups": admins("GroupsPage"),
  "/people/groups/[groupId]": admins("GroupPage"),
  "/people/groups/new": admins("NewGroupPage"),
  "/refreshes": auditing("RefreshesPage"),
  "/reset-password/[resetToken]": anybody(200),
  "/settings": admins("SettingsPage"),
  "/two-factor": row(
    "/sign-in?callbackUrl=%2F",
    "/",
    "/",
    "/",
    "/",
    "/sign-in?callbackUrl=%2F",
    null,
  ),
  "/settings/account": people("AccountPage"),
  // Rendered on the server: the browser loads no component of it.
  "/settings/api": people("SettingsNav"),
  "/settings/api-keys": people("ApiKeysPage"),
  "/settings/doctor": admins("DoctorPage"),
  "/settings/models": admins("ModelsPage"),
  "/settings/webhooks": admins("WebhooksPage"),
  "/settings/webhooks/[webhookId]": admins("WebhookPage"),
  "/setup": anybody("/sign-in"),
  "/sign-in": row(200, "/", "/", "/", "/", 200, null),
};

const attacker = "attacker.example";
const subrequest = (name: string) => ({ "x-middleware-subrequest": name });
const fiveTimes = (name: string) => subrequest(Array(5).fill(name).join(":"));

/** Ways to request a page that once led, or could lead, past an app's check. */
const disguises: Record<string, (file: string) => Record<string, string>> = {
  "as the router does": () => ({ rsc: "1" }),
  "as the router does in advance": () => ({ rsc: "1", "next-router-prefetch": "1" }),
  "for its tree": () => prefetchOf("/_tree"),
  "for its first segment": () => prefetchOf("/_index"),
  "from inside the root layout": (file) => partial(file, 1),
  "from inside the next layout": (file) => partial(file, 2),
  "from inside the third": (file) => partial(file, 3),
  "from inside all": (file) => partial(file, 9),
  "from a tree that is none": () => ({ rsc: "1", "next-router-state-tree": "%5B%22" }),
  "as a subrequest of proxy": () => fiveTimes("proxy"),
  "as a subrequest of middleware": () => fiveTimes("middleware"),
  "as a subrequest of src/middleware": () => fiveTimes("src/middleware"),
  "as a subrequest of pages/_middleware": () => subrequest("pages/_middleware"),
  "as data of a page": () => ({ ...fiveTimes("proxy"), "x-nextjs-data": "1", purpose: "prefetch" }),
  "from another host": () => ({
    host: attacker,
    origin: `https://${attacker}`,
    referer: `https://${attacker}/`,
    "x-forwarded-host": attacker,
    "x-forwarded-proto": "https",
    forwarded: `host=${attacker};proto=https`,
  }),
  "under another path": () => ({
    "x-original-url": "/sign-in",
    "x-rewrite-url": "/sign-in",
    "x-invoke-path": "/sign-in",
    "x-matched-path": "/sign-in",
  }),
  "with what only our proxy says": () => ({
    ...fiveTimes("proxy"),
    "x-usher-path": `//${attacker}/`,
    "x-nonce": attacker,
    "content-security-policy": `script-src 'nonce-${attacker}'`,
  }),
};

let stage: PageStage;
/** The path of each page by its file, as built by Next: no other page can be requested. */
let built: Map<string, string>;

test.beforeAll(async () => {
  const manifest = await readFile(".next/app-path-routes-manifest.json", "utf8");
  const files = Object.entries(JSON.parse(manifest) as Record<string, string>);
  built = new Map(files.filter(([file]) => file.endsWith("/page")));
});

test("every page of the build has a row in the matrix, and no row is left without a page", () => {
  expect([...built.values()].toSorted()).toEqual(Object.keys(matrix).toSorted());
});

test("each page opens for those who may see it and reveals nothing to others, however they ask", async ({
  people,
  stage: usher,
}) => {
  // Some two thousand answers: a minute or two, on a busy machine ten.
  test.setTimeout(20 * 60_000);
  stage = await setPageStage(usher, people);
  for (const { name, value, foundBy } of stage.canaries) {
    const [role, path] = foundBy;
    expect((await ask(role, path)).body.includes(value), `${name} is at ${path}`).toBe(true);
  }
  const wrong: string[] = [];
  let answers = 0;
  await pLimit(8).map([...built], async ([file, page]) => {
    const path = stage.pathOf(page);
    const expected = rowOf(page);
    for (const role of roles) {
      const plain = await ask(role, path);
      const outcome = outcomeOf(plain, expected[role], path);
      if (outcome) wrong.push(`${role} at ${page}: ${outcome}`);
      const shown = expected[role] === 200 && expected.shows;
      if (shown && !speaksOf(plain.body, shown)) {
        wrong.push(`${role} at ${page}: is not given ${shown}`);
      }
      const others = Object.entries(disguises).map(
        async ([how, headers]) => [how, await ask(role, path, headers(file))] as const,
      );
      const given = await Promise.all([
        ...others,
        ask(role, path, { "next-action": "0".repeat(42) }, "POST").then(
          (a) => ["POST", a] as const,
        ),
      ]);
      for (const [how, answer] of [["plainly", plain] as const, ...given]) {
        answers += 1;
        const told = toldBy(answer, role, page);
        if (told.length > 0) wrong.push(`${role} at ${page}, ${how}: ${told.join(", ")}`);
      }
    }
  });
  expect(wrong).toEqual([]);
  expect(answers).toBe(built.size * roles.length * (Object.keys(disguises).length + 2));
});

function rowOf(page: string): Row {
  const found = matrix[page];
  if (!found) throw new Error(`Say in the matrix who may see ${page}`);
  return found;
}

/** Like the router, it asks again if the response names the key under which it is cached. */
async function ask(
  role: Role,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<RawAnswer> {
  const cookie = stage.cookies[role];
  const host = new URL(stage.origin).host;
  const all = { host, ...(cookie ? { cookie } : {}), ...headers };
  const answer = await rawRequest(stage.origin, path, { method, headers: all });
  const target = answer.headers.location;
  if (!headers.rsc || !target?.startsWith(`${path}?_rsc=`)) return answer;
  return rawRequest(stage.origin, target, { method, headers: all });
}

/** What is wrong with it; null if it matches the matrix. */
function outcomeOf(answer: RawAnswer, expected: Outcome, path: string): string | null {
  const { status, headers, body } = answer;
  if (expected === "forbidden") {
    const inWords = body.includes("You don’t have access to this page");
    return status === 403 && inWords ? null : `status ${status}, in words: ${inWords}`;
  }
  if (typeof expected === "number") return status === expected ? null : `status ${status}`;
  const target = expected === signIn ? signIn + encodeURIComponent(path) : expected;
  const { location = "" } = headers;
  return status === 307 && location === target ? null : `${status} to ${location}`;
}

/** What this role must not see but does; whoever asks knows what is in the path. */
function toldBy(answer: RawAnswer, role: Role, page: string): string[] {
  const text = JSON.stringify(answer.headers) + answer.body;
  const row = rowOf(page);
  const path = stage.pathOf(page);
  const secrets = stage.canaries.filter(
    ({ value, maySee, shownAt }) =>
      !maySee.includes(role) && !path.includes(value) && shownAt !== page,
  );
  const told = secrets.filter(({ value }) => text.includes(value)).map(({ name }) => name);
  const isRefused = row.shows !== null && row[role] !== 200;
  if (isRefused && speaksOf(text, row.shows ?? "")) told.push(row.shows ?? "");
  if (text.includes(attacker)) told.push("what the request said of a host");
  return told;
}

/** In the page's own data, where names are in quotes, or in quotes in a script. */
function speaksOf(text: string, component: string): boolean {
  return new RegExp(`"${component}\\\\?"`).test(text);
}

function prefetchOf(segment: string): Record<string, string> {
  return { rsc: "1", "next-router-prefetch": "1", "next-router-segment-prefetch": segment };
}

/**
 * The router's way to say that it already has a page's outer layouts and wants what is inside them: a
 * layout that is not requested checks no one.
 *
 * @param has of how many segments
 */
function partial(file: string, has: number): Record<string, string> {
  const names = ["", ...file.split("/").filter(Boolean)];
  const segments = names.map((name) => {
    if (name === "page") return "__PAGE__";
    const param = name.match(/^\[(\w+)\]$/)?.[0];
    return param ? [param.slice(1, -1), stage.pathOf(param), "d", null] : name;
  });
  const tree = segments
    .slice(0, has)
    .reduceRight<unknown>(
      (inside, segment) => [segment, { children: inside }],
      ["elsewhere", {}, null, "refetch"],
    );
  return { rsc: "1", "next-router-state-tree": encodeURIComponent(JSON.stringify(tree)) };
}

function row(
  anonymous: Outcome,
  memberA: Outcome,
  memberB: Outcome,
  auditor: Outcome,
  admin: Outcome,
  disabled: Outcome,
  shows: string | null,
): Row {
  return { anonymous, memberA, memberB, auditor, admin, disabled, shows };
}
