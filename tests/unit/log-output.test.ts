import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";

const writes = `
  import { createLog, outliveOutput } from "@/lib/log";
  outliveOutput();
  const log = createLog("info");
  for (let n = 0; n < 3; n++) {
    log.info({ n }, "a line");
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.stderr.write("still here");
`;

describe.skipIf(!existsSync("/dev/full"))("a log that cannot be written", () => {
  it("neither ends nor blocks the process", async () => {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", writes],
      { stdio: ["ignore", openSync("/dev/full", "w"), "pipe"] },
    );
    const [said, [code]] = await Promise.all([
      text(child.stderr as NodeJS.ReadableStream),
      once(child, "exit"),
    ]);
    expect({ said, code }).toEqual({ said: "still here", code: 0 });
  });
});
