import { bundle } from "../bundle.mjs";
import { Child } from "../child";
import { type Figure, perSecond, ratioFigure } from "../figures";
import type { Sealer, SealingProcess, Work } from "../processes/sealing";
import { interleave, type Row } from "../row";

/** What it costs to keep a secret of the size of a large token sealed. */
export const sealingRow: Row = {
  name: "B8",
  title: "Sealing and opening 2 KB",
  async run({ quick, say }) {
    const file = await bundle("usher", ["processes/sealing"]);
    const process = await Child.start<SealingProcess>(file("processes/sealing"));
    try {
      await process.run("check");
      const times = quick ? 2_048 : 16_384;
      const figures: Figure[] = [];
      for (const what of ["seal", "open"] as const) {
        say(what);
        const rate = (sealer: Sealer) => () => process.run("rate", { sealer, what, times });
        const rates = await interleave(
          {
            usher: rate("usher"),
            node: rate("node"),
            webCrypto: rate("webCrypto"),
            webCryptoTogether: rate("webCryptoTogether"),
          },
          quick ? { warmUps: 1, rounds: 3 } : { warmUps: 3, rounds: 15 },
        );
        figures.push(...figuresOf(what, rates));
      }
      return { figures, method };
    } finally {
      await process.stop();
    }
  },
};

function figuresOf(what: Work, rates: Record<Sealer, number[]>): Figure[] {
  const bestOfWebCrypto = rates.webCrypto.map((rate, round) =>
    Math.max(rate, rates.webCryptoTogether[round] ?? 0),
  );
  const figure = (against: string, peer: number[], atLeast: number) =>
    ratioFigure({
      ...{ what: `${what}s/s`, against, of: [rates.usher, peer], words: perSecond },
      bar: { atLeast },
    });
  return [
    figure(
      "WebCrypto, one by one or 64 at once, whichever is faster",
      bestOfWebCrypto,
      what === "seal" ? 2.5 : 4,
    ),
    figure("node:crypto bare, key at hand, no text form", rates.node, 0.5),
  ];
}

const method =
  "2,048 bytes of text. Usher seals under a per-record key derived by HKDF, binds the box to its table, column and row, and writes it as text in base64url; opening checks that the text is the canonical one. The peers have their key imported beforehand and give or take bytes; node:crypto reads and gives text as Usher does when it opens. All draw a new random nonce for each box.";
