import type { McpServer } from "@modelcontextprotocol/server";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { Chat } from "@/tests/e2e/chat";
import { expect, type People, test } from "@/tests/e2e/fixtures";
import { watchLayoutShifts } from "@/tests/e2e/layout-shifts";
import type { Stage } from "@/tests/e2e/stage";
import { png, pngHeader } from "@/tests/support/images";
import { startPlainMcpServer } from "@/tests/support/mcp-servers";
import { serverInput } from "@/tests/support/server-input";

const desk = { viewport: { width: 1440, height: 900 } };

const picture = (bytes: string, mimeType = "image/png") => ({
  ...{ type: "image" as const, mimeType, data: btoa(bytes) },
});
const answers = {
  draw: [picture(png(300, 200)), { type: "text" as const, text: "Drawn." }],
  many: Array.from({ length: 7 }, (_, n) => picture(png(40 * (n + 1), 90, [30 * n, 90, 160]))),
  odd: [
    picture("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
    picture("no picture at all"),
    picture(pngHeader(60_000, 60_000)),
    picture(pngHeader(20, 20)),
    { type: "image" as const, mimeType: "image/png", data: "A".repeat(2_000_000) },
  ],
};

function drawingTools(server: McpServer): void {
  for (const [name, content] of Object.entries(answers)) {
    const annotations = { readOnlyHint: true };
    server.registerTool(name, { title: `Tool ${name}`, annotations }, () => ({ content }));
  }
}

/** A member in a new conversation whose model calls the tool that it is asked for. */
async function talk(people: People, stage: Stage) {
  const server = await startPlainMcpServer({ tools: drawingTools });
  const admin = await people.api(stage.admin);
  const made = await admin.post("/api/mcp-servers", {
    data: serverInput({ name: "Drawing", url: server.url }),
  });
  expect(made.status(), await made.text()).toBe(201);
  const { id: serverId } = await made.json();
  await (await admin.post(`/api/mcp-servers/${serverId}/test`)).text();
  await people.assistant("Artist", { serverId, model: "openai-compatible/practice-model" });
  stage.model.setScript(({ messages, tools }) => {
    const last = messages.at(-1);
    if (last?.role === "tool") return [{ type: "text", deltas: ["There you are."] }];
    const name = tools?.find((tool) =>
      JSON.stringify(last).includes(`${tool.function.name.split("__")[1]}`),
    );
    return name
      ? [{ type: "tool-call", name: name.function.name, arguments: {} }]
      : [{ type: "text", deltas: [`Answer to ${messages.length}.`] }];
  });
  const member = await people.join("Vera Viewer");
  const page = await people.visit(member, { path: "/chat", ...desk });
  const chat = Chat.onPage(page);
  await chat.chooseAssistant("Artist");
  return { page, chat, close: server.close };
}

test("a tool's images are shown below its closed card, and enlarge on click", async ({
  people,
  stage,
}) => {
  const { page, chat, close } = await talk(people, stage);
  const shifts = await watchLayoutShifts(page);
  await chat.ask("draw");
  await chat.settled();
  const images = chat.messages.getByRole("list", { name: "Images from Tool draw" });
  const image = images.getByRole("img", { name: "Image 1 from Tool draw" });
  await expect(image).toBeVisible();
  await expect.poll(() => image.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBe(300);
  expect(await shifts()).toBeLessThan(0.01);
  expect((await images.boundingBox())?.height).toBe(92);

  const small = images.getByRole("button", { name: "Image 1 from Tool draw" });
  await small.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Image 1 from Tool draw" });
  await expect(dialog.getByRole("img")).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(small).toBeFocused();
  // The open card shows them in its answer.
  await chat.toolCall("Tool draw").getByRole("button").first().click();
  await expect(images).toHaveCount(0);
  await expect(chat.messages.getByRole("img")).toHaveCount(1);
  await page.reload();
  await expect(image).toBeVisible();
  await close();
});

test("some of many images are shown, and the card has them all", async ({ people, stage }) => {
  const { page, chat, close } = await talk(people, stage);
  await chat.ask("many");
  await chat.settled();
  const images = chat.messages.getByRole("list", { name: "Images from Tool many" });
  await expect(images.getByRole("img")).toHaveCount(3);
  await page.setViewportSize({ width: 390, height: 844 });
  const { width = 0 } = (await images.boundingBox()) ?? {};
  expect(width).toBeLessThan(390);
  await images.getByRole("button", { name: "+4 more" }).click();
  await expect(chat.messages.getByRole("img")).toHaveCount(7);
  await expect(chat.toolCall("Tool many").getByRole("button").first()).toBeFocused();
  await close();
});

test("an image that cannot be drawn says so, and a document is not treated as an image", async ({
  people,
  stage,
}) => {
  const { page, chat, close } = await talk(people, stage);
  await chat.ask("odd");
  await chat.settled();
  const images = chat.messages.getByRole("list", { name: "Images from Tool odd" });
  await expect(images.getByText("This image is broken.")).toHaveCount(2);
  await expect(images.getByText("This image is too large to show.")).toHaveCount(2);
  await expect(images.getByRole("img")).toHaveCount(0);
  expect(await page.content()).not.toContain("data:image/svg");
  expect(await accessibilityProblems(page)).toEqual([]);
  await close();
});

test("every answer can be copied: the button shows on hover, on keyboard focus, and always on touch", async ({
  people,
  stage,
}) => {
  const { page, chat, close } = await talk(people, stage);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  for (const words of ["One?", "Two?", "Three?"]) {
    await chat.ask(words);
    await chat.settled();
  }
  const copies = chat.messages.getByRole("button", { name: "Copy answer" });
  await expect(copies).toHaveCount(3);
  const opacity = (at: number) =>
    copies
      .nth(at)
      .locator("..")
      .evaluate((row) => getComputedStyle(row).opacity);
  const answers = chat.messages.getByRole("article").filter({ hasText: /^The assistant said/ });
  await page.mouse.move(0, 0);
  await expect.poll(() => opacity(0)).toBe("0");
  await answers.first().hover();
  await expect.poll(() => opacity(0)).toBe("1");
  await copies.first().click();
  await expect(chat.messages.getByRole("status").filter({ hasText: "Copied" })).toHaveCount(1);
  const first = ((await answers.first().textContent()) ?? "").match(/Answer to \d+\./)?.[0];
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(first);
  await page.mouse.move(0, 0);
  await copies.nth(1).focus();
  await expect.poll(() => opacity(1)).toBe("1");
  // One may be requested again: the last.
  await expect(chat.root.getByRole("button", { name: "Regenerate answer" })).toHaveCount(1);

  const touched = await people.visit(await people.join("Tia Touch"), {
    path: "/chat",
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const there = Chat.onPage(touched);
  for (const words of ["Help", "Help again"]) {
    await there.ask(words);
    await there.settled();
  }
  const row = there.messages.getByRole("button", { name: "Copy answer" }).first().locator("..");
  await expect.poll(() => row.evaluate((each) => getComputedStyle(each).opacity)).toBe("1");
  await close();
});
