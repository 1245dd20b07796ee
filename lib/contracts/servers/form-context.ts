import * as z from "zod";
import { stdioContext } from "./mcp-server";

/** What the form needs to know about this installation. */
export const mcpServerFormContext = z.object({
  callbackUrl: z.string(),
  /** For this installation's Client ID Metadata Document; null if providers could not read it. */
  clientMetadataUrl: z.string().nullable(),
  ...stdioContext,
  /** True if http://localhost addresses are allowed (practice and tests). */
  allowHttpLoopback: z.boolean(),
});
