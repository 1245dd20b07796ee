import {
  type CallToolResult,
  McpServer,
  requireScopes,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { type Folder, FolderError } from "@/demo/mcp-server/folder";

export interface Account {
  /** The `sub` of the token. */
  readonly id: string;
  readonly name: string;
}

export interface FileToolsOptions {
  /** Shown to people, such as "Team Handbook". */
  readonly title: string;
  readonly instructions: string;
  /** Whose files these are, in a few words: "the team's handbook". */
  readonly whose: string;
  /** Scopes that a tool needs; null: a valid token is enough. */
  readonly scopes: { readonly read: string | null; readonly write: string | null };
  folderOf(account: Account): Folder;
}

const READS = { readOnlyHint: true, destructiveHint: false, openWorldHint: false } as const;
const FIVE_MINUTES = 5 * 60_000;

/** @param accountOf reads whom the call acts as from the token that came with this request. */
export function fileTools(
  options: FileToolsOptions,
  accountOf: (context: ServerContext) => Account,
): McpServer {
  const server = new McpServer(
    { name: options.title, version: "1.0.0" },
    {
      instructions: options.instructions,
      cacheHints: { "tools/list": { ttlMs: FIVE_MINUTES, cacheScope: "public" } },
    },
  );
  const { whose } = options;
  const reading = challenge(options.scopes.read);
  const writing = challenge(options.scopes.write);
  const folder = (context: ServerContext) => options.folderOf(accountOf(context));

  server.registerTool(
    "list_files",
    {
      title: "List files",
      description: `Lists all files of ${whose} with their size.`,
      inputSchema: z.object({}),
      annotations: { title: "List files", ...READS },
      ...reading,
    },
    async (_input, context) =>
      answer(async () => {
        const files = await folder(context).list();
        return {
          text: files.map((file) => `${file.path} (${file.bytes} bytes)`).join("\n") || "No files.",
          structured: { files },
        };
      }),
  );
  server.registerTool(
    "read_file",
    {
      title: "Read a file",
      description: `Reads one file of ${whose}.`,
      inputSchema: z.object({
        path: z.string().min(1).describe("Path of the file, as list_files shows it"),
      }),
      annotations: { title: "Read a file", ...READS },
      ...reading,
    },
    async ({ path }, context) => answer(async () => ({ text: await folder(context).read(path) })),
  );
  server.registerTool(
    "search_files",
    {
      title: "Search files",
      description: `Finds the lines of ${whose} that hold a text, in any case.`,
      inputSchema: z.object({ query: z.string().min(1).describe("The text to look for") }),
      annotations: { title: "Search files", ...READS },
      ...reading,
    },
    async ({ query }, context) =>
      answer(async () => {
        const matches = await folder(context).search(query);
        return {
          text:
            matches.map((match) => `${match.path}:${match.line}: ${match.text}`).join("\n") ||
            `Nothing holds "${query}".`,
          structured: { matches },
        };
      }),
  );
  server.registerTool(
    "write_file",
    {
      title: "Write a file",
      description: `Makes a file of ${whose}, or replaces what is in it.`,
      inputSchema: z.object({
        path: z.string().min(1).describe("Path of the file"),
        content: z.string().describe("The whole new text of the file"),
      }),
      annotations: {
        title: "Write a file",
        readOnlyHint: false,
        destructiveHint: true,
        idempotentHint: true,
        openWorldHint: false,
      },
      ...writing,
    },
    async ({ path, content }, context) =>
      answer(async () => {
        const { created } = await folder(context).write(path, content);
        return { text: created ? `Made ${path}.` : `Replaced ${path}.` };
      }),
  );
  server.registerTool(
    "whoami",
    {
      title: "Who am I?",
      description: "Tells which account this connection acts as.",
      inputSchema: z.object({}),
      annotations: { title: "Who am I?", ...READS },
    },
    async (_input, context) => {
      const account = accountOf(context);
      return {
        content: [{ type: "text", text: `${account.name} (${account.id})` }],
        structuredContent: { account: account.id, name: account.name },
      };
    },
  );
  return server;
}

function challenge(scope: string | null) {
  return scope === null ? {} : { scopeChallenge: requireScopes(scope) };
}

async function answer(
  run: () => Promise<{ text: string; structured?: Record<string, unknown> }>,
): Promise<CallToolResult> {
  try {
    const { text, structured } = await run();
    return {
      content: [{ type: "text", text }],
      ...(structured && { structuredContent: structured }),
    };
  } catch (error) {
    if (!(error instanceof FolderError)) throw error;
    return { content: [{ type: "text", text: error.message }], isError: true };
  }
}
