import pino, { type Logger } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GET as liveRoute } from "@/app/api/health/live/route";
import { PUT as changeRoute, GET as serverRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as authorizeRoute } from "@/app/oauth/authorize/[serverId]/route";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;

interface Line {
  level: "info" | "debug" | "error" | "warn";
  fields: Record<string, unknown>;
  /** In its state when the line is written. */
  requestId: string | undefined;
}

let lines: Line[];

beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  lines = [];
  for (const level of ["info", "debug", "error", "warn"] as const) {
    vi.spyOn(usher.app.log, level).mockImplementation((fields: unknown) => {
      const requestId = usher.app.requests.getStore()?.id;
      lines.push({ level, fields: fields as Record<string, unknown>, requestId });
    });
  }
});
afterEach(() => usher.close());

const read = (serverId: string, headers: Record<string, string> = {}, query = "") =>
  admin.visit(serverRoute, {
    path: `/api/mcp-servers/${serverId}${query}`,
    params: { serverId },
    headers,
  });

describe("a request", () => {
  it("is one line, with its pattern instead of ids and secrets", async () => {
    const response = await read("0b7f", {}, "?api_key=s3cret");
    const id = response.headers.get("x-request-id");
    expect(id).toMatch(/^[\w-]{36}$/);
    expect(lines).toEqual([
      {
        level: "info",
        requestId: id,
        fields: {
          ...{ method: "GET", route: "/api/mcp-servers/[serverId]", status: 404 },
          ...{ userId: admin.user.id, ms: expect.any(Number) },
        },
      },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/0b7f|s3cret/);
  });

  it("names its id in each error that a person sees, and on every line logged for it", async () => {
    vi.spyOn(usher.app.db.$byKey, "find").mockRejectedValue(new Error("broken"));
    const response = await read("0b7f");
    expect(response.status).toBe(500);
    const id = response.headers.get("x-request-id");
    expect((await response.json()).error.requestId).toBe(id);
    expect(lines.map(({ level, requestId }) => [level, requestId])).toEqual([
      ["error", id],
      ["info", id],
    ]);
    vi.restoreAllMocks();
  });

  it("keeps an id from a proxy in front, if it is well-formed", async () => {
    const given = "req-0123.ABC_xyz";
    expect((await read("a", { "x-request-id": given })).headers.get("x-request-id")).toBe(given);
    for (const bad of ["short", "x".repeat(65), "with space", 'a"b{c}d:123', "<script>alert", ""]) {
      const id = (await read("a", { "x-request-id": bad })).headers.get("x-request-id");
      expect(id, bad).toMatch(/^[\w-]{36}$/);
    }
  });

  it("without a session is attributed to no one, and a refused change has its line too", async () => {
    const nobody = admin.elsewhere();
    nobody.cookies.clear();
    const params = { serverId: "a" };
    await nobody.visit(changeRoute, {
      path: "/api/mcp-servers/a",
      params,
      method: "PUT",
      json: {},
    });
    expect(lines.map(({ fields }) => fields)).toMatchObject([
      { method: "PUT", status: 401, userId: null, route: "/api/mcp-servers/[serverId]" },
    ]);
  });

  it("from a browser navigation is one line as well", async () => {
    const params = { serverId: "a" };
    const response = await admin.visit(authorizeRoute, { path: "/oauth/authorize/a", params });
    expect(response.headers.get("x-request-id")).toBeTruthy();
    expect(lines.at(-1)?.fields).toMatchObject({
      ...{ method: "GET", route: "/oauth/authorize/[serverId]", status: 303 },
      userId: admin.user.id,
    });
  });

  it("from a platform's probe is logged only at debug", async () => {
    await admin.visit(liveRoute, { path: "/api/health/live" });
    expect(lines.map(({ level }) => level)).toEqual(["debug"]);
  });

  it("has its id on each line when it is written", async () => {
    vi.restoreAllMocks();
    await usher.close();
    usher = await startInstallation({ env: { LOG_LEVEL: "info" } });
    admin = await usher.join("ADMIN");
    const written: string[] = [];
    Object.assign(usher.app.log as Logger, {
      [pino.symbols.streamSym]: { write: (line: string) => written.push(line) },
    });
    const response = await read("a");
    const id = response.headers.get("x-request-id");
    expect(written.map((line) => JSON.parse(line))).toMatchObject([
      { msg: "request", requestId: id, route: "/api/mcp-servers/[serverId]", status: 404 },
    ]);
    usher.app.log.info("of no request");
    expect(JSON.parse(written.at(-1) ?? "")).not.toHaveProperty("requestId");
  });
});
