import { expect, it } from "vitest";
import {
  contentOf,
  keptEntries,
  restoredEntries,
} from "@/components/chat/input/elicitation-content";
import { readElicitationForm } from "@/lib/contracts/elicitation/elicitation-form";

function fieldsOf(properties: Record<string, unknown>) {
  const form = readElicitationForm({ type: "object", properties });
  if (!form.ok) throw new Error(form.reason);
  return form.fields;
}

it("sends a number that was typed with a comma, and asks about an ambiguous one", () => {
  const fields = fieldsOf({ price: { type: "number" }, count: { type: "number" } });
  const { content, problems } = contentOf(fields, { price: "3,5", count: "1,234" });
  expect(content).toEqual({ price: 3.5 });
  expect([...problems.keys()]).toEqual(["count"]);
});

it("sends nothing for a field whose name every object inherits", () => {
  expect(contentOf(fieldsOf({ toString: { type: "string" } }), {}).content).toEqual({});
});

it("keeps what was typed, except possible secrets", () => {
  const fields = fieldsOf({
    city: { type: "string" },
    tags: { type: "array", items: { enum: ["a", "b"] } },
    password: { type: "string" },
    api_key: { type: "string" },
    code: { type: "string", title: "One-time code" },
    note: { type: "string", description: "Your PIN" },
  });
  const entered = {
    ...{ city: "Graz", tags: ["b"], password: "hunter2", api_key: "k-1" },
    ...{ code: "123456", note: "9876" },
  };
  const kept = keptEntries(fields, entered);
  expect(kept).not.toMatch(/hunter2|k-1|123456|9876/);
  expect(restoredEntries(fields, kept)).toEqual({ city: "Graz", tags: ["b"] });
});

it.each(["", "null", "{", '[["gone","x"]]', "[1]"])("restores nothing from %j", (kept) => {
  expect(restoredEntries(fieldsOf({ a: { type: "string" } }), kept) ?? {}).toEqual({});
});
