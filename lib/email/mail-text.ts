import * as z from "zod";
import { oneLine } from "@/lib/untrusted-text";

/** The content of a mail. Names in it are data: `renderMail` sanitizes them. */
export const mailText = z.object({
  subject: z.string(),
  paragraphs: z.array(z.string()),
  /** One line each. */
  list: z.array(z.object({ noticeId: z.string(), text: z.string() })).default([]),
  action: z.object({ label: z.string(), url: z.string() }),
  /** Why the person gets this mail, and what to do if they should not. */
  footer: z.string(),
});
export type MailText = z.input<typeof mailText>;

export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

const longest = { subject: 150, line: 600 };

/** No picture, no style from elsewhere, no tracking. Every mail names its link in full. */
export function renderMail(written: MailText): RenderedMail {
  const { subject, paragraphs, list, action, footer } = mailText.parse(written);
  const line = (text: string) => oneLine(text, longest.line);
  const lines = {
    before: paragraphs.map(line),
    list: list.map((each) => line(each.text)),
    footer: line(footer),
  };
  const text = [
    ...lines.before,
    ...(lines.list.length > 0 ? [lines.list.map((each) => `- ${each}`).join("\n")] : []),
    `${action.label}:\n${action.url}`,
    `--\n${lines.footer}`,
  ].join("\n\n");
  return {
    subject: oneLine(subject, longest.subject),
    text: `${text}\n`,
    html: htmlOf(lines, action),
  };
}

function htmlOf(
  { before, list, footer }: { before: string[]; list: string[]; footer: string },
  { label, url }: MailText["action"],
): string {
  const button =
    "display:inline-block;padding:10px 16px;border-radius:8px;background:#006b70;color:#ffffff;text-decoration:none;font-weight:600";
  const items = list.map((each) => `<li style="margin:0 0 6px">${escaped(each)}</li>`).join("");
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light"></head>',
    '<body style="margin:0;padding:24px;background:#ffffff;color:#18181b;font:16px/1.5 system-ui,sans-serif">',
    '<div style="max-width:560px">',
    ...before.map((each) => `<p style="margin:0 0 16px">${escaped(each)}</p>`),
    items === "" ? "" : `<ul style="margin:0 0 16px;padding-left:20px">${items}</ul>`,
    `<p style="margin:24px 0"><a href="${escaped(url)}" style="${button}">${escaped(label)}</a></p>`,
    `<p style="margin:0 0 24px;color:#52525b;font-size:13px;overflow-wrap:anywhere">${escaped(url)}</p>`,
    `<p style="margin:0;padding-top:16px;border-top:1px solid #e4e4e7;color:#52525b;font-size:13px">${escaped(footer)}</p>`,
    "</div></body></html>",
  ].join("\n");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
