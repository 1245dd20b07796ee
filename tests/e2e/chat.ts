import { expect, type Locator, type Page } from "@playwright/test";

/** The chat as a person sees it, in the panel beside a page or on its own page. */
export class Chat {
  readonly page: Page;
  readonly root: Locator;

  private constructor(page: Page, root: Locator) {
    this.page = page;
    this.root = root;
  }

  /** Beside the page; opens it if it is closed. */
  static async beside(page: Page): Promise<Chat> {
    const panel = page.getByRole("complementary", { name: "Chat", exact: true });
    if (!(await panel.isVisible())) await page.getByRole("button", { name: "Ask" }).click();
    return new Chat(page, panel);
  }

  static onPage(page: Page): Chat {
    return new Chat(page, page.getByRole("main"));
  }

  get input(): Locator {
    return this.root.getByRole("textbox", { name: "Message" });
  }

  get messages(): Locator {
    return this.root.getByRole("region", { name: "Conversation" });
  }

  /** The last answer, however far it has come. */
  get answer(): Locator {
    return this.messages
      .getByRole("article")
      .filter({ has: this.page.getByRole("heading", { name: "The assistant said" }) })
      .last();
  }

  /** Who answers in the next new conversation. */
  async chooseAssistant(name: string): Promise<void> {
    await this.root.getByRole("button", { name: "New conversation" }).click();
    await this.root.getByRole("combobox", { name: "Assistant" }).click();
    await this.page.getByRole("option", { name }).click();
  }

  async ask(text: string): Promise<void> {
    await this.input.fill(text);
    await expect(this.root.getByRole("button", { name: "Send" })).toBeEnabled();
    await this.input.press("Enter");
    await expect(this.messages.getByRole("article").filter({ hasText: text }).last()).toBeVisible();
  }

  /** The turn is over: answered, failed, or waiting for consent. */
  async settled(): Promise<void> {
    await expect(this.messages).toHaveAttribute("aria-busy", "false", { timeout: 20_000 });
    await expect(this.root.getByRole("button", { name: "Stop the answer" })).toHaveCount(0);
  }

  /** The prompt for a missing consent. */
  prompt(serverName: string): Locator {
    return this.messages.getByRole("region", { name: new RegExp(`^${serverName} needs`) });
  }

  toolCall(title: string): Locator {
    return this.messages
      .getByRole("list", { name: "Tool calls" })
      .getByRole("listitem")
      .filter({ hasText: title });
  }
}
