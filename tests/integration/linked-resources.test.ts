import { describe, expect, test } from "vitest";
import type { ToolCallRequest, ToolCallResult } from "@/lib/chat/context";
import { AuthorizationRequiredError } from "@/lib/errors";
import { type ChatFixture, send, startChatFixture, text } from "@/tests/support/chat-fixture";
import { closedAfterEach } from "@/tests/support/closed-after-each";
import { fixtureConnections, httpTarget, startMcpFixture } from "@/tests/support/mcp-fixture";
import type { ModelScript, ModelStep } from "@/tests/support/openai-server";

const closing = closedAfterEach();

const report = "reports://2026/q3";

function link(uri: string): ToolCallResult {
  const part = { type: "resource_link", uri, name: "Third quarter", description: "Figures" };
  return { content: [part], isError: false, truncated: false };
}

/** One server whose `find` links to a report, and whose resources are read by `read`. */
async function fixture(
  script: ModelScript,
  read: (call: ToolCallRequest) => ToolCallResult = ({ input }) => text(`Contents of ${input.uri}`),
): Promise<{ chat: ChatFixture; reads: ToolCallRequest[] }> {
  const find = { name: "find", readOnly: true, run: () => link(report) };
  const servers = [
    { name: "Reports", tokenSharing: "PER_USER" as const, tools: [find] },
    { name: "Other", tools: [{ name: "find", readOnly: true, run: () => text("nothing") }] },
  ];
  const chat = await startChatFixture(servers, script);
  closing.push(chat.close);
  chat.connect("Reports", chat.ada);
  const { callTool } = chat.ctx;
  const reads: ToolCallRequest[] = [];
  chat.ctx.callTool = async (call) => {
    if (!call.readsResource) return callTool(call);
    reads.push(call);
    return read(call);
  };
  return { chat, reads };
}

function call(name: string, args: unknown): ModelStep[] {
  return [{ type: "tool-call", name, arguments: args }];
}

const done: ModelStep[] = [{ type: "text", deltas: ["Done."] }];

/** One call after another, then the end. */
function script(...calls: ModelStep[][]): ModelScript {
  return (_, turn) => calls[turn] ?? done;
}

function offeredNames({ model }: ChatFixture): string[][] {
  return model.requests.map(({ body }) => (body.tools ?? []).map((tool) => tool.function.name));
}

function toolMessages({ model }: ChatFixture): string {
  const last = model.requests.at(-1)?.body.messages ?? [];
  return JSON.stringify(last.filter(({ role }) => role === "tool"));
}

const readReport = call("reports__read_resource", { uri: report });

test("what a tool links to can be read through the same server, in this turn and later", async () => {
  const { chat, reads } = await fixture(script(call("reports__find", {}), readReport, done, done));
  const id = await chat.start();
  await chat.turn(id, send("How was the third quarter?"));

  const usual = ["other__find", "reports__find"];
  const extended = [...usual, "reports__read_resource"];
  expect(offeredNames(chat)).toEqual([usual, extended, extended]);
  expect(reads).toMatchObject([
    { serverId: chat.serverIds.Reports, toolName: "resources/read", input: { uri: report } },
  ]);
  expect(reads[0]?.user.id).toBe(chat.ada.id);
  expect(toolMessages(chat)).toContain(`Contents of ${report}`);

  await chat.turn(id, send("And now?"));
  expect(offeredNames(chat).at(-1)).toEqual(extended);
  const other = await chat.start();
  await chat.turn(other, send("Hello"));
  expect(offeredNames(chat).at(-1), "another conversation").toEqual(usual);
});

test("a URL that no tool has linked to is not read", async () => {
  const wrong = call("reports__read_resource", { uri: "reports://salaries" });
  const { chat, reads } = await fixture(script(call("reports__find", {}), wrong));
  const id = await chat.start();
  await chat.turn(id, send("How was the third quarter?"));
  expect(reads).toEqual([]);
  expect(toolMessages(chat)).toContain("No tool of this server has linked to that address");
});

test("a server's link opens no resource of another server", async () => {
  const elsewhere = call("other__read_resource", { uri: report });
  const { chat, reads } = await fixture(script(call("reports__find", {}), elsewhere));
  await chat.turn(await chat.start(), send("How was the third quarter?"));
  expect(reads).toEqual([]);
  expect(toolMessages(chat)).toContain("This assistant has no tool of that name");
});

test("a read without consent waits for it like a tool call, and runs once", async () => {
  let consented = false;
  const { chat, reads } = await fixture(
    script(call("reports__find", {}), readReport),
    ({ serverId, user, input }) => {
      if (consented) return text(`Contents of ${input.uri}`);
      chat.disconnect("Reports", chat.ada);
      throw new AuthorizationRequiredError({ serverId, ownerKey: user.id }, "It expired.");
    },
  );
  const id = await chat.start();
  await chat.turn(id, send("How was the third quarter?"));
  expect((await chat.read(id)).pausedToolCalls).toMatchObject([
    { toolTitle: "Read resource", readOnly: true, state: "AWAITING_AUTHORIZATION" },
  ]);
  consented = true;
  chat.connect("Reports", chat.ada);
  await chat.turn(id, { kind: "resume" });
  expect(reads).toHaveLength(2);
  expect(toolMessages(chat)).toContain(`Contents of ${report}`);
});

describe.each(["sessions", "modern", "both"] as const)("a server that speaks %s", (speaks) => {
  test("answers a read with texts and files, each as its own part", async () => {
    const server = await startMcpFixture({
      speaks,
      tools: (mcp) => {
        mcp.registerResource("Report", report, {}, async () => ({
          contents: [
            { uri: report, mimeType: "text/plain", text: "Up by 4 %" },
            { uri: `${report}/logo`, mimeType: "image/png", blob: "iVBORw0KGgo=" },
          ],
        }));
      },
    });
    closing.push(server.close);
    const mcp = fixtureConnections();
    closing.push(mcp.close);
    const read = (uri: string) =>
      mcp.callTool(httpTarget(server.url), {
        name: "resources/read",
        readsResource: true,
        input: { uri },
      });
    expect(await read(report)).toEqual({
      content: [
        { type: "resource", resource: { uri: report, mimeType: "text/plain", text: "Up by 4 %" } },
        {
          type: "resource",
          resource: { uri: `${report}/logo`, mimeType: "image/png", blob: "iVBORw0KGgo=" },
        },
      ],
      isError: false,
      truncated: false,
    });
    await expect(read("reports://none")).rejects.toMatchObject({
      code: "mcp_server_error",
      userMessage: expect.stringContaining("reports://none"),
    });
  });
});
