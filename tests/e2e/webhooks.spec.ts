import { Webhook } from "standardwebhooks";
import { expect, test } from "@/tests/e2e/fixtures";
import { startReceiver } from "@/tests/support/webhook-receiver";

test("an admin adds a webhook, tests it, sees why it failed, and resends the lost event", async ({
  people,
  stage,
}) => {
  test.slow();
  const receiver = await startReceiver();
  const page = await people.visit(stage.admin, { path: "/settings/webhooks" });
  await expect(page.getByRole("heading", { name: "No webhooks yet" })).toBeVisible();
  await page.getByRole("button", { name: "Add webhook" }).first().click();
  const dialog = page.getByRole("dialog");
  const url = dialog.getByRole("textbox", { name: "URL" });
  await url.fill("https://10.0.0.7/hook");
  await dialog.getByRole("button", { name: "Add webhook" }).click();
  await expect(dialog.getByText(/private network/)).toBeVisible();
  await url.fill(receiver.url);
  await dialog.getByRole("textbox", { name: "Description" }).fill("On call");
  await dialog.getByRole("button", { name: "Add webhook" }).click();
  await expect(dialog.getByText("It is shown only once")).toBeVisible();
  const secret = await dialog.getByRole("textbox", { name: "Signing secret" }).inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toHaveCount(0);

  await page.getByRole("link", { name: receiver.url }).click();
  await expect(page.getByRole("heading", { name: "On call" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Nothing sent yet" })).toBeVisible();
  receiver.answer = { status: 503, body: "<b>Out of order</b>" };
  await page.getByRole("button", { name: "Send test event" }).click();
  const row = page.getByRole("button", { name: /webhook\.test/ });
  await expect(row).toContainText("Failed");
  await row.click();
  const attempts = page.getByRole("list", { name: "Attempts, newest first" });
  await expect(attempts).toContainText("It answered 503");
  // The receiver's response is text, whatever it contains.
  await expect(attempts).toContainText("<b>Out of order</b>");

  receiver.answer = { status: 200, body: "Thanks" };
  await page.getByRole("button", { name: "Resend" }).click();
  await expect(row).toContainText("Delivered");
  await expect(attempts).toContainText("Thanks");
  const [first, second] = receiver.received;
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(new Webhook(secret).verify(second?.body ?? "", second?.headers ?? {})).toMatchObject({
    type: "webhook.test",
  });

  await page.getByRole("combobox", { name: "Filter deliveries" }).click();
  await page.getByRole("option", { name: "Failed" }).click();
  await expect(page.getByRole("heading", { name: "No matches" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("combobox", { name: "Filter deliveries" })).toContainText("Failed");

  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Rotate secret…" }).click();
  await dialog.getByRole("button", { name: "Rotate secret" }).click();
  const rotated = dialog.getByRole("textbox", { name: "Signing secret" });
  await expect(rotated).toHaveValue(/^whsec_/);
  expect(await rotated.inputValue()).not.toBe(secret);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText(/The old one ends/)).toBeVisible();

  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete webhook" }).click();
  await expect(page.getByRole("heading", { name: "No webhooks yet" })).toBeVisible();
  await receiver.close();
});
