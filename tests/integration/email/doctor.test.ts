import { afterEach, beforeEach, expect, it } from "vitest";
import { GET as doctorRoute } from "@/app/api/doctor/route";
import { POST as inviteRoute } from "@/app/api/people/invitations/route";
import type { DoctorResult } from "@/lib/contracts/doctor";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { type MailServer, startMailServer } from "@/tests/support/mail-server";
import type { Visitor } from "@/tests/support/visitor";

let mails: MailServer;
let usher: Installation;
let admin: Visitor;

beforeEach(async () => {
  mails = await startMailServer();
});
afterEach(async () => {
  await usher.close();
  await mails.close();
});

async function start(url: string): Promise<void> {
  usher = await startInstallation({ env: { SMTP_URL: url, EMAIL_FROM: "usher@example.com" } });
  admin = await usher.join("ADMIN");
}

async function emailCheck(): Promise<DoctorResult> {
  const answer = await admin.visit(doctorRoute, { path: "/api/doctor" });
  const lines = (await answer.text()).trim().split("\n");
  const results = lines.map((line) => JSON.parse(line) as DoctorResult);
  const found = results.find(({ id }) => id === "email");
  if (!found) throw new Error(lines.join("\n"));
  return found;
}

it("the doctor connects to the mail server and sends nothing", async () => {
  await start(mails.url);
  expect(await emailCheck()).toMatchObject({ status: "ok", fix: null });
  expect(mails.received).toEqual([]);
});

it("the doctor says that mail is waiting, and why", async () => {
  await start(mails.url);
  mails.refusal = { at: "DATA", code: 451 };
  const json = { email: "grace@example.org", role: "MEMBER" };
  await admin.visit(inviteRoute, { path: "/api/people/invitations", json });
  await usher.settle();
  const { status, finding } = await emailCheck();
  expect(status).toBe("warning");
  expect(finding).toContain(
    "1 mail could not be sent yet: The mail server refused the mail (451).",
  );
  expect(finding).not.toContain("grace");
});

it("the doctor says what is wrong with an unavailable server, without the password", async () => {
  await mails.close();
  await start(`smtps://ada:pass-of-the-mail@127.0.0.1:${mails.port}`);
  const result = await emailCheck();
  expect(result).toMatchObject({
    status: "failed",
    finding: "The mail server could not be reached.",
  });
  expect(JSON.stringify(result)).not.toMatch(/pass-of-the-mail|ada/);
  mails = await startMailServer();
});
