import { accessibilityProblems } from "@/tests/e2e/axe";
import { expect, test } from "@/tests/e2e/fixtures";
import { sendJson, startHttpServer } from "@/tests/support/local-http-server";

const servers = ["2.0.0", "1.0.0"].map((version) => ({
  server: {
    ...{
      name: "com.example/wiki",
      title: "Example Wiki",
      description: "Search the wiki.",
      version,
    },
    remotes: [
      {
        type: "streamable-http",
        url: "http://127.0.0.1:9/{space}/mcp",
        variables: { space: { description: "The space to search." } },
        headers: [{ name: "X-Api-Key", isRequired: true, isSecret: true }],
      },
    ],
  },
  _meta: { "io.modelcontextprotocol.registry/official": { isLatest: version === "2.0.0" } },
}));

test("a registry server is found by search, chosen by version, and fills in the form", async ({
  people,
  stage,
}) => {
  const asked: string[] = [];
  const registry = await startHttpServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://registry.local");
    asked.push(pathname);
    const isFound = pathname.endsWith("/versions") || searchParams.get("search") === "wiki";
    const found = pathname.endsWith("/versions") ? servers : servers.slice(0, 1);
    sendJson(response, 200, { servers: isFound ? found : [], metadata: {} });
  });
  await stage.stop();
  await stage.start({ MCP_REGISTRY_URL: registry.origin });
  try {
    const page = await people.visit(stage.admin, { path: "/mcp-servers/new" });
    await page.getByRole("link", { name: "From the MCP registry" }).click();
    const field = page.getByRole("searchbox", { name: "Search the MCP registry" });
    await expect(field).toBeFocused();
    expect(asked, "before somebody searches").toEqual([]);

    await field.fill("nothing like it");
    await page.keyboard.press("Enter");
    await expect(page.getByText("No server matches")).toBeVisible();
    await page.getByRole("searchbox").fill("wiki");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    const row = page.getByRole("link", { name: /Example Wiki/ });
    await expect(row).toContainText("com.example/wiki");
    await expect(page).toHaveURL(/search=wiki/);
    expect(await accessibilityProblems(page)).toEqual([]);

    await row.click();
    await expect(page.getByRole("heading", { level: 1, name: "Example Wiki" })).toBeVisible();
    await page.getByRole("combobox", { name: "Version" }).click();
    await page.getByRole("option", { name: "1.0.0" }).click();
    await expect(page).toHaveURL(/version=1\.0\.0/);
    await page.getByRole("button", { name: "Continue" }).click();
    const space = page.getByRole("textbox", { name: "space" });
    await expect(space).toHaveAccessibleDescription(/Enter the space/);
    await expect(space).toBeFocused();
    expect(await accessibilityProblems(page)).toEqual([]);
    await space.fill("team");
    await page.getByRole("button", { name: "Continue" }).click();

    await expect(page.getByRole("textbox", { name: "Server URL" })).toHaveValue(
      "http://127.0.0.1:9/team/mcp",
    );
    await expect(page.getByRole("textbox", { name: "Name", exact: true })).toHaveValue(
      "Example Wiki",
    );
    await expect(page.getByRole("textbox", { name: "Headers" })).toHaveValue("X-Api-Key: ");
    await page.goBack();
    await expect(page.getByRole("heading", { level: 1, name: "Example Wiki" })).toBeVisible();
    await page.goBack();
    await expect(page.getByRole("link", { name: /Example Wiki/ })).toBeVisible();
  } finally {
    await stage.stop();
    await stage.start();
    await registry.close();
  }
});

test("without a registry there is no link to one", async ({ people, stage }) => {
  const page = await people.visit(stage.admin, { path: "/mcp-servers/new?registry=" });
  await expect(page.getByRole("link", { name: "By hand" })).toBeVisible();
  await expect(page.getByRole("link", { name: "From the MCP registry" })).toHaveCount(0);
});
