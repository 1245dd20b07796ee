import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testServer } from "@/lib/calls/test-server";
import { createServer } from "@/lib/servers/save";
import { type HostileMcpServer, startHostileMcpServer } from "@/tests/support/hostile-mcp-server";
import { hostileTexts } from "@/tests/support/hostile-text";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { serverInput } from "@/tests/support/server-input";

let usher: Installation;
let server: HostileMcpServer;

beforeAll(async () => {
  usher = await startInstallation();
  server = await startHostileMcpServer();
});
afterAll(async () => {
  await usher.close();
  await server.close();
});

describe("a list of tools with hostile text in every field", () => {
  it("is stored, without any tool whose name hides something", async () => {
    const id = await createServer(usher.app, serverInput({ name: "Hostile", url: server.url }));
    const admin = await usher.join("ADMIN");
    const steps: unknown[] = [];
    for await (const step of testServer(usher.app, id, admin.user.id)) steps.push(step);
    expect(steps.at(-1)).toMatchObject({ step: "save", state: "done" });

    const { tools } = await usher.app.db.toolCatalogue.findUniqueOrThrow({
      where: { serverId: id },
    });
    const names = (tools as { name: string }[]).map(({ name }) => name);
    expect(names).toHaveLength(7 + Object.keys(hostileTexts).length);
    expect(names).toEqual(expect.arrayContaining(["answer", "__proto__", "constructor"]));
    // Markup is text like any other.
    expect(names.filter((name) => !/^\w+$/.test(name))).toEqual(["<img src=x onerror=alert(1)>"]);
  });
});
