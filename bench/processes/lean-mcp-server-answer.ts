/** Where the lean MCP server speaks which protocol: a path of its own for each. */
export const paths = {
  modern: "/2026-07-28",
  legacy: "/2025-11-25",
  legacyStreaming: "/2025-11-25-sse",
} as const;

export type Era = keyof typeof paths;

/** What every answer of its tool ends with: about the size of a small file. */
export const filler = "usher ".repeat(170);
