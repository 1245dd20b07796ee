import type { PracticeReady } from "@/demo/practice";
import type { AppContext } from "@/lib/app/context";
import { createAssistant } from "@/lib/assistants/assistant";
import { boot } from "@/lib/boot";
import { renewCatalogue } from "@/lib/calls/renew-catalogue";
import type { TokenSharing } from "@/lib/contracts/servers/kinds";
import { type McpServerInput, mcpServerInput } from "@/lib/contracts/servers/mcp-server";
import { listAssistants } from "@/lib/db/lists/assistants";
import { listMcpServers } from "@/lib/db/lists/mcp-servers";
import { findUserByEmail, insertUser } from "@/lib/db/user";
import { createServer, updateServer } from "@/lib/servers/save";
import { hashPassword } from "@/lib/session/password";

/** What a first run registers; a later one only follows servers that moved to another port. */
export interface Practice {
  ready: Pick<PracticeReady, "provider" | "handbook" | "personal"> &
    Partial<Pick<PracticeReady, "calendar">>;
  clientSecret: string;
  memberPassword: string;
}

export const handbookName = "Team Handbook";
export const personalName = "Personal Files";
export const calendarName = "Team Calendar";
export const assistantName = "Guide";

/** Creates the practice servers, an assistant and a member, as an admin would by hand. */
export async function seed(ctx: AppContext, practice: Practice): Promise<void> {
  await boot(ctx);
  const admin = ctx.env.firstAdmin && (await findUserByEmail(ctx.db, ctx.env.firstAdmin.email));
  if (!admin) throw new Error("ADMIN_EMAIL names nobody.");
  await makeMember(ctx, practice.memberPassword);
  const { handbook, personal, calendar } = practice.ready;
  const inputs = [
    serverInput(practice, handbookName, handbook.url, "SHARED"),
    serverInput(practice, personalName, personal.url, "PER_USER"),
    ...(calendar ? [serverInput(practice, calendarName, calendar.url, "ORGANIZATION")] : []),
  ];
  const servers: string[] = [];
  for (const input of inputs) servers.push(await register(ctx, input, admin.id));
  for (const serverId of servers) await renewCatalogue(ctx, serverId, admin.id);
  if ((await listAssistants(ctx.db, admin.id)).length > 0) return;
  await createAssistant(
    { ...ctx, modelProblem: () => null },
    {
      name: assistantName,
      description: "Knows the team's handbook, and your own files and calendar.",
      instructions:
        "You help the people of a small software team. Look things up in the handbook before you answer, and name the file you read.",
      model: "",
      servers: servers.map((serverId) => ({ serverId, allTools: true, toolNames: [] })),
    },
  );
}

async function makeMember(ctx: AppContext, password: string): Promise<void> {
  const email = "member@usher.example";
  if (await findUserByEmail(ctx.db, email)) return;
  const passwordHash = await hashPassword(password);
  await insertUser(ctx.db, { email, name: "Mia Member", role: "MEMBER", passwordHash });
}

async function register(ctx: AppContext, input: McpServerInput, viewerId: string): Promise<string> {
  const known = await listMcpServers(ctx.db, viewerId);
  const existing = known.find(({ name }) => name === input.name);
  if (!existing) return createServer(ctx, input);
  if (existing.url !== input.url) await updateServer(ctx, existing.id, input);
  return existing.id;
}

const descriptions: Record<TokenSharing, string> = {
  SHARED: "How the team works: onboarding, holidays, on call. One account for everybody.",
  PER_USER: "Everybody's own notes and to-do lists. Each person connects their own account.",
  ORGANIZATION:
    "Everybody's own week. Whoever signs in with Practice ID uses it, without connecting anything.",
};

function serverInput(
  { ready, clientSecret }: Practice,
  name: string,
  url: string,
  tokenSharing: TokenSharing,
): McpServerInput {
  return mcpServerInput.parse({
    version: null,
    name,
    description: descriptions[tokenSharing],
    transport: "STREAMABLE_HTTP",
    url,
    command: "",
    args: "",
    environment: "",
    clearEnvironment: false,
    headers: "",
    clearHeaders: false,
    authentication: "OAUTH",
    oauth: {
      clientId: ready.provider.clientId,
      clientSecret,
      authorizationEndpoint: ready.provider.authorizationUrl,
      tokenEndpoint: ready.provider.tokenUrl,
      revocationEndpoint: ready.provider.revocationUrl,
      issuer: ready.provider.issuer,
      tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
      scope: ready.provider.scope,
      tokenSharing,
      grantType: tokenSharing === "ORGANIZATION" ? "ID_JAG" : "AUTHORIZATION_CODE",
      extraAuthorizationParameters: "",
      resourceIndicator: true,
    },
  } satisfies McpServerInput);
}
