import { modelReadiness } from "@/lib/chat/model/model-choice";
import type { ModelEnv } from "@/lib/contracts/chat/model-name";
import { type GetStartedView, getStarted } from "@/lib/contracts/get-started";
import type { Database } from "@/lib/db/client";
import { readGetStarted } from "@/lib/db/inspection/get-started";
import { setGetStartedDismissed } from "@/lib/db/user";

interface GetStartedContext {
  db: Database;
  env: { model: ModelEnv };
  now: () => Date;
  afterResponse: (work: () => Promise<void>) => void;
}

/** An admin. `dismissedGetStarted`: pages no longer request anything. */
interface Viewer {
  id: string;
  dismissedGetStarted: boolean;
}

/** Once an admin has seen all steps done, that is stored as if they had dismissed them: nothing asks again. */
export async function viewGetStarted(
  { db, env, now, afterResponse }: GetStartedContext,
  { id, dismissedGetStarted }: Viewer,
): Promise<GetStartedView> {
  const at = now();
  const { models, ...facts } = await readGetStarted(db, { userId: id, now: at, env: env.model });
  const view = getStarted({ ...facts, model: modelReadiness(models) }, dismissedGetStarted);
  if (view.reason === "finished" && !dismissedGetStarted) {
    afterResponse(() => setGetStartedDismissed(db, id, at));
  }
  return view;
}

export async function dismissGetStarted(
  ctx: GetStartedContext,
  { id }: Pick<Viewer, "id">,
  dismissed: boolean,
): Promise<GetStartedView> {
  await setGetStartedDismissed(ctx.db, id, dismissed ? ctx.now() : null);
  return viewGetStarted(ctx, { id, dismissedGetStarted: dismissed });
}
