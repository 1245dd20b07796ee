import { describe, expect, it } from "vitest";
import { readToolResult } from "@/components/chat/tool-calls/tool-call-text";
import { png } from "@/tests/support/images";

function pieces(...content: Record<string, unknown>[]) {
  return readToolResult({ content, truncated: false }).pieces;
}

describe("a tool's answer", () => {
  it("is shown as it came if it is text, and indented if it is JSON", () => {
    expect(pieces({ type: "text", text: "# Notes\n" }, { type: "text", text: '{"a":1}' })).toEqual([
      { kind: "text", text: "# Notes\n", title: null },
      { kind: "text", text: '{\n  "a": 1\n}', title: null },
    ]);
  });

  it("is not changed if it only starts like JSON", () => {
    expect(pieces({ type: "text", text: "[x] done" })).toEqual([
      { kind: "text", text: "[x] done", title: null },
    ]);
  });

  it("draws pixel images, and names those that can contain scripts", () => {
    const data = btoa(png(2, 3));
    expect(pieces({ type: "image", mimeType: "image/png", data })).toEqual([
      {
        kind: "image",
        image: {
          ...{ kind: "image", url: `data:image/png;base64,${data}`, width: 2, height: 3 },
          alt: "",
        },
      },
    ]);
    const [svg] = pieces({ type: "image", mimeType: "image/svg+xml", data: "PHN2Zz4=" });
    expect(svg).toEqual({ kind: "mention", title: "image · image/svg+xml", url: null });
    const [page] = pieces({ type: "image", mimeType: "text/html", data: "PGI+" });
    expect(page?.kind).toBe("mention");
  });

  it("links only web addresses", () => {
    const link = (uri: string) => pieces({ type: "resource_link", name: "it", uri })[0];
    expect(link("https://wiki.example.com/a")).toMatchObject({ url: "https://wiki.example.com/a" });
    for (const uri of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https:"]) {
      expect(link(uri)).toMatchObject({ kind: "mention", url: null });
    }
  });

  it("shows the text of an embedded resource below its URI", () => {
    const resource = { uri: "file:///notes.md", text: "Buy milk" };
    expect(pieces({ type: "resource", resource })).toEqual([
      { kind: "text", text: "Buy milk", title: "file:///notes.md" },
    ]);
  });

  it("falls back to structured content, and then to anything else", () => {
    const structured = { content: [], structuredContent: { files: [] }, truncated: true };
    expect(readToolResult(structured)).toEqual({
      pieces: [{ kind: "text", text: '{\n  "files": []\n}', title: null }],
      truncated: true,
    });
    expect(readToolResult("odd").pieces).toEqual([{ kind: "text", text: '"odd"', title: null }]);
    expect(readToolResult(undefined).pieces).toEqual([{ kind: "text", text: "", title: null }]);
  });
});
