import type { Sealed } from "@/lib/vault/sealed-box";
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
): Promise<ModelProviderRow | "name_taken"> {
  try {
    return await db.modelProvider.create({ data: columns });
  } catch (error) {
    if (isUniqueViolation(error)) return "name_taken";
    throw error;
  }
}

/** The result of its last test is deleted. Null: another person changed it, or it is gone. */
export async function updateModelProvider(
  db: Database,
  { id, version }: Pick<ModelProviderRow, "id" | "version">,
  change: { baseUrl?: string | null; apiKeySealed?: Sealed | null; enabled?: boolean },
): Promise<ModelProviderRow | null> {
  const [row] = await db.modelProvider.updateManyAndReturn({
    where: { id, version },
    data: {
      ...change,
      ...{ version: { increment: 1 } },
      ...{ testedAt: null, testedModel: null, testedMs: null, testError: null },
    },
  });
  return row ?? null;
}

/** With the models that it was offered for. @returns their names; null: there is no such provider */
export function deleteModelProvider(
  db: Database,
  name: string,
  options: { keepModels: boolean },
): Promise<string[] | null> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.modelProvider.deleteMany({ where: { name } });
    if (count === 0) return null;
    if (options.keepModels) return [];
    const where = { name: { startsWith: `${name}/` } };
    const models = await tx.offeredModel.findMany({ where, select: { name: true } });
    await tx.offeredModel.deleteMany({ where });
    return models.map((model) => model.name);
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
