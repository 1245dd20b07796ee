import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  changedSettings,
  readSettings,
  type SettingDefinitions,
  settingInputs,
  settingsToStore,
  settingText,
} from "@/lib/contracts/servers/settings";

const definitions = {
  seconds: {
    ...{ kind: "number", label: "Patience", hint: "How long.", unit: "seconds" },
    ...{ min: 5, max: 60, default: 10 },
  },
  polite: { kind: "switch", label: "Polite", hint: "Says please.", default: true },
} as const satisfies SettingDefinitions;

const problemsOf = (input: unknown) =>
  z
    .object(settingInputs(definitions))
    .safeParse(input)
    .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("the settings of a server", () => {
  it("have their defaults if nothing is stored", () => {
    expect(readSettings(definitions, {})).toEqual({ seconds: 10, polite: true });
  });

  it("are read one by one: an invalid stored value counts as the default", () => {
    const stored = { seconds: "soon", polite: false, gone: 1 };
    expect(readSettings(definitions, stored)).toEqual({ seconds: 10, polite: false });
    for (const odd of [null, undefined, 7, "text", [1]]) {
      expect(readSettings(definitions, odd)).toEqual({ seconds: 10, polite: true });
    }
  });

  it("are stored only if they differ from their defaults, so that a new default reaches everyone", () => {
    expect(settingsToStore(definitions, {}, { seconds: 20, polite: true })).toEqual({
      seconds: 20,
    });
    expect(settingsToStore(definitions, { seconds: 20 }, { seconds: 10 })).toEqual({});
  });

  it("stay unchanged if an edit omits them", () => {
    const stored = { seconds: 20 };
    expect(settingsToStore(definitions, stored, undefined)).toEqual({ seconds: 20 });
    expect(settingsToStore(definitions, stored, { polite: false })).toEqual({
      ...{ seconds: 20, polite: false },
    });
  });

  it("are rejected by name, with the allowed values", () => {
    const message = "seconds: Enter a whole number from 5 to 60.";
    for (const seconds of [4, 61, 7.5, "", "soon", Number.NaN, null, "20"]) {
      expect(problemsOf({ seconds }), `${seconds}`).toEqual([message]);
    }
    expect(problemsOf({ polite: "yes" })).toEqual(["polite: Send true or false."]);
    expect(problemsOf({ seconds: 60 })).toBeUndefined();
  });

  it("read in plain words", () => {
    expect(settingText(definitions.seconds, 20)).toBe("20 seconds");
    expect(settingText(definitions.polite, false)).toBe("Off");
    expect(changedSettings(definitions, { seconds: 10, polite: false })).toEqual({ polite: false });
  });
});
