import { auditGroups } from "@/lib/audit/list";
import { handle } from "@/lib/http/handle";

export const GET = handle("audit.view", ({ app }) => auditGroups(app));
