import type { Page } from "@playwright/test";
import { expect, test } from "@/tests/e2e/fixtures";
import { signIn } from "@/tests/e2e/sign-in";
import { openEmptyUsher } from "@/tests/e2e/stage";
import { startMailServer } from "@/tests/support/mail-server";

const admin = { email: "ada@usher.example", password: "correct horse battery" };
const fresh = "an entirely new phrase";
/** Reading and sending continue after the response. */
const patient = { timeout: 60_000 };

test("a person who forgot the password gets a link by email, and an invitation arrives the same way", async ({
  people,
  stage,
}) => {
  const mails = await startMailServer();
  const { usher, close } = await openEmptyUsher(stage.cluster, {
    env: {
      ...{ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
      ...{ SMTP_URL: mails.url, EMAIL_FROM: "Usher <usher@usher.example>" },
    },
  });
  const pages: Page[] = [];
  const visit = async (path: string) => {
    const page = await people.visit(null, { path });
    pages.push(page);
    return page;
  };
  const linkIn = (pattern: RegExp) => mails.received.at(-1)?.text.match(pattern)?.[0] ?? "";
  try {
    const page = await visit(`${usher.url}/sign-in`);
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await expect(page.getByRole("heading", { name: "Forgot your password?" })).toBeVisible();
    const email = page.getByRole("textbox", { name: "Email" });
    await expect(email).toBeFocused();

    await email.fill("nobody@usher.example");
    await page.getByRole("button", { name: "Send link" }).click();
    await expect(page.getByText("Check your email")).toBeVisible();
    await page.reload();
    await expect(email).toBeFocused();
    await email.fill(admin.email);
    await page.getByRole("button", { name: "Send link" }).click();
    await expect(page.getByText("Check your email")).toBeVisible();

    await expect.poll(() => mails.received.length, patient).toBe(1);
    expect(mails.received[0]?.to).toEqual([admin.email]);
    const link = linkIn(/http:\S+\/reset-password\/\S+/);
    await page.goto(link);
    await page.getByRole("textbox", { name: "New password" }).fill(fresh);
    await page.getByRole("button", { name: "Set password and sign in" }).click();
    await expect(page).not.toHaveURL(/reset-password/);

    await page.goto(`${usher.url}/people?invite=1`);
    const dialog = page.getByRole("dialog", { name: "Invite a person" });
    await dialog.getByRole("textbox", { name: "Email" }).fill("grace@usher.example");
    await dialog.getByRole("button", { name: "Send invitation" }).click();
    await expect(page.getByRole("dialog", { name: "Invitation sent" })).toBeVisible();
    await expect.poll(() => mails.received.length, patient).toBe(2);
    expect(mails.received[1]?.to).toEqual(["grace@usher.example"]);
    const invitation = linkIn(/http:\S+\/invite\/\S+/);
    const guest = await visit(invitation);
    await expect(guest.getByRole("textbox", { name: "Email" })).toHaveValue("grace@usher.example");

    const again = await visit(link);
    await again.getByRole("link", { name: "get a new link by email" }).click();
    await expect(again).toHaveURL(`${usher.url}/forgot-password`);
    const other = await visit(`${usher.url}/sign-in`);
    await signIn(other, { ...admin, password: fresh });
    await expect(other).not.toHaveURL(/sign-in/);
    const tokens = [link, invitation].map((each) => new URL(each).pathname.split("/").at(-1) ?? "");
    for (const token of tokens) expect(usher.output.join("\n")).not.toContain(token);
  } finally {
    // Before their server is gone: a page that is still loading would fail.
    for (const page of pages) await page.context().close();
    await close();
    await mails.close();
  }
});
