import { resetLinkHours } from "@/lib/contracts/people/password-reset";
import type { MailText } from "@/lib/email/mail-text";
import { oneLine } from "@/lib/untrusted-text";

const longestName = 60;

/** @param publicUrl names the installation, since a team may have several */
export function invitationMail(of: {
  link: string;
  invitedBy: string;
  publicUrl: string;
}): MailText {
  const { host } = new URL(of.publicUrl);
  return {
    subject: `${oneLine(of.invitedBy, longestName)} invited you to Usher`,
    paragraphs: [
      `${oneLine(of.invitedBy, longestName)} invited you to Usher at ${host}.`,
      "The link works once, for 7 days.",
    ],
    action: { label: "Accept the invitation", url: of.link },
    footer: "If you did not expect this, ignore this email.",
  };
}

export function resetMail({ link, publicUrl }: { link: string; publicUrl: string }): MailText {
  const { host } = new URL(publicUrl);
  return {
    subject: "Set a new password for Usher",
    paragraphs: [
      `Somebody asked for a new password for your account at ${host}.`,
      `The link works once, for ${resetLinkHours} hours. A newer link replaces it.`,
    ],
    action: { label: "Set a new password", url: link },
    footer: "If you did not ask for this, ignore this email. Your password has not changed.",
  };
}
