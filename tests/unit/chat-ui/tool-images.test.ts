import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  imageSize,
  imageWords,
  readToolImage,
  toolImages,
} from "@/components/chat/tool-images/read-tool-image";
import { gifHeader, jpegHeader, png, pngHeader, webpHeader } from "@/tests/support/images";

const image = (bytes: string, mimeType = "image/png") => ({
  ...{ type: "image", mimeType, data: btoa(bytes) },
});

describe("the size of an image", () => {
  it.each([
    ["image/png", png(640, 3)],
    ["image/jpeg", jpegHeader(640, 3)],
    ["image/gif", gifHeader(640, 3)],
    ["image/webp", webpHeader("VP8X", 640, 3)],
    ["image/webp", webpHeader("VP8L", 640, 3)],
    ["image/webp", webpHeader("VP8 ", 640, 3)],
  ])("is read from the bytes of %s", (type, bytes) => {
    expect(imageSize(bytes)).toEqual({ type, width: 640, height: 3 });
  });

  it("is not read from anything else, nor from a picture without pixels", () => {
    for (const bytes of ["", "<svg xmlns='x'/>", "BM", "\xff\xd8\xff", png(4, 4).slice(0, 8)]) {
      expect(imageSize(bytes)).toBeNull();
    }
    expect(imageSize(pngHeader(0, 10))).toBeNull();
  });

  it("is computed in finite time on any bytes", () => {
    const begins = fc.constantFrom("\xff\xd8\xff", "RIFF0000WEBPVP8L", "GIF89a", "\x89PNG\r\n");
    const rest = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(begins, rest, (begin, bytes) => {
        const size = imageSize(begin + String.fromCharCode(...bytes));
        expect(size === null || (size.width > 0 && size.height > 0)).toBe(true);
      }),
    );
  });
});

describe("an image in a tool's answer", () => {
  it("is drawn as its bytes say, whatever pixel type it was sent as", () => {
    expect(readToolImage(image(gifHeader(2, 2), "IMAGE/PNG"))).toMatchObject({
      kind: "image",
      url: expect.stringMatching(/^data:image\/gif;base64,/),
      width: 2,
    });
  });

  it("is never a document, whatever it is called", () => {
    expect(readToolImage(image("<svg onload='alert(1)'/>", "image/svg+xml"))).toBeNull();
    expect(readToolImage(image("<svg onload='alert(1)'/>", "image/png"))).toMatchObject({
      problem: "broken",
    });
    expect(readToolImage({ type: "text", mimeType: "image/png", data: btoa(png(1, 1)) })).toBe(
      null,
    );
  });

  it("says that it is broken or too large, so that no one looks for it", () => {
    expect(readToolImage({ type: "image", mimeType: "image/png", data: "not base64!" })).toEqual({
      ...{ kind: "no-image", problem: "broken", alt: "" },
    });
    expect(readToolImage(image(pngHeader(60_000, 60_000)))).toMatchObject({
      problem: "too-large",
    });
    expect(
      readToolImage({ type: "image", mimeType: "image/png", omitted: "too-large" }),
    ).toMatchObject({ problem: "too-large" });
  });

  it("is found in an embedded resource too", () => {
    const resource = { uri: "file:///plan.png", mimeType: "image/png", blob: btoa(png(1, 1)) };
    expect(
      toolImages({
        content: [
          { type: "text", text: "Hi" },
          { type: "resource", resource },
        ],
      }),
    ).toMatchObject([{ kind: "image", alt: "file:///plan.png" }]);
    for (const output of [undefined, null, "odd", {}, { content: "odd" }]) {
      expect(toolImages(output)).toEqual([]);
    }
  });

  it("is labelled with its server's words, in one bounded line, otherwise by its position", () => {
    const named = readToolImage({ ...image(png(1, 1)), name: `a\n\u202eb${"x".repeat(500)}` });
    expect(named?.alt).toHaveLength(80);
    expect(named?.alt).not.toMatch(/[\n\u202e]/);
    const nameless = readToolImage(image(png(1, 1)));
    expect(nameless && imageWords(nameless, 1, "Draw")).toBe("Image 2 from Draw");
  });
});

it("finds the good images alongside anything else a server answers", () => {
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        type: fc.constantFrom("image", "resource", 7),
        mimeType: fc.oneof(fc.constant("image/png"), fc.jsonValue()),
        data: fc.jsonValue(),
        name: fc.jsonValue(),
        resource: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(fc.array(odd), (content) => {
      const good = image(png(1, 1));
      const found = toolImages({ content: [...content, good], truncated: false });
      expect(found.at(-1)).toMatchObject({ kind: "image", width: 1, height: 1 });
    }),
  );
});
