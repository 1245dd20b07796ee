import type * as z from "zod";
import { modelProblem } from "@/lib/chat/model/model";
import type {
  ModelsView,
  OfferedModelChange,
  OfferedModelView,
  offeredModelInput,
} from "@/lib/contracts/models";
import { by, type NewAuditEvent } from "@/lib/db/audit-event";
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
  const row = await insertOfferedModel(ctx.db, input, ({ name: model, audience, isDefault }) => [
    modelEvent(admin, "model.offer", { model, audience }),
    ...(isDefault ? [modelEvent(admin, "model.set-default", { model })] : []),
  ]);
  if (row === "name_taken") {
    throw new InvalidInputError({ name: "This model is offered already. Change it instead." });
  }
  return viewOfferedModel(row, setup);
}

/** @throws InvalidInputError (field `audience`) it is the default; NotFoundError */
export async function changeOfferedModel(
  ctx: ModelsContext,
  admin: Admin,
  id: string,
  change: OfferedModelChange,
): Promise<OfferedModelView> {
  const row = await updateOfferedModel(ctx.db, id, change, ({ name: model, audience }) =>
    modelEvent(admin, "model.change", { model, audience }),
  );
  if (!row) {
    if ((await findOfferedModel(ctx.db, id)) === null) throw gone();
    throw new InvalidInputError({
      audience: "The default answers everybody. Choose another default first.",
    });
  }
  return viewOfferedModel(row, await readModelSetup(ctx.db, ctx.env.model));
}

/** Conversations and assistants that used it continue with the default. @throws NotFoundError */
export async function withdrawModel(ctx: ModelsContext, admin: Admin, id: string): Promise<void> {
  const deleted = await deleteOfferedModel(ctx.db, id, ({ name: model }) =>
    modelEvent(admin, "model.withdraw", { model }),
  );
  if (!deleted) throw gone();
}

/** @param id null: none @throws InvalidInputError (field `id`) it is gone, or for admins only */
export async function chooseDefaultModel(
  ctx: ModelsContext,
  admin: Admin,
  id: string | null,
): Promise<ModelsView> {
  const chosen = await setDefaultModel(ctx.db, id, (row) =>
    modelEvent(admin, "model.set-default", { model: row?.name ?? null }),
  );
  if (!chosen) {
    throw new InvalidInputError({
      id: "The default must be a model that is offered to everyone. Reload the page, then choose one.",
    });
  }
  return viewModels(ctx);
}

function gone(): NotFoundError {
  return new NotFoundError("This model is not offered any more.");
}

function modelEvent(
  admin: Admin,
  action: string,
  details: Record<string, string | null>,
): NewAuditEvent {
  return { action, ...by(admin), details };
}
