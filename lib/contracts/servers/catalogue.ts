import * as z from "zod";

/** @see https://modelcontextprotocol.io/specification — tool annotations are hints; an absent one means the cautious reading. */
export const toolAnnotations = z.object({
  title: z.string().optional(),
  readOnlyHint: z.boolean().optional(),
  destructiveHint: z.boolean().optional(),
  idempotentHint: z.boolean().optional(),
  openWorldHint: z.boolean().optional(),
});

/** A tool as the server describes it. All text is the server's own, untrusted. */
export const catalogueTool = z.object({
  name: z.string(),
  title: z.string().nullable(),
  description: z.string().nullable(),
  /** JSON Schema of the arguments. */
  inputSchema: z.record(z.string(), z.unknown()),
  annotations: toolAnnotations,
});
export type CatalogueTool = z.infer<typeof catalogueTool>;

/** A tool that an admin can choose. */
export const toolToChoose = catalogueTool
  .pick({ name: true, title: true, description: true })
  .extend({ readOnly: z.boolean() });
export type ToolToChoose = z.infer<typeof toolToChoose>;
export const toolsToChoose = z.object({ tools: z.array(toolToChoose) });

/** An entry of a server's list that cannot be used, or a text in it that was truncated. */
export const leftOut = z.object({
  /** The tool's name; if it has none, its position in the list. */
  name: z.string(),
  /** In plain words. */
  reason: z.string(),
  /** The tool can still be used: one of its texts was truncated. */
  kept: z.boolean().optional(),
});
export type LeftOut = z.infer<typeof leftOut>;

export const serverInfo = z.object({
  name: z.string(),
  version: z.string(),
  title: z.string().nullable(),
  protocolVersion: z.string().nullable(),
  instructions: z.string().nullable(),
});
export type ServerInfo = z.infer<typeof serverInfo>;

export const catalogueView = z.object({
  tools: z.array(catalogueTool),
  leftOut: z.array(leftOut),
  serverInfo: serverInfo.nullable(),
  fetchedAt: z.string().nullable(),
  /** The configuration changed since it was read. */
  fromEarlierSettings: z.boolean(),
  lastError: z.string().nullable(),
  lastErrorAt: z.string().nullable(),
});
export type CatalogueView = z.infer<typeof catalogueView>;

/** One line of a connection test's progress; streamed as newline-delimited JSON. */
export const testStep = z.object({
  step: z.enum(["address", "authorization", "connect", "list_tools", "save"]),
  state: z.enum(["running", "done", "failed", "skipped"]),
  /** In plain words; for `failed`, what to do. */
  message: z.string(),
  tools: z.number().optional(),
  leftOut: z.array(leftOut).optional(),
});
export type TestStep = z.infer<typeof testStep>;

export function isReadOnly(tool: Pick<CatalogueTool, "annotations">): boolean {
  return tool.annotations.readOnlyHint === true;
}
