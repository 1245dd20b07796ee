import { publicUrlCheck } from "@/lib/doctor/checks/public-url";
import { doctorRun } from "@/lib/doctor/run";
import { handle } from "@/lib/http/handle";

export const POST = handle("settings.view", async ({ app, request: { headers } }) => {
  const { status, finding, fix } = await publicUrlCheck.run(
    doctorRun(app, { requestHeaders: headers }),
  );
  return { ok: status === "ok", message: [finding, fix].filter(Boolean).join(" ") };
});
