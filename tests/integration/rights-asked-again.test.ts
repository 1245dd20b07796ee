import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as inputRoute } from "@/app/api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]/input/route";
import { POST as decideRoute } from "@/app/api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as acceptRoute } from "@/app/api/invitations/accept/route";
import {
  POST as reviewRoute,
  GET as reviewsRoute,
} from "@/app/api/mcp-servers/[serverId]/tool-reviews/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { POST as inviteRoute } from "@/app/api/people/invitations/route";
import { GET as peopleRoute } from "@/app/api/people/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { openInvitation } from "@/lib/people/invite";
import { createServer } from "@/lib/servers/save";
import { clickAuthorize, openCallback } from "@/tests/support/authorize";
import { send, startChatFixture } from "@/tests/support/chat-fixture";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { consent } from "@/tests/support/provider-consent";
import { oauthServerInput } from "@/tests/support/server-input";
import { Visitor } from "@/tests/support/visitor";

let provider: AuthorizationServer;
let usher: Installation;
let boss: Visitor;
let admin: Visitor;
let serverId: string;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  usher = await startInstallation();
  boss = await usher.join("ADMIN", "Bo Boss");
  admin = await usher.join("ADMIN");
  serverId = await createServer(usher.app, oauthServerInput(provider));
  provider.forgetRequests();
});
afterEach(async () => {
  provider.setTokenEndpointLatency(0);
  await provider.revokeGrantsOf("ada");
  await usher.close();
});

const change = (visitor: Visitor, json: object) =>
  boss.visit(personRoute, {
    path: `/api/people/${visitor.user.id}`,
    params: { userId: visitor.user.id },
    method: "PATCH",
    json,
  });
const losses: [string, object][] = [
  ["demoted", { role: "MEMBER" }],
  ["disabled", { disabled: true }],
];
const storedTokens = () => usher.app.db.storedTokenSet.count();

describe("the shared account's authorization by an admin who is", () => {
  it.each(losses)("%s before the callback stores nothing, and no code is sent", async (_, loss) => {
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    await change(admin, loss);
    const location = (await openCallback(admin, callbackUrl)).headers.get("location");
    expect(location).toMatch(/authorization_error=forbidden|\/sign-in\?/);
    expect(provider.tokenRequests.authorization_code ?? 0).toBe(0);
    expect(await storedTokens()).toBe(0);
  });

  it.each(losses)(
    "%s while the code is exchanged stores nothing, and the grant ends",
    async (_, loss) => {
      const authorizationUrl = await clickAuthorize(admin, serverId);
      const callbackUrl = await consent({ authorizationUrl, person: "ada" });
      provider.setTokenEndpointLatency(1_500);
      const answer = openCallback(admin, callbackUrl);
      await expect.poll(() => provider.tokenRequests.authorization_code).toBe(1);
      await change(admin, loss);
      // A disabled person's flow has ended, too.
      expect((await answer).headers.get("location")).toMatch(
        /authorization_error=(forbidden|cancelled)/,
      );
      expect(await storedTokens()).toBe(0);
      await usher.settle();
      await expect.poll(() => provider.countGrantsOf("ada")).toBe(0);
    },
  );
});

describe("one's own account", () => {
  it("can still be authorized by a demoted person, and not by a disabled one", async () => {
    const input = oauthServerInput(provider);
    const own = await createServer(usher.app, {
      ...input,
      name: "Own",
      oauth: input.oauth && { ...input.oauth, tokenSharing: "PER_USER" },
    });
    const authorizationUrl = await clickAuthorize(admin, own);
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    await change(admin, { role: "MEMBER" });
    const location = (await openCallback(admin, callbackUrl)).headers.get("location");
    expect(location).toContain("authorized=1");

    const again = await clickAuthorize(admin, own);
    const callback = await consent({ authorizationUrl: again, person: "grace" });
    await change(admin, { disabled: true });
    expect((await openCallback(admin, callback)).headers.get("location")).toContain("/sign-in");
    expect(await storedTokens()).toBe(0);
  });
});

describe("an invitation by an admin who is", () => {
  it.each(losses)(
    "%s afterwards admits no one, and an admin sees that it has ended",
    async (_, loss) => {
      const response = await admin.visit(inviteRoute, {
        path: "/api/people/invitations",
        json: { email: "friend@example.com", role: "ADMIN" },
      });
      const token = (await response.json()).link.split("/").at(-1);
      await expect(openInvitation(usher.app, token)).resolves.toMatchObject({});
      await change(admin, loss);
      await expect(openInvitation(usher.app, token)).rejects.toMatchObject({ code: "not_found" });
      const accepted = await new Visitor(admin.user, {}).visit(acceptRoute, {
        path: "/api/invitations/accept",
        json: { token, name: "Friend", password: "a long enough password" },
      });
      expect(accepted.status).toBe(404);
      expect(await usher.app.db.user.count({ where: { email: "friend@example.com" } })).toBe(0);
      const list = await (await boss.visit(peopleRoute, { path: "/api/people" })).json();
      expect(list.first.invitations).toMatchObject([
        { email: "friend@example.com", expired: true },
      ]);
    },
  );
});

describe("a tool review opened by an admin", () => {
  it.each(losses)("who is %s afterwards accepts nothing", async (_, loss) => {
    const path = `/api/mcp-servers/${serverId}/tool-reviews`;
    const params = { serverId };
    expect((await admin.visit(reviewsRoute, { path, params })).status).toBe(200);
    await change(admin, loss);
    const json = { tools: [{ toolName: "read_file", fingerprint: "0".repeat(64) }] };
    expect([401, 403]).toContain((await admin.visit(reviewRoute, { path, params, json })).status);
    expect(await usher.app.db.assistantTool.count()).toBe(0);
  });
});

describe("a waiting call", () => {
  it("does not continue by a disabled person's confirmation or answer", async () => {
    const { db } = usher.app;
    const conversation = await db.conversation.create({
      data: { userId: admin.user.id, title: "Waiting" },
    });
    const paused = await db.pausedToolCall.create({
      data: {
        ...{ conversationId: conversation.id, serverId, toolCallId: "call-1" },
        ...{ toolName: "read_file", input: {}, state: "AWAITING_CONFIRMATION" },
      },
    });
    await change(admin, { disabled: true });
    const params = { conversationId: conversation.id, pausedToolCallId: paused.id };
    const path = `/api/chat/conversations/${conversation.id}`;
    const asked = [
      await admin.visit(decideRoute, { path, params, json: { decision: "run" } }),
      await admin.visit(inputRoute, {
        path,
        params,
        json: { round: 1, key: "0", action: "accept" },
      }),
      await admin.visit(turnRoute, { path, params, json: { kind: "resume" } }),
    ];
    expect(asked.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(await db.pausedToolCall.findFirst()).toMatchObject({ state: "SKIPPED" });
  });

  it("and an answer that is being written end when their person is disabled", async () => {
    let begun = () => {};
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let stopped = false;
    const slow = (call: { signal: AbortSignal }) => {
      begun();
      return new Promise<never>((_, reject) => {
        call.signal.addEventListener("abort", () => {
          stopped = true;
          reject(call.signal.reason);
        });
      });
    };
    const chat = await startChatFixture(
      [{ name: "Files", tools: [{ name: "read_file", readOnly: true, run: slow }] }],
      () => [{ type: "tool-call", name: "files__read_file", arguments: {} }],
    );
    const conversationId = await chat.start();
    const turn = await chat.begin(conversationId, send("Read it"));
    await running;
    await chat.db.user.update({ where: { id: chat.ada.id }, data: { disabledAt: new Date() } });
    await turn.finished;
    expect(stopped).toBe(true);
    expect(chat.calls).toHaveLength(1);
    await chat.close();
  });
});
