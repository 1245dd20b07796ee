import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PATCH as changeRoute } from "@/app/api/connections/[serverId]/accounts/[account]/route";
import { GET as accountsRoute } from "@/app/api/connections/[serverId]/accounts/route";
import { GET as connectionsRoute } from "@/app/api/connections/route";
import { GET as peopleRoute } from "@/app/api/mcp-servers/[serverId]/access/people/route";
import { PUT as saveRoute, GET as serverRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as noticesRoute } from "@/app/api/notices/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { accountOfOwnerKey } from "@/lib/contracts/connections/account";
import type { AccountList } from "@/lib/contracts/connections/own-account";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { OAuthClientInput } from "@/lib/contracts/servers/oauth-client";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { authorizeAs, clickAuthorize, openCallback } from "@/tests/support/authorize";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { consent } from "@/tests/support/provider-consent";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let provider: AuthorizationServer;
let usher: Installation;
let admin: Visitor;
let member: Visitor;
let serverId: string;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
  serverId = await createServer(usher.app, input());
  provider.forgetRequests();
});
afterEach(() => usher.close());

function input(oauth: Partial<OAuthClientInput> = {}): McpServerInput {
  return oauthServerInput(provider, { oauth: { tokenSharing: "PER_USER", ...oauth } });
}

async function accountsOf(visitor: Visitor): Promise<AccountList> {
  const path = `/api/connections/${serverId}/accounts`;
  return (await visitor.visit(accountsRoute, { path, params: { serverId } })).json();
}

function change(visitor: Visitor, account: string, json: object): Promise<Response> {
  const path = `/api/connections/${serverId}/accounts/${account}`;
  return visitor.visit(changeRoute, { path, method: "PATCH", params: { serverId, account }, json });
}

function revoke(visitor: Visitor, json: object): Promise<Response> {
  return visitor.visit(revokeRoute, {
    ...{ path: `/oauth/revoke/${serverId}`, params: { serverId }, json },
  });
}

/** One of Ada's and one of Grace's. @returns the second's id */
async function connectTwo(visitor: Visitor): Promise<string> {
  await authorizeAs(visitor, serverId, "ada");
  await authorizeAs(visitor, serverId, "grace", "new");
  const { accounts } = await accountsOf(visitor);
  return accounts[1]?.account ?? "";
}

const stored = () => usher.app.db.storedTokenSet.findMany({ orderBy: { createdAt: "asc" } });

describe("a person's accounts", () => {
  it("can be named, and one of them is the default", async () => {
    const second = await connectTwo(member);
    await change(member, second, { label: "  Navy " });
    const after = await change(member, second, { isDefault: true });
    expect((await after.json()).accounts).toMatchObject([
      { account: "first", label: null, isDefault: false, status: "connected" },
      { account: second, label: "Navy", isDefault: true, status: "connected" },
    ]);
    await change(member, second, { label: "" });
    expect((await accountsOf(member)).accounts[1]?.label).toBeNull();
  });

  it("keep their names when authorized again", async () => {
    const second = await connectTwo(member);
    await change(member, second, { label: "Navy", isDefault: true });
    await authorizeAs(member, serverId, "grace", second);
    expect((await accountsOf(member)).accounts[1]).toMatchObject({
      ...{ label: "Navy", isDefault: true },
    });
  });

  it("are counted in the list of connections, which shows the default one", async () => {
    const second = await connectTwo(member);
    await change(member, second, { isDefault: true });
    const response = await member.visit(connectionsRoute, { path: "/api/connections" });
    const { connections } = await response.json();
    expect(connections).toMatchObject([{ serverId, connection: { accounts: 2 } }]);
  });

  it("have labels of limited length, and the limit is reported", async () => {
    await connectTwo(member);
    const response = await change(member, "first", { label: "x".repeat(61) });
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toContain("at most 60 characters");
  });

  it("are ended one by one, including at the provider", async () => {
    const second = await connectTwo(member);
    const result = await revoke(member, { what: "mine", account: second });
    expect(await result.json()).toMatchObject({ deleted: 1, provider: "revoked" });
    expect((await stored()).map(({ ownerKey }) => ownerKey)).toEqual([member.user.id]);
    await revoke(member, { what: "mine" });
    expect(await stored()).toEqual([]);
  });

  it("share one notice per kind", async () => {
    await connectTwo(member);
    await usher.app.db.storedTokenSet.updateMany({
      data: { rejectedAt: new Date(), lastRefreshError: "Ended.", lastRefreshErrorAt: new Date() },
    });
    const response = await member.visit(noticesRoute, { path: "/api/notices" });
    expect((await response.json()).notices).toHaveLength(1);
  });
});

describe("attacks on accounts", () => {
  it("cannot name, default or end another person's", async () => {
    const second = await connectTwo(member);
    for (const account of [second, "first"]) {
      expect((await change(admin, account, { label: "Mine" })).status).toBe(404);
      expect((await change(admin, account, { isDefault: false })).status).toBe(404);
      expect(await (await revoke(admin, { what: "mine", account })).json()).toMatchObject({
        deleted: 0,
      });
    }
    const forged = [`${member.user.id}:${second}`, member.user.id, "shared", "../first", "FIRST"];
    for (const account of forged) {
      expect((await change(admin, account, { label: "Mine" })).status).toBe(404);
      expect((await revoke(admin, { what: "mine", account })).status).toBe(400);
    }
    expect((await stored()).map(({ label, isDefault }) => [label, isDefault])).toEqual([
      [null, true],
      [null, false],
    ]);
  });

  it("cannot open a box moved to another account of the same person", async () => {
    await connectTwo(member);
    const [first, second] = await stored();
    if (!first || !second) throw new Error("not stored");
    await usher.app.db.storedTokenSet.update({
      where: { id: first.id },
      data: { accessTokenSealed: second.accessTokenSealed },
    });
    usher.app.forget(serverId);
    await expect(accessToken(usher.app, first)).rejects.toThrow(/sealed|open/i);
  });

  it("cannot store tokens under a name that no account has", async () => {
    await connectTwo(member);
    const [first] = await stored();
    if (!first) throw new Error("not stored");
    const { id: _, ...columns } = first;
    for (const ownerKey of [
      `${admin.user.id}:0123456789ab`,
      `${member.user.id}:`,
      `${member.user.id}:x`,
    ]) {
      const create = usher.app.db.storedTokenSet.create({ data: { ...columns, ownerKey } });
      await expect(create).rejects.toThrow(/StoredTokenSet_owner/);
    }
  });
});

describe("the team's account", () => {
  it("can be ended by admins only, and leaves people's own accounts", async () => {
    serverId = await createServer(usher.app, { ...input({ teamAccount: true }), name: "Second" });
    await authorizeAs(admin, serverId, "grace", "team");
    await authorizeAs(member, serverId, "ada");
    expect((await revoke(member, { what: "team" })).status).toBe(403);
    expect((await revoke(member, { what: "mine", account: "team" })).status).toBe(400);
    expect(await stored()).toHaveLength(2);
    expect(await (await revoke(admin, { what: "team" })).json()).toMatchObject({ deleted: 1 });
    expect((await stored()).map(({ ownerKey }) => accountOfOwnerKey(ownerKey))).toEqual(["first"]);
  });

  it("is refused as one's own in words that say who can end it: to a member and to an admin", async () => {
    serverId = await createServer(usher.app, { ...input({ teamAccount: true }), name: "Second" });
    const told = async (visitor: Visitor) =>
      (await (await revoke(visitor, { what: "mine", account: "team" })).json()).error;
    const asks = "Ask an admin to disconnect it on the server’s page.";
    const does = "Disconnect it on the server’s page.";
    expect((await told(member)).message).toBe(`The team’s account is not your own. ${asks}`);
    expect(await told(admin)).toMatchObject({
      message: `The team’s account is not your own. ${does}`,
      fields: { account: expect.stringContaining(does) },
    });
  });

  it("is never ended by a person who disconnects their own account", async () => {
    serverId = await createServer(usher.app, { ...input({ teamAccount: true }), name: "Second" });
    await authorizeAs(admin, serverId, "grace", "team");
    expect(await (await revoke(member, { what: "mine" })).json()).toMatchObject({ deleted: 0 });
    expect(await stored()).toHaveLength(1);
  });

  it("ends, with any pending consent, when the server stops offering it; people's own accounts stay", async () => {
    serverId = await createServer(usher.app, { ...input({ teamAccount: true }), name: "Second" });
    await authorizeAs(admin, serverId, "grace", "team");
    await authorizeAs(member, serverId, "ada");
    const authorizationUrl = await clickAuthorize(admin, serverId, "?account=team");
    const callbackUrl = await consent({ authorizationUrl, person: "ada" });
    const edit = { ...input({ teamAccount: false }), name: "Second", version: 1 };
    const where = { path: `/api/mcp-servers/${serverId}`, params: { serverId } };
    expect((await admin.visit(saveRoute, { ...where, method: "PUT", json: edit })).status).toBe(
      200,
    );
    const end = (await openCallback(admin, callbackUrl)).headers.get("location");
    expect(end).not.toContain("authorized=1");
    expect((await stored()).map(({ ownerKey }) => accountOfOwnerKey(ownerKey))).toEqual(["first"]);
    // Kept until the provider has been notified.
    expect(await usher.app.db.tokenRevocation.count()).toBe(1);
    const detail = await (await admin.visit(serverRoute, where)).json();
    expect(detail.teamConnection).toBeNull();
  });

  it("is named where the page says who uses which account", async () => {
    serverId = await createServer(usher.app, { ...input({ teamAccount: true }), name: "Second" });
    await authorizeAs(admin, serverId, "grace", "team");
    await authorizeAs(admin, serverId, "ada");
    const path = `/api/mcp-servers/${serverId}/access/people`;
    const { people } = await (
      await admin.visit(peopleRoute, { path, params: { serverId } })
    ).json();
    expect(people).toMatchObject([
      { name: admin.user.name, account: expect.stringMatching(/^Their own account/) },
      { name: member.user.name, account: expect.stringMatching(/^Team account/) },
    ]);
  });
});
