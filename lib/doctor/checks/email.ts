import { failingMail } from "@/lib/db/email/outgoing-mail";
import type { DoctorCheck } from "@/lib/doctor/check";
import { counted, failed, ok, skipped, warning } from "@/lib/doctor/check";
import type { DoctorRun } from "@/lib/doctor/run";
import { createSmtp } from "@/lib/email/smtp";

export const emailCheck: DoctorCheck<DoctorRun> = {
  id: "email",
  needsDatabase: true,
  async run({ db, env: { email } }) {
    if (email === null) {
      return skipped(
        "SMTP_URL is not set, so Usher sends no email. Admins share invitations and reset links themselves.",
      );
    }
    const smtp = createSmtp(email);
    try {
      const problem = await smtp.check();
      if (problem !== null) {
        return failed(
          problem,
          "Correct SMTP_URL, or see why the mail server refuses this machine.",
        );
      }
    } finally {
      smtp.close();
    }
    const { waiting, lastError } = await failingMail(db);
    const server = `${email.host} answers. Usher sends as ${email.from.address}.`;
    if (waiting === 0) return ok(server);
    return warning(
      `${server} ${counted(waiting, "mail")} could not be sent yet: ${lastError}`,
      "Usher tries for a day. Look in the mail server's log for the reason.",
    );
  },
};
