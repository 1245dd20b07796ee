import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as askAgainRoute } from "@/app/api/connections/everyone/[connectionId]/ask-again/route";
import { GET as noticesRoute } from "@/app/api/notices/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { noticeWords, type OpenNotice } from "@/lib/contracts/notices/open-notice";
import { saveGrants } from "@/lib/db/accounts/access-grant";
import { reconcileNotices } from "@/lib/notices/reconcile-notices";
import { createServer } from "@/lib/servers/save";
import { authorize, authorizeAs } from "@/tests/support/authorize";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let provider: AuthorizationServer;
let usher: Installation;
let admin: Visitor;
let member: Visitor;

beforeEach(async () => {
  usher = await startInstallation();
  provider = await startProvider();
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
});
afterEach(async () => {
  await usher.close();
  await provider.close();
});

const add = (tokenSharing: "SHARED" | "PER_USER", name: string) =>
  createServer(usher.app, oauthServerInput(provider, { name, oauth: { tokenSharing } }));

async function openFor(visitor: Visitor): Promise<OpenNotice[]> {
  const answer = await visitor.visit(noticesRoute, { path: "/api/notices" });
  expect(answer.status).toBe(200);
  return (await answer.json()).notices;
}

/** In short: kind and server. */
async function noticesOf(visitor: Visitor): Promise<string[]> {
  return (await openFor(visitor)).map(({ kind, serverName }) => `${kind} ${serverName}`);
}

/** As the page shows them. */
async function textsOf(visitor: Visitor): Promise<string[]> {
  return (await openFor(visitor)).map((notice) => noticeWords(notice).text);
}

const endAccess = (serverId: string) =>
  usher.app.db.storedTokenSet.updateMany({
    where: { serverId },
    data: { rejectedAt: new Date(), refreshTokenSealed: null },
  });

describe("the notices of a person", () => {
  it("name only what needs that person: the shared account for an admin, their own for a member", async () => {
    await add("SHARED", "Wiki");
    const own = await add("PER_USER", "Files");
    await authorize(member, own);
    expect(await noticesOf(admin)).toEqual(["shared_account_needs_authorization Wiki"]);
    expect(await noticesOf(member)).toEqual([]);
    await endAccess(own);
    expect(await noticesOf(member)).toEqual(["own_account_needs_authorization Files"]);
    expect(await noticesOf(admin)).toEqual(["shared_account_needs_authorization Wiki"]);
  });

  it("name which of several accounts needs them", async () => {
    const own = await add("PER_USER", "Files");
    await authorize(member, own);
    await endAccess(own);
    expect(await textsOf(member)).toEqual([expect.stringContaining("access of your account has")]);
    await authorize(member, own);
    await authorizeAs(member, own, "grace", "new");
    expect(await textsOf(member)).toEqual([]);
    const further = { serverId: own, isDefault: false };
    await usher.app.db.storedTokenSet.updateMany({
      where: further,
      data: { rejectedAt: new Date(), refreshTokenSealed: null, label: "Work" },
    });
    expect(await textsOf(member)).toEqual([expect.stringContaining("your account “Work” has")]);
    await endAccess(own);
    const [both, ...others] = await textsOf(member);
    expect(both).toMatch(/^The access of your accounts “.+”, “Work” has ended/);
    expect(others).toEqual([]);
  });

  it("do not say that nobody can use a server where people have accounts beside the team's", async () => {
    const own = await add("PER_USER", "Files");
    await usher.app.db.oAuthClient.updateMany({ data: { settings: { teamAccount: true } } });
    await authorizeAs(admin, own, "ada", "team");
    await endAccess(own);
    const [text] = await textsOf(admin);
    expect(text).toContain("team’s account has ended, so only people with their own account");
  });

  it("disappear as soon as their cause does, without a sweep in between", async () => {
    const own = await add("PER_USER", "Files");
    await authorize(member, own);
    await endAccess(own);
    await reconcileNotices(usher.app);
    expect(await noticesOf(member)).toHaveLength(1);
    await authorize(member, own);
    expect(await noticesOf(member)).toEqual([]);
  });

  it("say that an admin asked them to authorize again, while the account works and after it ended", async () => {
    const own = await add("PER_USER", "Files");
    await authorize(member, own);
    const other = await usher.join("MEMBER");
    await authorize(other, own);
    const { id: connectionId } = await usher.app.db.storedTokenSet.findFirstOrThrow({
      where: { userId: member.user.id },
    });
    const path = `/api/connections/everyone/${connectionId}/ask-again`;
    await admin.visit(askAgainRoute, { path, params: { connectionId }, json: {} });
    expect(await noticesOf(member)).toEqual(["reauthorization_requested Files"]);
    expect(await noticesOf(other)).toEqual([]);
    expect(await noticesOf(admin)).toEqual([]);
    await usher.app.db.storedTokenSet.update({
      where: { id: connectionId },
      data: { rejectedAt: new Date(), refreshTokenSealed: null },
    });
    expect(await noticesOf(member)).toEqual(["reauthorization_requested Files"]);
    await authorize(member, own);
    expect(await noticesOf(member)).toEqual([]);
  });

  it("do not name a server that they may no longer use", async () => {
    const own = await add("PER_USER", "Payroll");
    await authorize(member, own);
    await endAccess(own);
    await reconcileNotices(usher.app);
    await saveGrants(
      usher.app.db,
      { serverId: own },
      { access: "CHOSEN", userIds: [], groupIds: [] },
      () => ({ action: "server.access", actorId: null, actorEmail: null }),
    );
    expect(await noticesOf(member)).toEqual([]);
  });

  it("say since when, oldest first", async () => {
    await add("SHARED", "Wiki");
    await reconcileNotices(usher.app);
    await add("SHARED", "Calendar");
    const answer = await admin.visit(noticesRoute, { path: "/api/notices" });
    expect(await answer.json()).toMatchObject({
      notices: [
        { serverName: "Wiki", shared: true, openedAt: expect.any(String) },
        { serverName: "Calendar", shared: true, openedAt: null },
      ],
    });
  });

  it("are refused to an auditor, who could not act on them", async () => {
    const auditor = await usher.join("AUDITOR");
    const answer = await auditor.visit(noticesRoute, { path: "/api/notices" });
    expect(answer.status).toBe(403);
  });
});
