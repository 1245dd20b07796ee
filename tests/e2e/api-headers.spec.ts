import { expect, test } from "@/tests/e2e/fixtures";

const paths = [
  "/api/health",
  "/api/mcp-servers",
  "/api/auth/session",
  "/api/there-is-no-such-route",
  "/api/mcp-servers/there-is-no-such-server",
];

test("every answer of the API, an error too, may load nothing and stand in no frame", async ({
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
