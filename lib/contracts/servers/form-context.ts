import { z } from "zod";
import { stdioContext } from "./mcp-server";

/** What the form needs to know of this installation. */
export const mcpServerFormContext = z.object({
  callbackUrl: z.string(),
  /** Of this installation's Client ID Metadata Document; null where providers could not read it. */
  clientMetadataUrl: z.string().nullable(),
  ...stdioContext,
  /** True where http://localhost addresses are allowed (practice and tests). */
  allowHttpLoopback: z.boolean(),
});
