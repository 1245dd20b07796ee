import { expect, it } from "vitest";
import { contrast, letterColor } from "@/components/mcp-servers/choice/letter-color";
import { vendorServers } from "@/lib/catalogue/catalogue";

it("the letter on a tile is readable on every vendor's colour, and on any other", () => {
  const greys = Array.from(
    { length: 256 },
    (_, grey) => `#${grey.toString(16).padStart(2, "0").repeat(3)}`,
  );
  for (const color of [...vendorServers().map((server) => server.color), ...greys]) {
    expect(contrast(color, letterColor(color)), color).toBeGreaterThanOrEqual(4.5);
  }
});
