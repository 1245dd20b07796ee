import {
  type NoticeMail,
  type NoticeMailChoice,
  noticeMailOf,
} from "@/lib/contracts/notices/notice-mail";
import type { Role } from "@/lib/contracts/people/person";
import type { Database } from "@/lib/db/client";
import { saveNoticeMail } from "@/lib/db/notices/notice-mail";
import { findUserById } from "@/lib/db/user";

type Person = { id: string; role: Role };

/** Their own, or their role's default. */
export async function readNoticeMail(
  { db }: { db: Database },
  { id, role }: Person,
): Promise<NoticeMailChoice> {
  const user = await findUserById(db, id);
  return { noticeMail: noticeMailOf(user?.noticeMail ?? null, role) };
}

export async function changeNoticeMail(
  ctx: { db: Database; now: () => Date },
  person: Person,
  noticeMail: NoticeMail,
): Promise<void> {
  const before = await readNoticeMail(ctx, person);
  const wasTold = before.noticeMail === "AT_ONCE" && noticeMail === "DAILY";
  await saveNoticeMail(ctx.db, person.id, noticeMail, wasTold ? ctx.now() : null);
}
