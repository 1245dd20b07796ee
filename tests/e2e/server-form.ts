import { expect, type Locator, type Page } from "@playwright/test";

export interface ServerFields {
  Name?: string;
  Description?: string;
  "Server URL"?: string;
  Command?: string;
  Arguments?: string;
  "Environment variables"?: string;
  Headers?: string;
  "Client ID"?: string;
  "Client secret"?: string;
  "Authorization URL"?: string;
  "Token URL"?: string;
  Scopes?: string;
  "Call timeout (seconds)"?: string;
}

/** A text field of the form, by its label. */
export function field(page: Page, label: keyof ServerFields): Locator {
  return page.getByRole("textbox", { name: label, exact: true });
}

export async function fill(page: Page, fields: ServerFields): Promise<void> {
  for (const [label, value] of Object.entries(fields)) {
    await field(page, label as keyof ServerFields).fill(value);
  }
}

export async function choose(page: Page, card: string): Promise<void> {
  await page.getByRole("radio", { name: card, exact: true }).check();
}

/** The error shown below a field. */
export async function expectError(of: Locator, message: string | RegExp): Promise<void> {
  await expect(of).toHaveAttribute("aria-invalid", "true");
  await expect(of).toHaveAccessibleDescription(
    typeof message === "string" ? new RegExp(escapeRegExp(message)) : message,
  );
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Saves a new server and waits for its page. @returns its id */
export async function addServer(page: Page, name: string): Promise<string> {
  await page.getByRole("button", { name: "Add server" }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

/** Presses Test connection and waits for its last step. */
export async function testConnection(page: Page, ends: string | RegExp): Promise<void> {
  await page.getByRole("button", { name: "Test connection" }).first().click();
  await expect(page.getByRole("listitem").filter({ hasText: ends }).first()).toBeVisible();
}
