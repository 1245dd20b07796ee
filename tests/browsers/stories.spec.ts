import { expect } from "@playwright/test";
import { button, type DrivenBrowser, heading, link, text } from "@/tests/browsers/driven-browser";
import { test } from "@/tests/browsers/fixtures";
import type { Account, Stage } from "@/tests/e2e/stage";

/** The README's two stories, in every engine. */

test("an admin authorizes the shared server and reads one of its files in the chat", async ({
  driven,
  stage,
}) => {
  await signIn(driven, stage, stage.admin);
  await driven.click(link("Team Handbook"));
  await driven.click(link("Authorize"));
  await consent(driven, "Ada Lovelace");
  await driven.see(heading("Team Handbook"));
  await driven.see(text("Connected"));
  await driven.click(button("Ask"));
  await ask(driven, "Read onboarding.md from the Team Handbook");
  await driven.see(text("why the build is called Gertrude"));
  expect(stage.handbook.toolCalls).toEqual(["read_file"]);
  expect(driven.errors).toEqual([]);
});

test("a member consents in a new tab, and the waiting call runs automatically", async ({
  driven,
  stage,
}) => {
  await stage.query('DELETE FROM "StoredTokenSet" WHERE "serverId" = $1', [stage.personalId]);
  await signIn(driven, stage, stage.member);
  await driven.open(`${stage.url}/chat`);
  await ask(driven, "Read todo.md from my Personal Files");
  await driven.see(text("needs your account"));
  expect(stage.personal.toolCalls).toEqual([]);
  await driven.inNewTab(
    () => driven.click(link("Authorize")),
    () => consent(driven, "Grace Hopper"),
  );
  await driven.see(text("Cut forty nanoseconds of wire"));
  expect(stage.personal.toolCalls).toEqual(["read_file"]);
  expect(driven.errors).toEqual([]);
});

test("a link from a foreign page starts no flow", async ({ driven, stage }) => {
  await signIn(driven, stage, stage.member);
  const address = `${stage.url}/oauth/authorize/${stage.personalId}?returnTo=/connections`;
  const foreign = `<a href="${address}">A nice picture</a>`;
  await driven.open(`data:text/html,${encodeURIComponent(foreign)}`);
  await driven.click(link("A nice picture"));
  await driven.see(heading("Authorize Personal Files?"));
  const begun = await stage.query(
    'SELECT 1 FROM "AuthorizationRequest" WHERE "consumedAt" IS NULL',
  );
  expect(begun).toEqual([]);
});

async function signIn(driven: DrivenBrowser, { url }: Stage, account: Account): Promise<void> {
  await driven.open(`${url}/sign-in`);
  await driven.type('//input[@type="email"]', account.email);
  await driven.type('//input[@type="password"]', account.password);
  await driven.click(button("Sign in"));
  await driven.see('//nav//a[@href="/connections"]');
}

async function ask(driven: DrivenBrowser, question: string): Promise<void> {
  await driven.type("//textarea", question);
  await driven.click('//button[@aria-label="Send"]');
}

async function consent(driven: DrivenBrowser, person: string): Promise<void> {
  await driven.see(heading("Allow Usher to use"));
  await driven.click(`//label[contains(., "${person}")]`);
  await driven.click(button("Allow"));
}
