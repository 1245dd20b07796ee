import type { Sealed } from "@/lib/vault/sealed-box";
import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database } from "../client";
import type { ModelProvider } from "../generated/client";
import { isUniqueViolation } from "../unique-violation";

export type ModelProviderRow = ModelProvider;

export function listModelProviders(db: Database): Promise<ModelProviderRow[]> {
  return db.modelProvider.findMany({ orderBy: { name: "asc" } });
}

export function findModelProvider(db: Database, name: string): Promise<ModelProviderRow | null> {
  return db.modelProvider.findUnique({ where: { name } });
}

export interface ModelProviderColumns {
  id: string;
  kind: string;
  name: string;
  baseUrl: string | null;
  apiKeySealed: Sealed | null;
}

export async function insertModelProvider(
  db: Database,
  columns: ModelProviderColumns,
  event: NewAuditEvent,
): Promise<ModelProviderRow | "name_taken"> {
  try {
    return await db.$transaction(async (tx) => {
      const row = await tx.modelProvider.create({ data: columns });
      await insertAuditEvent(db, event, tx);
      return row;
    });
  } catch (error) {
    if (isUniqueViolation(error)) return "name_taken";
    throw error;
  }
}

/** The result of its last test is deleted. Null: another person changed it, or it is gone. */
export function updateModelProvider(
  db: Database,
  { id, version }: Pick<ModelProviderRow, "id" | "version">,
  change: { baseUrl?: string | null; apiKeySealed?: Sealed | null; enabled?: boolean },
  eventsOf: (row: ModelProviderRow) => NewAuditEvent[],
): Promise<ModelProviderRow | null> {
  return db.$transaction(async (tx) => {
    const [row] = await tx.modelProvider.updateManyAndReturn({
      where: { id, version },
      data: {
        ...change,
        ...{ version: { increment: 1 } },
        ...{ testedAt: null, testedModel: null, testedMs: null, testError: null },
      },
    });
    if (!row) return null;
    for (const event of eventsOf(row)) await insertAuditEvent(db, event, tx);
    return row;
  });
}

/**
 * With the models that it was offered for.
 * @param eventOf their names, as what the audit records
 * @returns false: there is no such provider
 */
export function deleteModelProvider(
  db: Database,
  name: string,
  options: { keepModels: boolean },
  eventOf: (models: string[]) => NewAuditEvent,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.modelProvider.deleteMany({ where: { name } });
    if (count === 0) return false;
    const where = { name: { startsWith: `${name}/` } };
    const select = { name: true } as const;
    const models = options.keepModels ? [] : await tx.offeredModel.findMany({ where, select });
    if (models.length > 0) await tx.offeredModel.deleteMany({ where });
    const names = models.map((model) => model.name);
    await insertAuditEvent(db, eventOf(names), tx);
    return true;
  });
}

export interface ModelTestColumns {
  testedAt: Date;
  testedModel: string;
  testedMs: number | null;
  testError: string | null;
}

/** For this exact configuration; one changed in the meantime is not affected. */
export async function saveModelTest(
  db: Database,
  { id, version }: Pick<ModelProviderRow, "id" | "version">,
  test: ModelTestColumns,
): Promise<void> {
  await db.modelProvider.updateMany({ where: { id, version }, data: test });
}
