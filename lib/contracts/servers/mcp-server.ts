import * as z from "zod";
import {
  accountOwner,
  connectionCounts,
  connectionStanding,
  connectionView,
  tokenSharing,
} from "@/lib/contracts/connections/connection";
import { catalogueView } from "./catalogue";
import { serverHealth } from "./health";
import {
  type AuthenticationType,
  authenticationTypes,
  startsProgram,
  storedCredential,
  transports,
} from "./kinds";
import { oauthClientInput, oauthClientView, oauthProblems, optionalUrl } from "./oauth-client";
import { parseEnvironment, parseHeaders } from "./secret-lines";
import { serverSettings, settingInputs, settingViews } from "./settings";
import { longestName } from "./unique-name";

/** What isolates the programs of stdio servers: nothing, if they are trusted. */
export const stdioMode = z.enum(["off", "bubblewrap", "user", "trusted"]);
export type StdioMode = z.infer<typeof stdioMode>;

/** For a stdio server's page; null for the other transports. */
export const stdioDetail = {
  stdioMode: stdioMode.nullable(),
  /** Why this installation does not start the program; null: it does. */
  stdioUnavailable: z.string().nullable(),
};

/** Why a program cannot use each type of authentication; null: it can. */
export const whyNotOverStdio = {
  NONE: null,
  HEADERS: "stdio has no headers. Use environment variables instead.",
  OAUTH: "stdio does not support OAuth 2.0. Choose an HTTP transport.",
} as const satisfies Record<AuthenticationType, string | null>;

/** Of this installation. */
export const stdioContext = {
  stdioMode,
  /** Null if stdio works; otherwise why it does not. */
  stdioUnavailable: z.string().nullable(),
};

export const transport = z.enum(transports);
export const authenticationType = z.enum(authenticationTypes);

/**
 * What the form sends, for a new server and for an edit alike. Every text field is present; an empty
 * secret field keeps what is stored, `clear…` removes it.
 */
export const mcpServerInput = z
  .object({
    /** Of the server the edit began with; null for a new one. An edit of an older version is refused. */
    version: z.number().int().nullable(),
    name: z
      .string()
      .trim()
      .min(1, "Give the server a name.")
      .max(longestName, `A name may have ${longestName} characters at most.`),
    description: z.string().trim().max(500, "A description may have 500 characters at most."),
    transport,
    url: optionalUrl,
    command: z.string().trim().max(1000, "That command is too long."),
    /** One argument per line. */
    args: z.string().max(8000, "Those arguments are too long."),
    environment: z.string().max(64_000, "Those variables are too long."),
    clearEnvironment: z.boolean(),
    headers: z.string().max(64_000, "Those headers are too long."),
    clearHeaders: z.boolean(),
    authentication: authenticationType,
    /** For headers: whether all calls send those of the field, or each person enters their own. Omitted: unchanged. */
    headerSharing: tokenSharing
      .optional()
      .refine(
        (sharing): boolean => sharing !== "ORGANIZATION",
        "Headers are shared, or each person’s own.",
      ),
    settings: z.object(settingInputs(serverSettings)).optional(),
    oauth: oauthClientInput,
  })
  .superRefine((input, context) => {
    const problem = (path: string[], message: string) =>
      context.addIssue({ code: "custom", path, message });

    if (startsProgram(input.transport)) {
      if (input.command === "") problem(["command"], "Name the command that starts the server.");
      const whyNot = whyNotOverStdio[input.authentication];
      if (whyNot) problem(["authentication"], whyNot);
      const environment = parseEnvironment(input.environment);
      if (!environment.ok) problem(["environment"], environment.problem);
      return;
    }

    if (input.url === "") problem(["url"], "Enter the URL of the MCP server.");
    const credential = storedCredential(input);
    if (credential === "headers") {
      const headers = parseHeaders(input.headers);
      if (!headers.ok) problem(["headers"], headers.problem);
    }
    if (credential !== "oauth-client") return;
    for (const { field, message } of oauthProblems(input.oauth)) problem(["oauth", field], message);
  });
export type McpServerInput = z.infer<typeof mcpServerInput>;

export const switchInput = z.object({ on: z.boolean() });

export const mcpServerSummary = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  transport,
  url: z.string().nullable(),
  command: z.string().nullable(),
  /** What its command runs, such as a package; null if the server has a URL. */
  program: z.string().nullable(),
  authentication: authenticationType,
  tokenSharing: tokenSharing.nullable(),
  /** Null before the first successful test. */
  toolCount: z.number().nullable(),
  catalogueFetchedAt: z.string().nullable(),
  lastError: z.string().nullable(),
  /** Since when an admin has switched it off; null: it is on. */
  switchedOffAt: z.string().nullable(),
  /** Null if no one connects: otherwise for everyone (SHARED) or for the viewer (PER_USER). */
  standing: connectionStanding.nullable(),
  /** Null if people connect accounts: these have a standing. */
  health: serverHealth.nullable(),
  updatedAt: z.string(),
});
export type McpServerSummary = z.infer<typeof mcpServerSummary>;

export const mcpServerDetail = mcpServerSummary.extend({
  args: z.array(z.string()),
  headerSharing: tokenSharing,
  ...stdioDetail,
  environmentNames: z.array(z.string()),
  headerNames: z.array(z.string()),
  settings: z.object(settingViews(serverSettings)),
  oauthClient: oauthClientView.nullable(),
  connection: connectionView.nullable(),
  /** The team's account, if it is offered alongside people's own (PER_USER). */
  teamConnection: connectionView.nullable(),
  /** For API callers that only ask whether calls work; null if no one connects. */
  connectionStatus: connectionView.shape.status.nullable(),
  /** For people's own accounts (PER_USER). */
  people: connectionCounts,
  /** Who these people are, latest consent or key first, at most 50. */
  accountOwners: z.array(accountOwner),
  catalogue: catalogueView.nullable(),
  /** Names the state in which the tools have to be read again for the viewer. Null: they do not. */
  toolsDue: z.string().nullable(),
  assistants: z.array(z.object({ id: z.string(), name: z.string() })),
  version: z.number(),
  createdAt: z.string(),
});
export type McpServerDetail = z.infer<typeof mcpServerDetail>;

export const mcpServerList = z.object({ servers: z.array(mcpServerSummary) });
