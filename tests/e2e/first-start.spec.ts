import type { FirstAdminInput } from "@/lib/contracts/people/person";
import { expect, test } from "@/tests/e2e/fixtures";
import { openEmptyUsher } from "@/tests/e2e/stage";

test("on the first start the link in the log creates the admin, and then closes for good", async ({
  people,
  stage,
}) => {
  const { usher, close } = await openEmptyUsher(stage.cluster);
  try {
    await expect
      .poll(() => usher.output.find((line) => line.includes("Usher has no admin yet")))
      .toBeDefined();
    const log = usher.output.join("\n");
    const link = log.match(/Usher has no admin yet\. Open (https?:[^\s"]+)/)?.[1] ?? "";
    const page = await people.visit(null, { path: usher.url });
    await expect(page).toHaveURL(`${usher.url}/setup`);
    await expect(page.getByRole("textbox", { name: "Setup code" })).toBeVisible();

    await page.goto(link);
    await page.getByRole("textbox", { name: "Your name" }).fill("Fay First");
    await page.getByRole("textbox", { name: "Email" }).fill("fay@usher.example");
    await page.getByRole("textbox", { name: "Password" }).fill("the very first one");
    await page.getByRole("button", { name: "Create admin account" }).click();
    await expect(page).toHaveURL(`${usher.url}/get-started`);
    await expect(page.getByRole("listitem").filter({ hasText: "Add an MCP server" })).toBeVisible();

    const late = await people.visit(null, { path: link });
    await expect(late).toHaveURL(`${usher.url}/sign-in`);
    const refused = await late.request.post(`${usher.url}/api/setup`, {
      headers: { origin: usher.url },
      data: {
        code: new URL(link).searchParams.get("code") ?? "",
        name: "Eve Second",
        email: "eve@usher.example",
        password: "another admin please",
      } satisfies FirstAdminInput,
    });
    expect(refused.ok()).toBe(false);
    expect(await usher.query('SELECT email, role FROM "User"')).toEqual([
      { email: "fay@usher.example", role: "ADMIN" },
    ]);
  } finally {
    await close();
  }
});
