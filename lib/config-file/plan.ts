import type { AssistantContext } from "@/lib/assistants/assistant";
import { assistantInput } from "@/lib/contracts/assistant";
import { effectsOfEdit } from "@/lib/contracts/servers/edit-effects";
import { type McpServerInput, mcpServerInput } from "@/lib/contracts/servers/mcp-server";
import { listGroups } from "@/lib/db/accounts/group";
import { type AssistantChoices, listAssistantChoices } from "@/lib/db/assistant";
import { listAllMcpServers, type McpServerRow } from "@/lib/db/mcp-server";
import { InvalidInputError } from "@/lib/errors";
import { checkServer, type SaveContext, storedServerOf } from "@/lib/servers/save";
import { accessProblems, knownChoices, type StoredAccess, storedAccess } from "./access-entry";
import { assistantEntryOf, assistantInputOf } from "./assistant-entry";
import { comparedAssistant, comparedServer, type FieldChange, fieldChanges } from "./compare";
import { type AssistantEntry, assistantEntry, type ServerEntry, serverEntry } from "./document";
import { type GroupChange, planGroup } from "./group-entry";
import { type Problem, readConfigFile, written } from "./read";
import { plainSecret, type SecretsGiven, secretsGiven } from "./secrets";
import { entryOf, inputOf } from "./server-entry";
import { VariableNames, type Variables } from "./variables";

export type PlanContext = SaveContext & Pick<AssistantContext, "modelProblem">;

type Change<Entry, Row> = {
  entry: Entry;
  /** Null: it is new, and compared with one whose fields have their defaults. */
  row: Row | null;
  fields: FieldChange[];
  /** What a person should know before it is applied. */
  notes: string[];
};
export type ServerChange = Change<ServerEntry, McpServerRow> & { input: McpServerInput };
export type AssistantChange = Change<AssistantEntry, AssistantChoices>;

/** Whether there is something to save. */
export function hasChanges(change: { row: unknown; fields: readonly unknown[] }): boolean {
  return change.row === null || change.fields.length > 0;
}

/** What applying a file would do. An entry without a change is left alone. */
export type Plan = {
  groups: GroupChange[];
  servers: ServerChange[];
  assistants: AssistantChange[];
  /** Names that are missing from the file. They stay: a deletion ends people's accounts. */
  onlyHere: { groups: string[]; servers: string[]; assistants: string[] };
};

/** Nothing is written. A plan has no problems: what cannot be applied as a whole is not planned. */
export async function planConfig(
  ctx: PlanContext,
  text: string,
  variables: Variables,
): Promise<{ plan: Plan } | { problems: Problem[] }> {
  const read = readConfigFile(text, variables);
  if ("problems" in read) return read;
  const { file, lineOf } = read;
  const rows = await listAllMcpServers(ctx.db);
  const assistantRows = await listAssistantChoices(ctx.db);
  const groupRows = await listGroups(ctx.db);
  const access = await storedAccess(ctx.db);
  const asked = [...file.servers, ...file.assistants].map((entry) => entry.access);
  const known = await knownChoices(ctx.db, asked);
  const groupNames = new Set([...known.groups.keys(), ...file.groups.map(({ name }) => name)]);
  const choices = { groups: groupNames, people: known.people };
  const problems: Problem[] = [];
  const teller = (path: (string | number)[]) => (field: string, message: string) => {
    const rest = field.split(".").filter((part) => part !== "");
    const whole = [...path, ...rest.map((part) => (/^\d+$/.test(part) ? Number(part) : part))];
    problems.push({ line: lineOf(whole), path: written(whole), message });
  };
  const groups = file.groups.map((entry, at) =>
    planGroup(entry, stored(groupRows, entry), teller(["groups", at])),
  );
  const servers = file.servers.map((entry, at) => {
    const tell = teller(["servers", at]);
    for (const problem of accessProblems(entry.access, choices)) tell(...problem);
    return planServer(ctx, entry, { row: stored(rows, entry), access }, variables, tell);
  });
  const names = new Set([...rows.map(({ name }) => name), ...file.servers.map(({ name }) => name)]);
  const assistants = file.assistants.map((entry, at) => {
    const tell = teller(["assistants", at]);
    for (const problem of accessProblems(entry.access, choices)) tell(...problem);
    return planAssistant(ctx, entry, { row: stored(assistantRows, entry), access }, names, tell);
  });
  problems.push(...takenTwice({ groups, servers, assistants }));
  if (problems.length > 0) return { problems };
  const missing = {
    groups: onlyHere(groupRows, file.groups),
    servers: onlyHere(rows, file.servers),
    assistants: onlyHere(assistantRows, file.assistants),
  };
  return { plan: { groups, servers, assistants, onlyHere: missing } };
}

type Named = { entry: { name: string }; row: { id: string; name: string } | null };

function takenTwice(lists: Readonly<Record<string, readonly Named[]>>): Problem[] {
  return Object.entries(lists).flatMap(([path, list]) => {
    const taken = new Set<string>();
    return list.flatMap(({ entry, row }) => {
      if (row === null) return [];
      if (!taken.has(row.id)) {
        taken.add(row.id);
        return [];
      }
      const message = `${entry.name} and another one are both renamed from ${row.name}.`;
      return [{ line: null, path, message }];
    });
  });
}

type Tell = (field: string, message: string) => void;

/** An entry's row; one with another name only if none has the entry's own. */
function stored<Row extends { name: string }>(
  rows: readonly Row[],
  { name, renamedFrom }: { name: string; renamedFrom?: string | undefined },
): Row | null {
  const named = (wanted: string) => rows.find((row) => row.name === wanted);
  return named(name) ?? (renamedFrom === undefined ? null : (named(renamedFrom) ?? null));
}

function planServer(
  ctx: PlanContext,
  entry: ServerEntry,
  { row, access }: { row: McpServerRow | null; access: StoredAccess },
  variables: Variables,
  tell: Tell,
): ServerChange {
  const name = { name: entry.name };
  const before = row ? entryOf(row, new VariableNames(), access) : serverEntry.parse(name);
  const secrets = secretsGiven(ctx.keyring, entry, row, variables);
  const input: McpServerInput = withSecrets(inputOf(entry, row?.version ?? null), secrets);
  const fields = [
    ...fieldChanges(comparedServer(before), comparedServer(entry)),
    ...secrets.changes,
  ];
  const wrong = [...misplaced(entry, input), ...secrets.problems];
  for (const [field, message] of wrong) tell(field, message);
  const parsed = mcpServerInput.safeParse(input);
  for (const { path, message } of parsed.error?.issues ?? []) {
    tell(path.join("."), withMissing(message, path.join("."), secrets));
  }
  if (parsed.success && hasChanges({ row, fields })) {
    try {
      checkServer(ctx, parsed.data, row);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      for (const [field, message] of Object.entries(error.fields)) {
        tell(field, withMissing(message, field, secrets));
      }
    }
  }
  const effects = parsed.success && row ? effectsOfEdit(storedServerOf(row), parsed.data) : null;
  const dropped =
    effects && !effects.tokens.keep
      ? [`Connected accounts have to authorize again. ${effects.tokens.reason}`]
      : effects && !effects.teamTokens.keep
        ? [`The team’s account is disconnected. ${effects.teamTokens.reason}`]
        : [];
  return {
    ...{ entry, row, fields, input: parsed.data ?? input },
    notes: hasChanges({ row, fields }) ? [...dropped, ...secrets.notes] : [],
  };
}

function withSecrets(input: McpServerInput, secrets: SecretsGiven): McpServerInput {
  const { clientSecret, headers, environment } = secrets.lines;
  return { ...input, headers, environment, oauth: { ...input.oauth, clientSecret } };
}

/** What a file says without any effect. */
function misplaced(entry: ServerEntry, input: McpServerInput): [string, string][] {
  const { authentication, transport } = input;
  const program = transport === "STDIO";
  const problems: [boolean, string, string][] = [
    [
      entry.oauth !== undefined && authentication !== "OAUTH",
      "oauth",
      "Write authentication: OAUTH, or leave this out.",
    ],
    [
      Object.keys(entry.headers).length > 0 && (authentication !== "HEADERS" || program),
      "headers",
      "Headers need authentication: HEADERS and an HTTP transport.",
    ],
    [program && entry.url !== "", "url", "A stdio server has a command and no URL."],
    [!program && entry.command !== "", "command", "Only a stdio server has a command."],
    [
      !program && Object.keys(entry.environment).length > 0,
      "environment",
      "Only a stdio server has environment variables.",
    ],
    [
      entry.args.some((argument) => /[\r\n]/.test(argument)),
      "args",
      "An argument cannot have a line break.",
    ],
    [
      entry.oauth !== undefined &&
        entry.oauth.registration !== "PRE_REGISTERED" &&
        (entry.oauth.clientId !== "" || entry.oauth.clientSecret !== ""),
      "oauth.clientId",
      "Leave out clientId and clientSecret: Usher gets its own from the provider.",
    ],
    [
      plainSecret(entry),
      "oauth.clientSecret",
      `Write the name of a variable, as \${CLIENT_SECRET}. A file is no place for a secret.`,
    ],
  ];
  return problems.flatMap(([wrong, field, message]) => (wrong ? [[field, message]] : []));
}

/** A secret that is required because its variable is not set here. */
function withMissing(message: string, field: string, { missing }: SecretsGiven): string {
  const names = Object.hasOwn(missing, field) ? missing[field] : undefined;
  return names && names.length > 0 ? `Set ${names.join(", ")} in the environment.` : message;
}

function planAssistant(
  ctx: PlanContext,
  entry: AssistantEntry,
  { row, access }: { row: AssistantChoices | null; access: StoredAccess },
  serverNames: ReadonlySet<string>,
  tell: Tell,
): AssistantChange {
  const before = row ? assistantEntryOf(row, access) : assistantEntry.parse({ name: entry.name });
  for (const [at, { server }] of entry.servers.entries()) {
    if (!serverNames.has(server)) tell(`servers.${at}.server`, `There is no server “${server}”.`);
  }
  const { error } = assistantInput.safeParse(assistantInputOf(entry, (server) => server));
  for (const { path, message } of error?.issues ?? []) tell(path.join("."), message);
  const problem = entry.model === "" ? null : ctx.modelProblem(entry.model);
  if (problem) tell("model", problem);
  const fields = fieldChanges(comparedAssistant(before), comparedAssistant(entry));
  return { entry, row, fields, notes: [] };
}

function onlyHere(
  rows: readonly { name: string }[],
  entries: readonly { name: string; renamedFrom?: string | undefined }[],
): string[] {
  const named = new Set(entries.map((entry) => stored(rows, entry)?.name ?? entry.name));
  return rows.map(({ name }) => name).filter((name) => !named.has(name));
}
