import { handlePublic } from "@/lib/http/handle";

/** The process runs. It says nothing of the database: a restart would not mend that. */
export const GET = handlePublic(async () => ({ ok: true }), { answersBeforeStart: true });
