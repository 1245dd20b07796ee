import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { revoke } from "@/lib/authorization/revoke";
import { callTool } from "@/lib/calls/call-tool";
import { accountOfOwnerKey, personOfOwnerKey } from "@/lib/contracts/connections/account";
import type { OAuthClientInput } from "@/lib/contracts/servers/oauth-client";
import { AccountChoiceRequiredError, AuthorizationRequiredError, UsherError } from "@/lib/errors";
import { createServer } from "@/lib/servers/save";
import { authorizeAs, clickAuthorize } from "@/tests/support/authorize";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let dataDir: string;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
let usher: Installation;
let admin: Visitor;
let member: Visitor;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "accounts-"));
  provider = await startProvider();
  files = await startPersonalFiles({ provider, dataDir });
});
afterAll(async () => {
  await files.close();
  await provider.close();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
});
afterEach(() => usher.close());

function addServer(oauth: Partial<OAuthClientInput> = {}): Promise<string> {
  const settings = { tokenSharing: "PER_USER", ...oauth } as const;
  return createServer(
    usher.app,
    oauthServerInput(provider, { name: "Files", url: files.url, oauth: settings }),
  );
}

/** Whose files the server showed. */
async function whoseFiles(
  visitor: Visitor,
  serverId: string,
  account: string | null = null,
): Promise<string> {
  const { content } = await callTool(usher.app, {
    ...{ serverId, user: visitor.actor, toolName: "list_files", input: {}, account },
    signal: new AbortController().signal,
  });
  const text = JSON.stringify(content);
  const found = ["ada", "grace"].filter((person) => text.includes(filesOf[person] ?? "?"));
  return found.join(" and ");
}

/** In each person's own folder. */
const filesOf: Record<string, string> = { ada: "projects", grace: "lectures" };

describe("several accounts of one person", () => {
  it("are added beside the first, which calls use unless the person chooses another", async () => {
    const serverId = await addServer();
    await authorizeAs(member, serverId, "ada");
    await authorizeAs(member, serverId, "grace", "new");
    const rows = await usher.app.db.storedTokenSet.findMany({ orderBy: { createdAt: "asc" } });
    expect(rows.map(({ ownerKey, isDefault }) => [personOfOwnerKey(ownerKey), isDefault])).toEqual([
      [member.user.id, true],
      [member.user.id, false],
    ]);
    const second = accountOfOwnerKey(rows[1]?.ownerKey ?? "");
    expect(await whoseFiles(member, serverId)).toBe("ada");
    expect(await whoseFiles(member, serverId, second)).toBe("grace");
    expect(await whoseFiles(member, serverId, "first")).toBe("ada");
  });

  it("are revoked one by one", async () => {
    const serverId = await addServer();
    await authorizeAs(member, serverId, "ada");
    await authorizeAs(member, serverId, "grace", "new");
    await revoke(usher.app, member.actor, { serverId, ownerKey: member.user.id });
    const [left] = await usher.app.db.storedTokenSet.findMany();
    expect(left?.isDefault).toBe(false);
    expect(await whoseFiles(member, serverId, accountOfOwnerKey(left?.ownerKey ?? ""))).toBe(
      "grace",
    );
  });

  it("are never changed silently: without the default one the person is asked", async () => {
    const serverId = await addServer();
    await authorizeAs(member, serverId, "ada");
    await authorizeAs(member, serverId, "grace", "new");
    await revoke(usher.app, member.actor, { serverId, ownerKey: member.user.id });
    await expect(whoseFiles(member, serverId)).rejects.toThrow(AccountChoiceRequiredError);
  });

  it("are private: no one else can name them", async () => {
    const serverId = await addServer();
    await authorizeAs(member, serverId, "ada");
    await authorizeAs(member, serverId, "grace", "new");
    const rows = await usher.app.db.storedTokenSet.findMany();
    for (const { ownerKey } of rows) {
      for (const named of [ownerKey, accountOfOwnerKey(ownerKey)]) {
        await expect(whoseFiles(admin, serverId, named)).rejects.toThrow(UsherError);
      }
    }
  });

  it("are limited to ten per server, which is reported before anyone signs in", async () => {
    const serverId = await addServer();
    await authorizeAs(member, serverId, "ada");
    const [first] = await usher.app.db.storedTokenSet.findMany();
    if (!first) throw new Error("not stored");
    for (let index = 0; index < 9; index += 1) {
      const { id: _, ...columns } = first;
      const ownerKey = `${member.user.id}:00000000000${index}`;
      await usher.app.db.storedTokenSet.create({
        data: { ...columns, ownerKey, isDefault: false },
      });
    }
    const where = await clickAuthorize(member, serverId, "?account=new&returnTo=/connections");
    expect(new URL(where).searchParams.get("authorization_error")).toBe("too_many_accounts");
  });

  it("do not exist where everyone shares one account", async () => {
    const serverId = await addServer({ tokenSharing: "SHARED" });
    const where = await clickAuthorize(admin, serverId, "?account=new&returnTo=/connections");
    expect(new URL(where).searchParams.get("authorization_error")).toBe("not_offered");
  });
});

describe("the team's account alongside people's own", () => {
  const offered = { teamAccount: true };

  it("is used for a person without an account, and no longer once they have one", async () => {
    const serverId = await addServer(offered);
    await authorizeAs(admin, serverId, "grace", "team");
    expect(await whoseFiles(member, serverId)).toBe("grace");
    await authorizeAs(member, serverId, "ada");
    expect(await whoseFiles(member, serverId)).toBe("ada");
    expect(await whoseFiles(member, serverId, "team")).toBe("grace");
    expect(await whoseFiles(admin, serverId)).toBe("grace");
  });

  it("does not step in where a person's own access has ended", async () => {
    const serverId = await addServer(offered);
    await authorizeAs(admin, serverId, "grace", "team");
    await authorizeAs(member, serverId, "ada");
    await usher.app.db.storedTokenSet.updateMany({
      where: { userId: member.user.id },
      data: { rejectedAt: new Date(), lastRefreshError: "Ended.", lastRefreshErrorAt: new Date() },
    });
    usher.app.forget(serverId);
    await expect(whoseFiles(member, serverId)).rejects.toThrow(AuthorizationRequiredError);
  });

  it("can be authorized by admins only", async () => {
    const serverId = await addServer(offered);
    const where = await clickAuthorize(member, serverId, "?account=team&returnTo=/connections");
    expect(new URL(where).searchParams.get("authorization_error")).toBe("forbidden");
    expect(await usher.app.db.authorizationRequest.count()).toBe(0);
  });

  it("is used by no one where the server does not offer it, even if its tokens are stored", async () => {
    const serverId = await addServer();
    const where = await clickAuthorize(admin, serverId, "?account=team&returnTo=/connections");
    expect(new URL(where).searchParams.get("authorization_error")).toBe("not_offered");
    await authorizeAs(admin, serverId, "grace");
    await usher.app.db.$executeRaw`
      UPDATE "StoredTokenSet" SET "ownerKey" = 'shared', "userId" = NULL`;
    await expect(whoseFiles(member, serverId)).rejects.toThrow(AuthorizationRequiredError);
    await expect(whoseFiles(member, serverId, "team")).rejects.toThrow(AccountChoiceRequiredError);
  });

  it("is not offered where accounts come from the organization, whatever the settings say", async () => {
    const sharing = { tokenSharing: "ORGANIZATION", grantType: "ID_JAG" } as const;
    const serverId = await addServer({ ...offered, ...sharing, ownConsent: true });
    const where = await clickAuthorize(admin, serverId, "?account=team&returnTo=/connections");
    expect(new URL(where).searchParams.get("authorization_error")).toBe("not_offered");
    expect(await usher.app.db.authorizationRequest.count()).toBe(0);
  });

  it("is chosen before each call where the server asks", async () => {
    const serverId = await addServer({ ...offered, askWhichAccount: true });
    await authorizeAs(member, serverId, "ada");
    expect(await whoseFiles(member, serverId)).toBe("ada");
    await authorizeAs(admin, serverId, "grace", "team");
    await expect(whoseFiles(member, serverId)).rejects.toThrow(AccountChoiceRequiredError);
    expect(await whoseFiles(member, serverId, "first")).toBe("ada");
    expect(await whoseFiles(member, serverId, "team")).toBe("grace");
  });
});
