import type * as z from "zod";
import { modelProblem } from "@/lib/chat/model/model";
import type {
  ModelsView,
  OfferedModelChange,
  OfferedModelView,
  offeredModelInput,
} from "@/lib/contracts/models";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import { readModelSetup } from "@/lib/db/models/model-setup";
import {
  deleteOfferedModel,
  findOfferedModel,
  insertOfferedModel,
  setDefaultModel,
  updateOfferedModel,
} from "@/lib/db/models/offered-model";
import { InvalidInputError, NotFoundError } from "@/lib/errors";
import type { Admin, ModelsContext } from "./context";
import { viewModels, viewOfferedModel } from "./view-models";

/** @throws InvalidInputError (field `name`) no provider has it, or it is offered already */
export async function offerModel(
  ctx: ModelsContext,
  admin: Admin,
  input: z.output<typeof offeredModelInput>,
): Promise<OfferedModelView> {
  const setup = await readModelSetup(ctx.db, ctx.env.model);
  const problem = modelProblem(input.name, setup);
  if (problem !== null) throw new InvalidInputError({ name: problem });
  const row = await insertOfferedModel(ctx.db, input);
  if (row === "name_taken") {
    throw new InvalidInputError({ name: "This model is offered already. Change it instead." });
  }
  const { name: model, audience } = row;
  await record(ctx, admin, "model.offer", { model, audience });
  if (row.isDefault) await record(ctx, admin, "model.set-default", { model });
  return viewOfferedModel(row, setup);
}

/** @throws InvalidInputError (field `audience`) it is the default; NotFoundError */
export async function changeOfferedModel(
  ctx: ModelsContext,
  admin: Admin,
  id: string,
  change: OfferedModelChange,
): Promise<OfferedModelView> {
  const row = await updateOfferedModel(ctx.db, id, change);
  if (!row) {
    if ((await findOfferedModel(ctx.db, id)) === null) throw gone();
    throw new InvalidInputError({
      audience: "The default answers everybody. Choose another default first.",
    });
  }
  await record(ctx, admin, "model.change", { model: row.name, audience: row.audience });
  return viewOfferedModel(row, await readModelSetup(ctx.db, ctx.env.model));
}

/** Conversations and assistants that used it continue with the default. @throws NotFoundError */
export async function withdrawModel(ctx: ModelsContext, admin: Admin, id: string): Promise<void> {
  const row = await deleteOfferedModel(ctx.db, id);
  if (!row) throw gone();
  await record(ctx, admin, "model.withdraw", { model: row.name });
}

/** @param id null: none @throws InvalidInputError (field `id`) it is gone, or for admins only */
export async function chooseDefaultModel(
  ctx: ModelsContext,
  admin: Admin,
  id: string | null,
): Promise<ModelsView> {
  const row = await setDefaultModel(ctx.db, id);
  if (id !== null && !row) {
    throw new InvalidInputError({
      id: "The default must be a model that is offered to everyone. Reload the page, then choose one.",
    });
  }
  await record(ctx, admin, "model.set-default", { model: row?.name ?? null });
  return viewModels(ctx);
}

function gone(): NotFoundError {
  return new NotFoundError("This model is not offered any more.");
}

function record(
  { db }: ModelsContext,
  admin: Admin,
  action: string,
  details: Record<string, string | null>,
): Promise<void> {
  return insertAuditEvent(db, { action, ...by(admin), details });
}
