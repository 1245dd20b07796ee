import { expect, test } from "@/tests/e2e/fixtures";

const paths = [
  "/api/health",
  "/api/mcp-servers",
  "/api/auth/session",
  "/api/there-is-no-such-route",
  "/api/mcp-servers/there-is-no-such-server",
];

test("no answer of the API, not even an error, may load anything or be framed", async ({
  people,
  stage,
}) => {
  const admin = await people.api(stage.admin);
  for (const path of paths) {
    const headers = (await admin.get(path)).headers();
    expect(headers["content-security-policy"], path).toMatch(
      /^default-src 'none'; frame-ancestors/,
    );
    expect(headers["x-content-type-options"], path).toBe("nosniff");
    expect(headers["x-frame-options"], path).toBe("DENY");
  }
});
