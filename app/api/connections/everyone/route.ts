import { consoleQuery } from "@/lib/contracts/connections/connection-console";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";
import { consolePage } from "@/lib/tokens/connection-console";

/** For admins and auditors: each person's and each shared connection, a page at a time. */
export const GET = handle("connections.view-all", async ({ app, request }) =>
  consolePage(app, readQuery(request, consoleQuery)),
);
