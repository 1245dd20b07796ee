import { mayUseServer } from "@/lib/access/read-access";
import type { PersonalKeyInput } from "@/lib/contracts/connections/connection";
import { asksForKeys } from "@/lib/contracts/servers/kinds";
import {
  type PersonalHeader,
  personalValue,
  personalValueProblem,
  sameName,
} from "@/lib/contracts/servers/personal-headers";
import { findPersonalKey, savePersonalKey } from "@/lib/db/accounts/personal-key";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { findMcpServer } from "@/lib/db/mcp-server";
import { holdActiveUser } from "@/lib/db/user";
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from "@/lib/errors";
import type { FlowRecorder } from "@/lib/flows/recorder";
import type { ForgetServer } from "@/lib/servers/open-endpoint";
import type { Actor } from "@/lib/session/session-user";
import { askedHeaders, openPersonalKey, sealPersonalKey } from "@/lib/tokens/personal-key";
import type { Keyring } from "@/lib/vault/keyring";

export interface SaveKeyContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
  forget: ForgetServer;
  flows: FlowRecorder;
}

/**
 * Stores what a person entered, for their calls only. Omitted headers keep their value, so that a new
 * header asks only for itself.
 * @throws InvalidInputError by header | NotFoundError | ConflictError nothing is stored
 */
export async function saveOwnKey(
  ctx: SaveKeyContext,
  user: Actor,
  serverId: string,
  input: PersonalKeyInput,
): Promise<void> {
  const server = await findMcpServer(ctx.db, serverId);
  if (!server || !(await mayUseServer(ctx.db, user, serverId))) {
    throw new NotFoundError("This MCP server was deleted.");
  }
  if (!asksForKeys(server)) {
    throw new NotFoundError("This MCP server does not ask people for their own key.");
  }
  const owner = { serverId, userId: user.id };
  const stored = await findPersonalKey(ctx.db, owner);
  const headers = askedHeaders(server);
  const before = stored ? openPersonalKey(ctx.keyring, stored) : {};
  const values = valuesToStore(headers, before, input.values);
  const headerNames = Object.keys(values);
  const columns = {
    headerNames,
    valuesSealed: sealPersonalKey(ctx.keyring, owner, values),
    savedAt: ctx.now(),
  };
  const { serverVersion } = input;
  const event = {
    action: stored ? "connection.change-key" : "connection.enter-key",
    ...by(user),
    ...{ serverId, serverName: server.name, ownerKey: user.id },
    details: { headers: headerNames },
  };
  const outcome = await ctx.db.$transaction(async (tx) => {
    if (!(await holdActiveUser(tx, user.id))) return "forbidden";
    const replaces = stored?.version ?? null;
    const saved = await savePersonalKey(tx, { ...owner, serverVersion, replaces }, columns);
    if (saved === "saved") await insertAuditEvent(ctx.db, event, tx);
    return saved;
  });
  if (outcome === "forbidden") throw new ForbiddenError("Your account is disabled. Ask an admin.");
  if (outcome === "changed") {
    throw new ConflictError(
      "The settings of this MCP server, or your key, changed in the meantime. Nothing was saved. Look at what it asks for now, and enter your key again.",
    );
  }
  ctx.forget(serverId, user.id);
  ctx.flows.record({
    ...{ serverId, ownerKey: user.id, kind: "PERSONAL_KEY", trigger: "person", actorId: user.id },
    ...{ outcome: "succeeded", reason: null, steps: [] },
  });
}

/** @throws InvalidInputError whose fields are `values.<name>` */
function valuesToStore(
  headers: readonly PersonalHeader[],
  before: Readonly<Record<string, string>>,
  entered: Readonly<Record<string, string>>,
): Record<string, string> {
  const problems: Record<string, string> = {};
  const find = (values: Readonly<Record<string, string>>, { name }: PersonalHeader) =>
    Object.entries(values).find(([each]) => sameName(each, name))?.[1];
  const values = headers.flatMap((header): [string, string][] => {
    const given = find(entered, header) ?? "";
    const kept = find(before, header);
    if (given.trim() === "" && kept !== undefined) return [[header.name, kept]];
    const problem = personalValueProblem(header, given);
    if (problem !== null) problems[`values.${header.name}`] = problem;
    return [[header.name, personalValue(header, given)]];
  });
  const first = headers[0];
  if (first && Object.values(entered).every((value) => value.trim() === "")) {
    problems[`values.${first.name}`] ??= `Enter the value of ${first.name}.`;
  }
  for (const name of Object.keys(entered)) {
    if (headers.some((header) => sameName(header.name, name))) continue;
    problems[`values.${name.slice(0, 60)}`] = "This server does not ask for this header.";
  }
  if (Object.keys(problems).length > 0) throw new InvalidInputError(problems);
  return Object.fromEntries(values);
}
