import { Document } from "yaml";
import { listGroups } from "@/lib/db/accounts/group";
import { listAssistantChoices } from "@/lib/db/assistant";
import type { Database } from "@/lib/db/client";
import { listAllMcpServers } from "@/lib/db/mcp-server";
import { storedAccess } from "./access-entry";
import { assistantEntryOf } from "./assistant-entry";
import {
  type AssistantEntry,
  type GroupEntry,
  type OAuthEntry,
  oauthEntry,
  type ServerEntry,
  serverEntry,
} from "./document";
import { groupEntryOf } from "./group-entry";
import { authenticationOf, entryOf } from "./server-entry";
import { literal, VariableNames } from "./variables";

/** An installation's file: applied to the same installation, it changes nothing. */
export async function exportConfig(db: Database): Promise<string> {
  const names = new VariableNames();
  const access = await storedAccess(db);
  const groups = (await listGroups(db)).map(groupEntryOf);
  const servers = (await listAllMcpServers(db)).map((row) => entryOf(row, names, access));
  const assistants = (await listAssistantChoices(db)).map((row) => assistantEntryOf(row, access));
  const document = new Document({
    version: 1,
    ...(groups.length > 0 ? { groups: groups.map(writtenGroup) } : {}),
    servers: servers.map(writtenServer),
    assistants: assistants.map(writtenAssistant),
  });
  document.commentBefore =
    names.all.length === 0
      ? " Usher configuration. It holds no secret."
      : ` Usher configuration. It holds no secret; set these variables before a new installation applies it:\n${names.all.map((name) => `   ${name}`).join("\n")}`;
  return document.toString({ lineWidth: 100 });
}

/** An entry as written: without defaults, with its text escaped. */
function writtenServer(entry: ServerEntry): object {
  const { headers, environment, oauth, ...rest } = entry;
  const { name: _, ...defaults } = serverEntry.parse({ name: entry.name });
  const authentication = authenticationOf({ ...entry, authentication: undefined });
  return {
    ...changed(rest, { ...defaults, authentication }),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(Object.keys(environment).length > 0 ? { environment } : {}),
    ...(oauth ? { oauth: writtenClient(oauth) } : {}),
  };
}

function writtenGroup({ renamedFrom: _, ...entry }: GroupEntry): object {
  return changed(entry, { description: "", claimValue: "", role: null });
}

function writtenClient({ clientSecret, ...client }: OAuthEntry): object {
  const written = changed(client, oauthEntry.parse({}));
  return clientSecret ? { ...written, clientSecret } : written;
}

function changed(values: object, defaults: object): object {
  const entries = Object.entries(values).filter(
    ([name, value]) =>
      value !== undefined && JSON.stringify(value) !== JSON.stringify(Reflect.get(defaults, name)),
  );
  return Object.fromEntries(entries.map(([name, value]) => [name, meaningItself(value)]));
}

function meaningItself(value: unknown): unknown {
  if (typeof value === "string") return literal(value);
  if (Array.isArray(value)) return value.map(meaningItself);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, meaningItself(each)]),
  );
}

function writtenAssistant({ renamedFrom: _, servers, ...entry }: AssistantEntry): object {
  return {
    ...changed(entry, {
      ...{ description: "", instructions: "", model: "", modelsToChoose: "none", examples: [] },
    }),
    ...(servers.length === 0
      ? {}
      : {
          servers: servers.map((each) => changed(each, { tools: "all", toolPolicies: {} })),
        }),
  };
}
