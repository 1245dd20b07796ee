import { auditPage } from "@/lib/audit/list";
import { auditQuery } from "@/lib/contracts/audit";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";

export const GET = handle("audit.view", async ({ app, request }) => {
  const { after, ...filters } = readQuery(request, auditQuery);
  return auditPage(app, filters, after);
});
