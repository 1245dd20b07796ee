import type { ProviderMetadata } from "ai";

/** Whose words a plain-text part of a message quotes. */
export type QuotedFrom = { serverName: string; toolName: string };

/** Marks a text part of a message as plain text: it is shown as it is, and none of it is Markdown. */
export function plainTextMetadata(from: QuotedFrom): ProviderMetadata {
  return { usher: { format: "plain", ...from } };
}

/** Null: the part is Markdown. */
export function quotedFrom(part: {
  providerMetadata?: ProviderMetadata | undefined;
}): QuotedFrom | null {
  const ours = part.providerMetadata?.usher;
  if (ours?.format !== "plain") return null;
  return { serverName: nameIn(ours.serverName), toolName: nameIn(ours.toolName) };
}

function nameIn(value: unknown): string {
  return typeof value === "string" ? value : "unknown";
}
