import { accessibilityProblems } from "@/tests/e2e/axe";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent } from "@/tests/e2e/provider-page";

test("a program asks for a consent, its person confirms in a browser, and no one else can", async ({
  people,
  stage,
}) => {
  test.slow();
  const member = await people.join("Tea Terminal");
  const created = await (await people.api(member)).post("/api/api-keys", {
    data: {
      ...{ name: "Terminal", owner: "person", scopes: ["connections:write"], expiresInDays: 1 },
    },
  });
  const { secret } = (await created.json()) as { secret: string };
  const headers = { authorization: `Bearer ${secret}` };
  const base = `${stage.url}/api/mcp-servers/${stage.personalId}/authorizations`;
  const asked = await (await fetch(base, { method: "POST", headers })).json();
  const poll = async () => (await fetch(`${base}/${asked.id}`, { headers })).json();
  expect(await poll()).toMatchObject({ status: "pending" });

  const victim = await people.visit(await people.join("Vic Victim"), {
    path: asked.authorizationUrl,
  });
  await expect(victim.getByRole("heading", { name: "for somebody else" })).toBeVisible();
  await expect(victim.getByRole("link", { name: "Continue" })).toHaveCount(0);

  const page = await people.visit(member, {
    ...{ path: asked.authorizationUrl, viewport: { width: 390, height: 844 } },
  });
  await expect(page.getByRole("heading", { name: /^Authorize Personal Files/ })).toBeVisible();
  await expect(page.getByText("Terminal (ush_")).toBeVisible();
  await expect(page.getByText(member.email).first()).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole("link", { name: "Continue" }).click();
  await consent(page, "Ada Lovelace");
  await expect(page.getByRole("heading", { name: "Connected" })).toBeVisible();
  expect(await poll()).toMatchObject({ status: "connected" });

  await page.goto(asked.authorizationUrl);
  await expect(page.getByRole("heading", { name: "no longer works" })).toBeVisible();
  const second = await (await fetch(base, { method: "POST", headers })).json();
  await page.goto(second.authorizationUrl);
  await page.getByRole("button", { name: "I didn’t ask for this" }).click();
  await expect(page.getByRole("heading", { name: "Cancelled" })).toBeVisible();
  const after = await (await fetch(`${base}/${second.id}`, { headers })).json();
  expect(after).toMatchObject({ status: "failed" });
});
