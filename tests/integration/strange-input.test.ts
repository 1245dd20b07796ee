import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Installation,
  publicUrl,
  startInstallation,
  visitorFor,
} from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

type Handler = Parameters<Visitor["visit"]>[0];
const root = path.resolve(import.meta.dirname, "../..");
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
const found: [string, Handler][] = [];
let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  for (const file of readdirSync(path.join(root, "app"), { recursive: true, encoding: "utf8" })) {
    // next-auth's own routes work only inside Next: tests/e2e/strange-addresses.spec.ts.
    if (!/(^|\/)route\.tsx?$/.test(file) || file.includes("nextauth")) continue;
    const exported = await import(/* @vite-ignore */ path.join(root, "app", file));
    for (const method of methods) {
      const name = `${method} /${path.dirname(file)}`;
      if (exported[method]) found.push([name, exported[method]]);
    }
  }
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
});
afterAll(() => usher.close());

async function signedIn(): Promise<Visitor> {
  const { id } = admin.user;
  return visitorFor(usher.app, await usher.app.db.user.findUniqueOrThrow({ where: { id } }));
}

/** This installation allows one person many changes. */
async function ask(
  name: string,
  handler: Handler,
  how: { id?: string; query?: string; json?: unknown },
) {
  await usher.app.db.rateLimit.deleteMany();
  const [method = "", pattern = ""] = name.split(" ");
  const { id = "plain", query = "", json } = how;
  const params: Record<string, string> = {};
  const filled = pattern.replace(/\[(\w+)\]/g, (_, param: string) => {
    params[param] = id;
    return encodeURIComponent(id);
  });
  const takesBody = !["GET", "HEAD", "DELETE"].includes(method);
  // Some of these routes end sessions.
  const visitor = await signedIn();
  const response = await visitor.visit(handler, {
    path: filled + query,
    method,
    params,
    ...(takesBody ? { json: json ?? {} } : {}),
  });
  return {
    status: response.status,
    location: response.headers.get("location"),
    text: await response.text(),
  };
}

const nul = "\0";
const half = "\ud800";

describe("every method of every route", () => {
  it("is covered", () => {
    expect(found.length).toBeGreaterThan(40);
  });

  it.each([
    ["NUL in an id", { id: `a${nul}b` }],
    ["NUL alone as an id", { id: nul }],
    ["%00 in the query", { query: "?cursor=%00&state=%00&code=a%00b&from=%00&q=%00" }],
    ["%00 in a name of the query", { query: "?%00=1" }],
    ["malformed escapes in the query", { query: "?state=%zz&cursor=%ff%fe&format=%&from=%c3" }],
  ] as const)("answers %s in words, and never with a server error", async (_, how) => {
    const broken: string[] = [];
    for (const [name, handler] of found) {
      const { status, text } = await ask(name, handler, how);
      if (status >= 500) broken.push(`${name}: ${status} ${text.slice(0, 80)}`);
    }
    expect(broken).toEqual([]);
  });

  it("answers 404 to an id that no text can be, and 400 to such a query", async () => {
    const wrong: string[] = [];
    for (const [name, handler] of found) {
      const isPublic =
        /auth\/|cron|health|setup|invitations\/accept|api\/(reset|forgot)-password/.test(name);
      if (isPublic || name.startsWith("HEAD")) continue;
      const hasId = name.includes("[");
      const { status, text } = await ask(name, handler, hasId ? { id: nul } : { query: "?a=%00" });
      if (status !== (hasId ? 404 : 400) || !/character/.test(text))
        wrong.push(`${name}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  const deep = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth));
  it.each([
    ["NUL", `a${nul}b`],
    ["a lone surrogate", `a${half}b`],
    ["150 levels of nesting", deep(150)],
  ] as const)("rejects %s anywhere in a body", async (_, value) => {
    const broken: string[] = [];
    const fields = {
      ...{ name: value, email: value, title: value, text: value, input: value, kind: value },
      ...{ url: value, token: value, password: value, currentPassword: value, message: value },
      ...{
        servers: [value],
        oauth: { clientId: value },
        answer: { [`${value}`.slice(0, 20)]: value },
      },
    };
    for (const [name, handler] of found) {
      for (const json of [fields, value, [fields]]) {
        const { status, text } = await ask(name, handler, { json });
        if (status >= 500) broken.push(`${name}: ${status} ${text.slice(0, 80)}`);
      }
    }
    expect(broken).toEqual([]);
  });
});

it("rejects a body nested 100,000 levels deep with 400, immediately", async () => {
  const { POST } = await import("@/app/api/mcp-servers/route");
  const visitor = await signedIn();
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    for (const depth of [3_000, 40_000]) {
      const body = open.repeat(depth) + (open === "[" ? "" : "1") + close.repeat(depth);
      const request = new Request(`${publicUrl}/api/mcp-servers`, {
        method: "POST",
        body: body.slice(0, 250_000),
        headers: {
          origin: publicUrl,
          cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        },
      });
      const response = await POST(request, { params: Promise.resolve({} as never) });
      expect(response.status).toBe(400);
      expect(await response.text()).toMatch(/nests|not JSON/);
    }
  }
});
