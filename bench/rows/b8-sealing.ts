import { spawnSync } from "node:child_process";
import { bundle } from "../bundle.mjs";
import { Child } from "../child";
import { interleave } from "../interleave";
import type { Sealer, SealingProcess, Work } from "../processes/sealing";
import { perSecond } from "../rounds";
import type { Figure, Row } from "../row";
import { ratios, spread } from "../statistics";

type Variant = Sealer | "openssl";

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
        const rates = await interleave<Variant, number>(
          {
            usher: rate("usher"),
            node: rate("node"),
            webCrypto: rate("webCrypto"),
            webCryptoTogether: rate("webCryptoTogether"),
            openssl: async () => opensslRate(what),
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

function figuresOf(what: Work, rates: Record<Variant, number[]>): Figure[] {
  const bestOfWebCrypto = rates.webCrypto.map((rate, round) =>
    Math.max(rate, rates.webCryptoTogether[round] ?? 0),
  );
  const figure = (against: string, peer: number[], bar: Figure["bar"]): Figure => ({
    what: `${what === "seal" ? "seals" : "opens"}/s`,
    against,
    value: spread(ratios(rates.usher, peer)),
    unit: "×",
    bar,
    detail: `${perSecond(rates.usher)} : ${perSecond(peer)}`,
  });
  return [
    figure("WebCrypto, one by one or 64 at once, whichever is faster", bestOfWebCrypto, {
      atLeast: what === "seal" ? 2.5 : 4,
    }),
    figure("node:crypto bare, key at hand, no text form", rates.node, { atLeast: 0.5 }),
    figure("openssl speed", rates.openssl, null),
  ];
}

/** Blocks of 2 KB a second, of one core, in C. */
function opensslRate(what: Work): number {
  const decrypt = what === "open" ? ["-decrypt"] : [];
  const { stdout, error } = spawnSync(
    "openssl",
    ["speed", "-mr", "-seconds", "1", "-bytes", "2048", ...decrypt, "-evp", "aes-256-gcm"],
    { encoding: "utf8" },
  );
  if (error) throw error;
  // +F:<number>:<name>:<bytes a second>
  const bytes = Number(/^\+F:.*:([\d.]+)$/m.exec(stdout)?.[1]);
  return bytes / 2048;
}

const method =
  "2,048 bytes of text. Usher seals under a per-record key derived by HKDF, binds the box to its table, column and row, and writes it as text in base64url; opening checks that the text is the canonical one. The peers have their key imported beforehand and give or take bytes; node:crypto reads and gives text as Usher does when it opens. All draw a new random nonce for each box. `openssl speed` sets no nonce and checks no tag: it is what the processor can do.";
