import { readFile } from "node:fs/promises";
import pLimit from "p-limit";
import { expect, test } from "@/tests/e2e/fixtures";
import { rawRequest } from "@/tests/e2e/raw-request";

const escapes = ["%zz", "%", "%00", "%ff", "%c3%28", "a%00b", "%ed%a0%80"];

test("no path or query with malformed escapes breaks a route or a page of the build", async ({
  people,
  stage,
}) => {
  test.setTimeout(240_000);
  const api = await people.api(stage.admin);
  const { cookies } = await api.storageState();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const manifest = await readFile(".next/app-path-routes-manifest.json", "utf8");
  const paths = Object.values(JSON.parse(manifest) as Record<string, string>).filter(
    // Next's own error page has its status.
    (path) => path !== "/_global-error",
  );
  const asked = paths.flatMap((path) =>
    escapes.flatMap((written) => {
      const plain = path.replace(/\[[^\]]+\]/g, "x");
      const filled = path.replace(/\[[^\]]+\]/g, written);
      return [
        `${plain}?x=${written}&${written}=1&state=${written}`,
        ...(filled === path ? [] : [filled]),
      ];
    }),
  );
  const broken: string[] = [];
  await pLimit(6).map(asked, async (path) => {
    const headers = { cookie, host: new URL(stage.url).host };
    const { status } = await rawRequest(stage.url, path, { headers });
    if (status >= 500) broken.push(`${path}: ${status}`);
  });
  expect(broken).toEqual([]);
  expect(asked.length).toBeGreaterThan(paths.length * escapes.length);
});
