import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { showProblem } from "@/components/ui/fields/form-problems";
import { ProblemError } from "@/lib/queries/fetch-json";

type Values = { name: string; servers: { toolNames: string[] }[] };
const fields = ["name", "servers"] as const;

function openForm() {
  const errors: Record<string, string | undefined> = {};
  const focused: string[] = [];
  return {
    errors,
    focused,
    setError: (field: string, error: { message?: string }) => {
      errors[field] = error.message;
    },
    setFocus: (field: string) => {
      focused.push(field);
    },
  };
}

function refusal(told: Record<string, string>) {
  return new ProblemError(400, { code: "invalid_input", message: "Not saved.", fields: told });
}

describe("an API error on a form", () => {
  beforeEach(() => {
    vi.stubGlobal("requestAnimationFrame", (paint: () => void) => paint());
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("is shown at its fields, and the first one on the page gets the focus", () => {
    const form = openForm();
    const rest = showProblem<Values>(form, refusal({ servers: "Twice.", name: "Taken." }), fields);
    expect(form.errors).toEqual({ name: "Taken.", servers: "Twice." });
    expect(form.focused).toEqual(["name"]);
    expect(rest).toBeNull();
  });

  it("is shown at the field that contains the named part", () => {
    const form = openForm();
    showProblem<Values>(form, refusal({ "servers.0.toolNames": "Too many." }), fields);
    expect(form.errors).toEqual({ servers: "Too many." });
  });

  it("is not lost if the form has no such field", () => {
    const form = openForm();
    const rest = showProblem<Values>(form, refusal({ token: "Not a token." }), fields);
    expect(rest).toBe("Not a token.");
    expect(form.errors).toEqual({});
  });

  it("is reported as a whole if it names no field", () => {
    const conflict = new ProblemError(409, { code: "conflict", message: "Already set up." });
    expect(showProblem<Values>(openForm(), conflict, fields)).toBe("Already set up.");
  });
});
