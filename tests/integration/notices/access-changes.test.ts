import { afterEach, beforeEach, expect, it } from "vitest";
import { DELETE as deleteRoute, PUT as groupRoute } from "@/app/api/groups/[groupId]/route";
import { applyPlan } from "@/lib/config-file/apply";
import { planConfig } from "@/lib/config-file/plan";
import { sealTokens } from "@/lib/tokens/token-store";
import { type IdentityProvider, startIdentityProvider } from "@/tests/support/identity-provider";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { signInByOidc } from "@/tests/support/oidc-browser";
import { Visitor } from "@/tests/support/visitor";

const email = "ada@example.com";
const serverId = "wiki";
const groupId = "sales";

let provider: IdentityProvider;
let usher: Installation;
let admin: Visitor;
let adaId: string;

/** A server for one group, which refused Ada's account; she is not in the group. */
beforeEach(async () => {
  provider = await startIdentityProvider({
    redirectUri: `${publicUrl}/api/auth/callback/oidc`,
    claimsFromUserinfo: true,
  });
  usher = await startInstallation({ env: { ...provider.env, OIDC_GROUPS_CLAIM: "groups" } });
  admin = await usher.join("ADMIN");
  const { db, keyring, now } = usher.app;
  await signIn([]);
  adaId = (await db.user.findUniqueOrThrow({ where: { email } })).id;
  await db.group.create({ data: { id: groupId, name: "Sales", claimValue: "sales" } });
  await db.mcpServer.create({
    data: {
      ...{ id: serverId, name: "Wiki", transport: "STREAMABLE_HTTP", authentication: "OAUTH" },
      ...{ url: "https://wiki.example/mcp", access: "CHOSEN" },
      oauthClient: {
        create: {
          ...{ clientId: "usher", tokenSharing: "PER_USER", tokenEndpointAuthMethod: "NONE" },
          authorizationEndpoint: "https://as.example/authorize",
          tokenEndpoint: "https://as.example/token",
        },
      },
      accessGrants: { create: { groupId } },
    },
  });
  const owner = { serverId, ownerKey: adaId };
  const tokens = {
    ...{ accessToken: "access", refreshToken: null, tokenType: "Bearer", scope: null },
    ...{ expiresAt: null, obtainedAt: now() },
  };
  const sealed = sealTokens(keyring, owner, tokens);
  await db.storedTokenSet.create({
    data: { ...owner, userId: adaId, rejectedAt: now(), ...sealed },
  });
});
afterEach(async () => {
  await usher.close();
  await provider.close();
});

function signIn(groups: string[]): Promise<string> {
  provider.people.set("ada", { email, email_verified: true, name: "Ada", groups });
  return signInByOidc(new Visitor(admin.user, {}), provider, "ada");
}

async function choose(userIds: string[]): Promise<void> {
  const json = { name: "Sales", description: "", claimValue: "sales", role: null, userIds };
  const visit = { path: `/api/groups/${groupId}`, method: "PUT", params: { groupId }, json };
  expect((await admin.visit(groupRoute, visit)).status).toBe(200);
}

async function apply(access: string): Promise<void> {
  const context = { ...usher.app, modelProblem: () => null };
  const text = `
version: 1
servers:
  - name: Wiki
    url: https://wiki.example/mcp
    oauth:
      clientId: usher
      authorizationEndpoint: https://as.example/authorize
      tokenEndpoint: https://as.example/token
      tokenEndpointAuthMethod: NONE
      tokenSharing: PER_USER
    access: ${access}`;
  const planned = await planConfig(context, text, {});
  if ("problems" in planned) throw new Error(JSON.stringify(planned.problems));
  await applyPlan(context, planned.plan, () => undefined);
}

/** The owners of open notices once the work after the responses is done. No sweep runs. */
async function openFor(): Promise<(string | null)[]> {
  await usher.settle();
  const open = await usher.app.db.notice.findMany({ where: { closedAt: null } });
  return open.filter((notice) => notice.serverId === serverId).map(({ userId }) => userId);
}

it("an admin who changes or deletes a group opens and closes its members' notices", async () => {
  expect(await openFor()).toEqual([]);
  await choose([adaId]);
  expect(await openFor()).toEqual([adaId]);
  await choose([]);
  expect(await openFor()).toEqual([]);
  await choose([adaId]);
  expect(await openFor()).toEqual([adaId]);
  const path = `/api/groups/${groupId}`;
  await admin.visit(deleteRoute, { path, method: "DELETE", params: { groupId } });
  expect(await openFor()).toEqual([]);
});

it("a sign-in with other groups in the claim opens and closes that person's notices", async () => {
  await signIn(["sales"]);
  expect(await openFor()).toEqual([adaId]);
  await signIn([]);
  expect(await openFor()).toEqual([]);
});

it("applying a configuration file opens and closes the notices of the people it admits", async () => {
  await apply(`{ people: [${email}] }`);
  expect(await openFor()).toEqual([adaId]);
  await apply("{ groups: [Sales] }");
  expect(await openFor()).toEqual([]);
});
